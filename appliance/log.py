"""This file sets up logging: one line a record to stderr, no resident's data, secrets masked."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from appliance import no_links

KEPT_BYTES = 64 * 1024  # of each room, twice: the present file and the one before
SECRET = re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]+", re.IGNORECASE)


class MaskSecrets(logging.Filter):
    """The last net: a ticket's secret never reaches a log, whatever a caller formats."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if SECRET.search(message):
            record.msg, record.args = SECRET.sub("•••", message), ()
        return True


class _MaskingFormatter(logging.Formatter):
    """Tracebacks are formatted after the filters ran, so they are masked here."""

    def formatException(self, ei) -> str:  # type: ignore[no-untyped-def]
        return SECRET.sub("•••", super().formatException(ei))


def set_up(room: str, level: str = "INFO") -> logging.Logger:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(MaskSecrets())
    handler.setFormatter(_MaskingFormatter(f"{room} %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for old in root.handlers:
        if isinstance(old, RotatingFileHandler):
            old.close()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return logging.getLogger("hien")


def keep_in(folder: Path, room: str) -> None:
    """Keep the last lines of this room in RAM as well, for whoever asks from afar (`tail`).

    Root's commands keep none where the rooms may write: what lies there under the log's name may
    be a link of theirs, to any file. What root says is in the journal.
    """
    with contextlib.suppress(OSError):  # a log is no reason not to start
        if os.geteuid() == 0 and no_links.is_shared(folder.parent):
            return
        folder.mkdir(parents=True, exist_ok=True)
        kept = RotatingFileHandler(
            folder / f"{room}.log", maxBytes=KEPT_BYTES, backupCount=1, encoding="utf-8", delay=True
        )
        kept.addFilter(MaskSecrets())
        kept.setFormatter(
            _MaskingFormatter(f"%(asctime)s {room} %(levelname)s %(name)s: %(message)s")
        )
        logging.getLogger().addHandler(kept)


def tail(folder: Path, lines: int) -> list[str]:
    """The newest lines of all rooms in the order they were written; the oldest first."""
    found: list[str] = []
    for file in sorted(folder.glob("*.log*")):
        with contextlib.suppress(OSError):
            found += file.read_text("utf-8", "replace").splitlines()
    dated = [line for line in found if line[:2] == "20"]  # a traceback's lines have no time
    return sorted(dated)[-lines:]
