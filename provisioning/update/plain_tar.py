"""This file reads a tar of plain files, one after the other, at a price that is known before.

`tarfile` follows headers that are about headers, however many and however long: from a stick that
nobody has signed, that is recursion and memory of a stranger's choosing. Releases have plain files,
and before a name of more than a hundred letters one GNU header with that name in it.
"""

from __future__ import annotations

import tarfile
from typing import BinaryIO, NamedTuple

_MOST_NAME = 1024
_MOST_SIZE = 1 << 40
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


class Member(NamedTuple):
    """`size` in bytes. `plain`: a file, and no link, folder, device or header of another kind."""

    name: str
    size: int
    plain: bool


class Reader:
    """`next()` goes to the next member, `read()` gives what that one holds. Raises
    tarfile.TarError and OSError."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` can be sought, and is at its beginning."""
        self._file = file
        self._next_at = 0
        self._left = 0

    def next(self) -> Member | None:
        """None at the end."""
        found = self._header()
        if found is None or found.type != tarfile.GNUTYPE_LONGNAME:
            return _member(found, found.name) if found else None
        if found.size > _MOST_NAME:
            raise tarfile.ReadError("a name is too long")
        name = self.read(_MOST_NAME).rstrip(b"\0").decode("utf-8", "surrogateescape")
        found = self._header()
        if found is None:
            raise tarfile.ReadError("a name without a file")
        return _member(found, name)

    def read(self, most: int) -> bytes:
        """Up to `most` bytes of the member; b"" when it has no more."""
        wanted = min(most, self._left)
        data = self._file.read(wanted)
        if len(data) < wanted:
            raise tarfile.ReadError("unexpected end of data")
        self._left -= wanted
        return data

    def _header(self) -> tarfile.TarInfo | None:
        self._file.seek(self._next_at)
        try:
            found = tarfile.TarInfo.frombuf(
                self._file.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape"
            )
        except (tarfile.EOFHeaderError, tarfile.EmptyHeaderError):  # type: ignore[attr-defined]
            return None
        if not 0 <= found.size <= _MOST_SIZE:
            raise tarfile.ReadError("no file has such a size")
        self._left = found.size if found.type in (*_PLAIN, tarfile.GNUTYPE_LONGNAME) else 0
        self._next_at += tarfile.BLOCKSIZE * (1 + -(-self._left // tarfile.BLOCKSIZE))
        return found


def _member(found: tarfile.TarInfo, name: str) -> Member:
    return Member(name, found.size, found.type in _PLAIN)
