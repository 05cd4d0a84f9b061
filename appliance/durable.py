"""This file puts a file on the card for good: after a power cut it is whole, or the one before."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, data: bytes, mode: int | None = 0o640) -> None:
    """All of `data` under `path`, on the card when this returns. OSError: nothing is left behind.

    Written beside, synced, renamed, and the folders synced: a name never points to half a file.
    Folders that are missing are made. `mode` None: where files have no rights, as on a stick.
    """
    there = next((p for p in (path.parent, *path.parent.parents) if p.exists()), path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(part, flags, mode or 0o640), "wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)  # whatever the umask
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = path.parent
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
