"""This file puts sealed pages on the card: after a power cut they are whole, or not there."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """All of `data` under `path`, on the card when this returns. OSError: nothing is left behind.

    Written beside, synced, renamed, and the folder synced: a name never points to half a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            os.fchmod(file.fileno(), 0o640)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    _sync_folder(path.parent.parent)


def remove_unknown(sealed_dir: Path, known: Collection[tuple[str, str]]) -> int:
    """Delete files below `sealed_dir` that no page row (visit id, file name) knows; their number.

    They are what a power cut left between the file and the fact.
    """
    gone = 0
    if not sealed_dir.is_dir():
        return 0
    for folder in sealed_dir.iterdir():
        if not folder.is_dir():
            continue
        for file in folder.iterdir():
            if (folder.name, file.name) not in known:
                file.unlink(missing_ok=True)
                gone += 1
        if not any(folder.iterdir()):
            folder.rmdir()
    return gone


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
