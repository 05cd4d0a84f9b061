"""This file is where releases wait for their night: the box's inbox, which the updater empties."""

from __future__ import annotations

import re
from pathlib import Path

INBOX = "inbox"
_NAME = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,5}){1,3})\.hien")


def waiting(data_dir: Path, running: str) -> str | None:
    """The version of the newest release there that is newer than the one that runs, or None.

    By its name alone: whether it is one, and ours, is seen when it is tried.
    """
    folder = data_dir / INBOX
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return None
    versions = [match[1] for name in names if (match := _NAME.fullmatch(name))]
    newest = max(versions, key=_numbers, default=None)
    return newest if newest and _numbers(newest) > _numbers(running) else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:4])
