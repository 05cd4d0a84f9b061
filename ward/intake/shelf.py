"""This file puts sealed dossiers on the disk: piece by piece, checked, synced, and only then had.

A dossier arrives as `<dossier>.<sha256>.part`, which only grows and survives any cut; when it is
whole and its checksum is right, it is synced and renamed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

RESERVE_BYTES = 256 * 1024 * 1024  # the ward's database must never find the disk full


class DiskFull(OSError):
    """There is no room for this dossier now; the house keeps it."""


class WrongSum(ValueError):
    """What came is not what was announced; it was thrown away."""


class Shelf:
    """The folder of sealed dossiers. `reserve_bytes` always stays free."""

    def __init__(self, folder: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.folder, self._reserve_bytes = folder, reserve_bytes

    def path(self, house: str, dossier: str) -> Path:
        """Names are checked by the caller against the contract: no dots, no slashes."""
        return self.folder / house / f"{dossier}.age"

    def had_bytes(self, house: str, dossier: str, sha256: str) -> int:
        """How much of it is here."""
        try:
            return self._part(house, dossier, sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def add(
        self,
        house: str,
        dossier: str,
        sha256: str,
        total: int,
        offset: int,
        pieces: Iterator[bytes],
    ) -> bool:  # fmt: skip
        """Add bytes from `offset` on; True when it is whole, right, and on the disk.

        Raises DiskFull, WrongSum, and whatever `pieces` raises when the line breaks: what came
        until then stays.
        """
        part = self._part(house, dossier, sha256)
        part.parent.mkdir(parents=True, exist_ok=True)
        self._room_for(total - offset)
        with _full_is_told(), part.open("ab") as f:
            f.truncate(offset)
            f.seek(offset)
            for piece in pieces:
                f.write(piece)
            f.flush()
            os.fsync(f.fileno())
            size = f.tell()
        return size == total and self._finish(part, house, dossier, sha256)

    def has(self, house: str, dossier: str, sha256: str) -> bool:
        """True when it is here already, whole: the answer to an earlier try was lost."""
        path = self.path(house, dossier)
        return path.exists() and _sum_of(path) == sha256

    def remove(self, house: str, dossier: str) -> None:
        self.path(house, dossier).unlink(missing_ok=True)
        for part in (self.folder / house).glob(f"{dossier}.*.part"):
            part.unlink(missing_ok=True)

    def _finish(self, part: Path, house: str, dossier: str, sha256: str) -> bool:
        if _sum_of(part) != sha256:
            part.unlink()
            raise WrongSum(f"{house}/{dossier}")
        part.replace(self.path(house, dossier))
        for folder in (part.parent, self.folder):
            sync_folder(folder)
        return True

    def _room_for(self, more_bytes: int) -> None:
        if shutil.disk_usage(self.folder).free < more_bytes + self._reserve_bytes:
            raise DiskFull(errno.ENOSPC, "the disk of the ward is nearly full")

    def _part(self, house: str, dossier: str, sha256: str) -> Path:
        return self.folder / house / f"{dossier}.{sha256}.part"


class _full_is_told:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(error.errno, "the disk of the ward is full") from error


def sync_folder(folder: Path) -> None:
    """What was renamed in `folder` is on the disk when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sum_of(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
