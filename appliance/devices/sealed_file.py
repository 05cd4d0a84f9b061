"""This file removes the sealed pages that a power cut left without a fact."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


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
