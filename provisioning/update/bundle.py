"""This file is the bundle: one tar with manifest, signature and files, believed in that order.

Nothing of it is unpacked before the signature over the manifest is found good, and no file is
kept that the manifest does not vouch for. Links, devices and folders are not known to it, nor
headers about headers (`plain_tar`): nobody who has not signed makes it remember much.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.errors import BadInput
from provisioning.update import keys, manifest
from provisioning.update.manifest import File, Manifest
from provisioning.update.plain_tar import Member, Reader

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
_MOST_MANIFEST_BYTES = 8 << 20
_BLOCK = 1 << 20


def write(
    path: Path,
    about: tuple[str, str, bool],
    files: Iterable[tuple[str, Path]],
    key: Ed25519PrivateKey,
) -> Manifest:
    """Make the bundle at `path` from (name in the release, file) pairs.

    `about` is (version, min_from, allow_downgrade). The same input gives the same bytes.
    """
    sources = dict(sorted(files))
    listed = {}
    for name, source in sources.items():
        with source.open("rb") as f:
            sha256 = hashlib.file_digest(f, "sha256").hexdigest()
        at = source.stat()
        listed[name] = File(sha256, at.st_size, bool(at.st_mode & 0o100))
    made = Manifest(*about, listed)
    data = made.dump()
    manifest.parse(data)  # what we sign can be read
    # Not USTAR: names of wheels are longer than its hundred signs.
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, body in ((MANIFEST, data), (SIGNATURE, key.sign(data))):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        for name, source in sources.items():
            info = tarfile.TarInfo(name)
            info.size = listed[name].size
            with source.open("rb") as f:
                tar.addfile(info, f)
    return made


def read_manifest(path: Path, trusted: list[Ed25519PublicKey]) -> Manifest:
    """The manifest, when a trusted key has signed it. Raises BadInput."""
    try:
        with _open(path) as file:
            return _signed_manifest(Reader(file), trusted)
    except (tarfile.TarError, OSError) as error:
        raise _unreadable(error) from error


def unpack(path: Path, trusted: list[Ed25519PublicKey], into: Path) -> Manifest:
    """Write every file of the bundle below `into` (a new folder). Raises BadInput.

    What was written before a fault showed is left for the caller to remove.
    """
    try:
        with _open(path) as opened:
            tar = Reader(opened)
            wanted = _signed_manifest(tar, trusted)
            left = dict(wanted.files)
            into.mkdir(parents=True)
            while (member := tar.next()) is not None:
                file = left.pop(member.name, None)
                if file is None or not member.plain or member.size != file.size:
                    raise _tampered(member.name)
                _write(tar, member, file, into / member.name)
    except (tarfile.TarError, OSError) as error:
        raise _unreadable(error) from error
    if left:
        raise _tampered(min(left))
    return wanted


def _open(path: Path) -> BinaryIO:
    """A plain file, no larger than a release can be. The inbox is the rooms': what lies there may
    be a pipe, and nobody waits for its other end."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(handle)
    most = manifest.MOST_BYTES + _MOST_MANIFEST_BYTES + 1536 * manifest.MOST_FILES
    if stat.S_ISREG(found.st_mode) and found.st_size <= most:
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise BadInput("this file is too large for a release of Hiên, or none.", code="not_a_bundle")


def _signed_manifest(tar: Reader, trusted: list[Ed25519PublicKey]) -> Manifest:
    data = _small(tar, MANIFEST, _MOST_MANIFEST_BYTES)
    keys.check(_small(tar, SIGNATURE, 64), data, trusted)
    return manifest.parse(data)


def _small(tar: Reader, name: str, most: int) -> bytes:
    member = tar.next()
    if member is None or member.name != name or not member.plain or member.size > most:
        raise BadInput("this file is not a release of Hiên.", code="not_a_bundle")
    return tar.read(most)


def _write(tar: Reader, member: Member, file: File, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as out:
        while block := tar.read(_BLOCK):
            digest.update(block)
            out.write(block)
    if digest.hexdigest() != file.sha256:
        raise _tampered(member.name)
    target.chmod(0o755 if file.program else 0o644)


def _tampered(name: str) -> BadInput:
    return BadInput(
        f"this release is not as it was signed ({name[:60]!r}). Nothing was changed. "
        "Copy the file again, from where it came.",
        code="tampered",
    )


def _unreadable(error: Exception) -> BadInput:
    return BadInput(
        f"this file cannot be read to its end ({error}). Nothing was changed. Copy it again.",
        code="not_a_bundle",
    )
