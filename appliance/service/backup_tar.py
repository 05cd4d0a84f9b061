"""This file is a backup's tar as a stream, so that a house full of papers is never in memory."""

from __future__ import annotations

import errno
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from appliance import no_links

_BLOCK = 1 << 16


class TarStream:
    """`read()` as of a file. `parts`: (name in the tar, its bytes or where they lie)."""

    def __init__(self, parts: Iterable[tuple[str, bytes | Path]]) -> None:
        self._blocks = _blocks(parts)
        self._rest = memoryview(b"")

    def read(self, most: int) -> bytes:
        """At most `most` bytes, at least one; b"" at the end. OSError where a file changes."""
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return b""
        data, self._rest = self._rest[:most], self._rest[most:]
        return bytes(data)


def _blocks(parts: Iterable[tuple[str, bytes | Path]]) -> Iterator[bytes]:
    for name, body in parts:
        if isinstance(body, bytes):
            yield _header(name, len(body))
            yield body
            yield _padding(len(body))
        else:
            yield from _file(name, body)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _file(name: str, path: Path) -> Iterator[bytes]:
    """A page that goes with its visit meanwhile is left out, and so is a link."""
    try:
        handle = no_links.open_file(path, os.O_RDONLY)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return
        raise
    with os.fdopen(handle, "rb") as file:
        size = left = os.fstat(handle).st_size
        yield _header(name, size)
        while left:
            block = file.read(min(_BLOCK, left))
            if not block:
                raise OSError(f"{path} became shorter while it was read")
            left -= len(block)
            yield block
        yield _padding(size)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
