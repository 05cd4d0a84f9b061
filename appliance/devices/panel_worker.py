"""This file joins the panel to the house: a press calls for help, the lamp tells of its coming."""

from __future__ import annotations

import logging
import queue
import uuid

from appliance.core.help_call import is_awaited
from appliance.core.moment import Moment
from appliance.core.quiet_hours import is_quiet
from appliance.devices.duty import POLL_S
from appliance.devices.panel import LampPattern, Panel
from appliance.devices.parts import Parts
from appliance.errors import StoreError
from appliance.service import help as help_calls
from appliance.store import help_calls as kept

log = logging.getLogger("hien.devices.panel")

RETRY_S = 1.0


class PanelWorker:
    """Presses come from the panel's threads into a queue; this thread alone touches the table.

    A press becomes a call at once, when the button goes down: who needs help does not hold back.
    Holding it for 3 s withdraws, but only where help was awaited before this press: a frightened
    long press from nothing is a call, and stays one. So it is where a call was answered long ago
    and nobody has closed it.
    """

    def __init__(self, parts: Parts, panel: Panel) -> None:
        self._parts = parts
        self._panel = panel
        self._store = parts.store()
        self._events: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._pending: tuple[str, str] | None = None
        self._lamp: LampPattern | None = None
        self._stale = True  # the table has changed since the lamp was thought of
        self._was_on = False  # whether the press that may become a hold found a call awaited
        panel.on_press = lambda: self._events.put(("press", f"button:{uuid.uuid4().hex}"))
        panel.on_hold = lambda: self._events.put(("hold", ""))

    def turn(self) -> float:
        acted = False
        while self._next_event():
            if not self._act():
                return RETRY_S  # the card is full: the press is kept and tried again
            acted = True
        if self._store.changed() or acted:
            self._stale = True
        if self._stale:
            self._show()
            self._stale = False  # only now: a look that fails is made again
        return POLL_S

    def _next_event(self) -> bool:
        if self._pending is None:
            try:
                self._pending = self._events.get_nowait()
            except queue.Empty:
                return False
        return True

    def _act(self) -> bool:
        assert self._pending is not None
        kind, key = self._pending
        now = self._parts.clock.now()
        try:
            if kind == "press":
                on = kept.still_on(self._store)
                was_on = any(is_awaited(call, now) for call in on)
                help_calls.call_help(self._store, now, key=key, source="button")
                self._was_on = was_on
                if not self._keeps_quiet(now):
                    self._panel.buzz()
            elif self._was_on:
                help_calls.withdraw(self._store, now)
        except StoreError as error:
            log.warning("the %s is kept until the table takes it: %s", kind, error)
            return False
        self._pending = None
        return True

    def _keeps_quiet(self, now: Moment) -> bool:
        """By night; a clock that nobody has set does not know when that is."""
        hours = self._parts.config["devices.quiet_hours"]
        return now.sync != "none" and is_quiet(hours, now.local(self._parts.house.zone))

    def _show(self) -> None:
        states = {row["state"] for row in kept.still_on(self._store)}
        pattern: LampPattern = "blink" if "open" in states else "on" if states else "off"
        if pattern != self._lamp:
            self._panel.lamp(pattern)
            self._lamp = pattern
