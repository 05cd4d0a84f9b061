"""This file moves the demo house's clock: to a moment at the start, and on while it runs."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.errors import BadInput

STEPS_MIN = (1, 5, 30, 60, 12 * 60)
"""What a visitor of the demo may let go by in one press."""


class DemoClock:
    """Writes the file that appliance.clock.SetClock reads. Used from every thread."""

    def __init__(self, file: Path, ahead_s: float = 0.0) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._ahead_s = ahead_s
        self._passed_s = 0.0
        self._write()

    def let_pass(self, minutes: int) -> None:
        """So much time has gone by, for the wall clock and for every limit. Raises BadInput."""
        if minutes not in STEPS_MIN:
            raise BadInput("no such step of the clock", code="no_step")
        with self._lock:
            self._passed_s += 60 * minutes
            self._write()

    def now(self, zone: str) -> datetime:
        """What the house's screens call now."""
        moved_s = self._ahead_s + self._passed_s
        return datetime.fromtimestamp(time.time() + moved_s, ZoneInfo(zone))

    def _write(self) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps({"ahead_s": self._ahead_s, "passed_s": self._passed_s}))
        part.replace(self._file)


def ahead_s(at: datetime, zone: str, real: datetime) -> float:
    """How far ahead of `real` a local time without a zone is."""
    return (at.replace(tzinfo=ZoneInfo(zone)) - real).total_seconds()
