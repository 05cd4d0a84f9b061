"""This file puts a file on the card for good: after a power cut it is whole, or the one before."""

from __future__ import annotations

import os
from pathlib import Path


def write(
    path: Path,
    data: bytes | memoryview,
    mode: int | None = 0o640,
    owner: tuple[int, int] = (-1, -1),
) -> None:
    """All of `data` under `path`, on the card when this returns. OSError: nothing is left behind.

    Written beside, synced, renamed, and the folders synced: a name never points to half a file,
    nor to one of another `owner` (user, group; -1 leaves it). Folders that are missing are made.
    `mode` None: where files have no rights, as on a stick.
    """
    there = _first_folder(path)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        _fill(part, data, mode, owner)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_up(path.parent, there)


def create(path: Path, data: bytes, mode: int = 0o640) -> None:
    """As `write`, for a new name that nobody is told before this returns. OSError, and when it is
    there already.

    One commit of the card's journal instead of two, as nothing is renamed. What a power cut leaves
    of it has a name that no table knows, and is removed by the next start.
    """
    there = _first_folder(path)
    try:
        _fill(path, data, mode, (-1, -1))
    except FileExistsError:
        raise
    except OSError:
        path.unlink(missing_ok=True)
        raise
    _sync_up(path.parent, there)


def _first_folder(path: Path) -> Path:
    """Make the folders of `path`; the lowest one that was there before."""
    there = next((p for p in (path.parent, *path.parent.parents) if p.exists()), path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    return there


def _fill(path: Path, data: bytes | memoryview, mode: int | None, owner: tuple[int, int]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, mode or 0o640), "wb") as file:
        if owner != (-1, -1):
            os.fchown(file.fileno(), *owner)
        if mode is not None:
            os.fchmod(file.fileno(), mode)  # whatever the umask
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_up(folder: Path, there: Path) -> None:
    sync_folder(folder)
    while folder != there:  # the names of new folders lie in the folders above
        folder = folder.parent
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """The names in `folder` are on the card when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
