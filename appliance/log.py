"""This file sets up logging: one line a record to stderr, no resident's data, secrets masked."""

from __future__ import annotations

import logging
import re
import sys

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
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return logging.getLogger("hien")
