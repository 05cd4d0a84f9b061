"""This file writes down how each house is, step by step, so that its page can show the last week.

It looks at the board often and keeps the most of what it saw, so that a rush between two steps is
not lost. A house that is not heard gets no row: a gap in a chart is a gap in what anybody knows.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from appliance.sync.protocol import Scalar
from ward.board import Board, House
from ward.store import history, retention
from ward.store.database import Store
from ward.store.db import FAULTS
from ward.store.history import Step

log = logging.getLogger("ward.recorder")

LOOK_EVERY_S = 15.0
STEP_MIN, STEP_MIN_OF_MANY = 1, 10
MANY = 50  # houses; for thousands one row a minute each would be hundreds of megabytes a day
FORGET_EVERY_MIN = 10


class Recorder:
    """One thread beside the listener. `look` and `keep` may be called without it."""

    def __init__(
        self,
        store: Store,
        board: Board,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        keep_events_days: int = retention.KEEP_DAYS,
    ) -> None:
        """`keep_events_days`: events received before that are deleted; 0 keeps them all."""
        self._keep_events_days = keep_events_days
        self._store, self._board, self._now = store, board, now
        self._steps: dict[str, Step] = {}
        self._step_at_min = 0
        self._forgot_min = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ward-recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def look(self) -> None:
        """See how all houses are now; write the step down when it is over."""
        now_min = history.minutes(self._now())
        step = STEP_MIN_OF_MANY if len(self._board) > MANY else STEP_MIN
        at_min = now_min - now_min % step
        if at_min != self._step_at_min:
            self.keep()
            self._step_at_min = at_min
        for house, presence, _ in self._board.houses():
            if presence == "online":
                _fold(self._steps.setdefault(house.house, Step(house.house, at_min)), house)
        if now_min - self._forgot_min >= FORGET_EVERY_MIN:
            self._forgot_min = now_min
            with self._store.write() as db:
                history.forget(db, self._now())
            if self._store.leads():
                retention.forget_events(self._store, self._now(), self._keep_events_days)

    def keep(self) -> None:
        """Write down what was seen in this step."""
        steps, self._steps = self._steps, {}
        if steps and self._store.leads():
            with self._store.write() as db:
                history.keep(db, steps.values())

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.look()
            except FAULTS as error:  # a chart is no reason to stop anything
                log.warning("the history could not be written: %s", error)
        try:
            self.keep()
        except FAULTS as error:
            log.warning("the last step could not be written: %s", error)


def _fold(step: Step, house: House) -> None:
    """Take one look at a house into the step: the most of the queue, the worst of the box."""
    queue, health = house.peek("queue"), house.peek("health")
    step.waiting = _most(step.waiting, _whole(queue, "waiting"))
    step.longest_s = _most(step.longest_s, _whole(queue, "longest_wait_s"))
    step.taken = _most(step.taken, _whole(queue, "taken_today"))
    step.outbox_rows = _most(step.outbox_rows, _whole(health, "outbox_rows"))
    step.undervolt = _most(step.undervolt, _whole(health, "undervolt_now"))
    step.disk_free_mib = _least(step.disk_free_mib, _whole(health, "disk_free_mib"))
    step.printer_ok = _least(step.printer_ok, _whole(health, "printer_ok"))
    temp_c = health.get("soc_temp_c")
    if isinstance(temp_c, (int, float)) and -60 <= temp_c <= 200:
        step.temp_c = max(float(temp_c), step.temp_c if step.temp_c is not None else -60.0)


def _whole(values: Mapping[str, Scalar], key: str) -> int | None:
    """A count of 0 or more; -1 says that nobody knows."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < 1e12 else None


def _most(a: int | None, b: int | None) -> int | None:
    return max((n for n in (a, b) if n is not None), default=None)


def _least(a: int | None, b: int | None) -> int | None:
    return min((n for n in (a, b) if n is not None), default=None)
