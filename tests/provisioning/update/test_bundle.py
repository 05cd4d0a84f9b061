"""This file proves that a bundle holds what a real release holds, and that no other costs much."""

from __future__ import annotations

import io
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.errors import BadInput
from provisioning.update import bundle, plain_tar


def test_a_wheel_with_a_long_name_is_carried(tmp_path: Path) -> None:
    """Names of wheels pass a hundred letters, where the oldest kind of tar ends."""
    wheel = "wheels/markupsafe-3.0.4-cp313-cp313-" + "manylinux2014_aarch64." * 4 + "whl"
    assert len(wheel) > 100
    source, out, key = tmp_path / "wheel", tmp_path / "a.hien", Ed25519PrivateKey.generate()
    source.write_bytes(b"a wheel")
    bundle.write(out, ("0.2.0", "0.1.0", False), [(wheel, source)], key)
    bundle.unpack(out, [key.public_key()], tmp_path / "slot")
    assert (tmp_path / "slot" / wheel).read_bytes() == b"a wheel"


def _header(name: str, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def _chain(kind: bytes) -> bytes:
    """Thousands of headers, each about the next."""
    body = b"20 path=manifest.js\n" if kind == tarfile.XHDTYPE else b"manifest.json\0"
    return (_header("x", kind, len(body)) + body.ljust(512, b"\0")) * 3000


def _large(kind: bytes) -> bytes:
    """One header that says it is large, and is."""
    return _header("x", kind, 40 << 20) + bytes(40 << 20)


EVIL = {
    "a chain of pax headers": lambda: _chain(tarfile.XHDTYPE),
    "a chain of long names": lambda: _chain(tarfile.GNUTYPE_LONGNAME),
    "a large pax header": lambda: _large(tarfile.XHDTYPE),
    "a large global header": lambda: _large(tarfile.XGLTYPE),
    "a large long name": lambda: _large(tarfile.GNUTYPE_LONGNAME),
    "a large manifest": lambda: (
        _header("manifest.json", tarfile.REGTYPE, 40 << 20) + bytes(40 << 20)
    ),
    "a size below nothing": lambda: _below_nothing(),
    "a size beyond any file": lambda: _header("manifest.json", tarfile.REGTYPE, 1 << 80),
    "a sparse file": lambda: _header("manifest.json", tarfile.GNUTYPE_SPARSE, 10) + bytes(512),
    "nothing": lambda: b"",
    "one short block": lambda: b"manifest.json",
}


def _below_nothing() -> bytes:
    """tarfile reads such a size; it writes none."""
    raw = bytearray(_header("manifest.json", tarfile.REGTYPE, 0))
    raw[124:136] = b"\xff" * 11 + b"\x00"
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
@pytest.mark.parametrize("after", ["nothing", "what was signed"])
def test_headers_of_a_stranger_cost_nothing(
    tmp_path: Path, evil: Callable[[], bytes], after: str
) -> None:
    """Neither before the signature nor behind it, where a true one was copied to: refused in words,
    with less memory than a manifest may have."""
    key, source, path = Ed25519PrivateKey.generate(), tmp_path / "x", tmp_path / "x.hien"
    source.write_bytes(b"x")
    bundle.write(path, ("0.2.0", "0.1.0", False), [("a.py", source)], key)
    with tarfile.open(path) as tar:
        first_file = tar.getmembers()[2].offset
    true = path.read_bytes()[:first_file] if after == "what was signed" else b""
    path.write_bytes(true + evil())
    tracemalloc.start()
    try:
        with pytest.raises(BadInput):
            if not true:
                bundle.read_manifest(path, [key.public_key()])
            bundle.unpack(path, [key.public_key()], tmp_path / "slot")
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert not list((tmp_path / "slot").rglob("*"))


def test_a_pipe_in_the_inbox_holds_nobody_up(tmp_path: Path) -> None:
    """A room may write there; root would wait for the other end until the night's time is over."""
    os.mkfifo(tmp_path / "x.hien")
    with pytest.raises(BadInput):
        bundle.read_manifest(tmp_path / "x.hien", [Ed25519PrivateKey.generate().public_key()])


def test_what_tarfile_writes_is_read_as_tarfile_reads_it(tmp_path: Path) -> None:
    """Names and bodies of every length around a block."""
    path = tmp_path / "a.tar"
    wanted = [("n" * (90 + n), bytes([n]) * (500 + n)) for n in range(30)]
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, body in wanted:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    with path.open("rb") as file:
        reader, found = plain_tar.Reader(file), []
        while (member := reader.next()) is not None:
            found.append((member.name, b"".join(iter(lambda: reader.read(100), b""))))
    assert found == wanted
