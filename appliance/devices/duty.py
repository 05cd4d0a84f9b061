"""This file is a duty of the room: one thread, small turns, and a pulse others can feel."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable

from appliance.errors import HienError

log = logging.getLogger("hien.devices")

POLL_S = 0.05
AFTER_FAULT_S = 1.0

Turn = Callable[[], float]


class Duty(threading.Thread):
    """Calls `turn` again and again; each call returns how many seconds to rest before the next.

    `make` builds the turn within the thread (a connection to the table belongs to one thread).
    A turn that raises is logged and tried again; a turn that never returns is what `is_hung` finds.
    """

    def __init__(
        self, name: str, make: Callable[[], Turn], stop: threading.Event, *, silent_s: float
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._make = make
        # not `_stop`: that name belongs to threading.Thread
        self._ending = stop
        self._silent_s = silent_s
        self._beat_s = time.monotonic()
        self._last_fault = ""

    def beat(self) -> None:
        """Say that there is progress, in the midst of a long turn."""
        self._beat_s = time.monotonic()

    def is_hung(self) -> bool:
        return time.monotonic() - self._beat_s > self._silent_s

    def run(self) -> None:
        turn: Turn | None = None
        while not self._ending.is_set():
            try:
                if turn is None:
                    turn = self._make()
                rest_s = turn()
                self._last_fault = ""
            except (HienError, OSError, sqlite3.Error) as error:
                self._say(error)
                rest_s = AFTER_FAULT_S
            except Exception:
                log.exception("%s failed; it goes on", self.name)
                rest_s = AFTER_FAULT_S
            self.beat()
            self._ending.wait(rest_s)

    def _say(self, error: Exception) -> None:
        """Once for each kind of trouble, not once a second."""
        fault = f"{type(error).__name__}: {error}"
        if fault != self._last_fault:
            self._last_fault = fault
            log.warning("%s: %s", self.name, fault)
