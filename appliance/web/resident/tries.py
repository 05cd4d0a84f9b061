"""This file counts wrong guesses of a look-up code, per address and for the whole house, in RAM."""

from __future__ import annotations

import threading
from collections import deque

from appliance.core import look_up as rules
from appliance.errors import TooMany

ADDRESSES_MOST = 500


class Tries:
    """Times are of the monotonic clock, in seconds. Used from every thread of the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_address: dict[str, deque[float]] = {}
        self._of_house: deque[float] = deque()

    def check(self, address: str, now_s: float) -> None:
        """Raises TooMany (too_many_guesses) with the time to wait."""
        with self._lock:
            mine = self._of_address.get(address, deque())
            _forget(mine, now_s - rules.TRIES_WITHIN_S)
            _forget(self._of_house, now_s - rules.HOUSE_WITHIN_S)
            waits = []
            if len(mine) >= rules.FREE_TRIES:
                waits.append(mine[0] + rules.TRIES_WITHIN_S - now_s)
            if len(self._of_house) >= rules.HOUSE_TRIES:
                waits.append(self._of_house[0] + rules.HOUSE_WITHIN_S - now_s)
        if waits:
            raise TooMany(
                "too many wrong codes; wait, or ask the volunteer",
                retry_after_s=max(waits),
                code="too_many_guesses",
            )

    def wrong(self, address: str, now_s: float) -> None:
        with self._lock:
            if len(self._of_address) >= ADDRESSES_MOST:
                self._of_address.clear()  # the house's own count still holds
            self._of_address.setdefault(address, deque()).append(now_s)
            self._of_house.append(now_s)


def _forget(times: deque[float], before_s: float) -> None:
    while times and times[0] <= before_s:
        times.popleft()
