"""This file opens a sealed dossier with the ward's identity, which never leaves its machine."""

from __future__ import annotations

import io
import os
import re
import tarfile
from pathlib import Path

import pyrage

from ward.enrol.authority import write

_SECRET = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")
_MEMBER = re.compile(r"(papers\.json|dossier\.pdf|pages/[0-9]{2}-[a-z0-9-]{1,40}\.jpg\.age)")
MEMBERS_MOST = 200


class CannotOpen(ValueError):
    """The message says what to do next."""


def make_identity(path: Path) -> str:
    """A new identity in a file only its owner can read; the recipient to give to houses."""
    if path.exists():
        raise CannotOpen(f"there is a file {path} already; it was left as it is")
    identity = pyrage.x25519.Identity.generate()
    text = f"# recipient: {identity.to_public()}\n{identity}\n"
    write(path, text.encode(), 0o600)
    return str(identity.to_public())


def read_identity(path: Path) -> pyrage.x25519.Identity:
    try:
        found = _SECRET.search(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise CannotOpen(f"the identity file {path} cannot be read: {error}") from error
    if found is None:
        raise CannotOpen(f"there is no age identity in {path}")
    return pyrage.x25519.Identity.from_str(found.group(0))


def unsealed(sealed: bytes, identity: pyrage.x25519.Identity) -> dict[str, bytes]:
    """What is in a dossier, in memory: papers.json, dossier.pdf, pages-NN-<paper>.jpg.

    Raises CannotOpen: it is not for this identity, or damaged.
    """
    try:
        clear = bytes(pyrage.decrypt(sealed, [identity]))
        found: dict[str, bytes] = {}
        with tarfile.open(fileobj=io.BytesIO(clear)) as tar:
            for member in tar.getmembers()[:MEMBERS_MOST]:
                if not member.isfile() or not _MEMBER.fullmatch(member.name):
                    continue  # a house may be in strange hands: only names of ours, no paths
                stream = tar.extractfile(member)
                data = stream.read() if stream is not None else b""
                name = member.name.replace("/", "-")
                if name.endswith(".age"):
                    name, data = name.removesuffix(".age"), _page(data, identity)
                found[name] = data
    except pyrage.DecryptError as error:
        raise CannotOpen("this identity does not open it, or it is damaged") from error
    except (tarfile.TarError, EOFError) as error:
        raise CannotOpen("what was sealed is not a dossier") from error
    return found


def open_into(sealed: bytes, identity: pyrage.x25519.Identity, folder: Path) -> list[Path]:
    """Lay what is in the dossier into a new folder only its owner can read; the files.

    Pages that were sealed one by one come out as pictures. Raises CannotOpen.
    """
    found = unsealed(sealed, identity)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for name, data in found.items():
        with os.fdopen(
            os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as f:
            f.write(data)
    return [folder / name for name in found]


def _page(sealed: bytes, identity: pyrage.x25519.Identity) -> bytes:
    try:
        return bytes(pyrage.decrypt(sealed, [identity]))
    except pyrage.DecryptError as error:
        raise CannotOpen("a page of it was not sealed to this ward") from error
