"""This file says when to try the line again: soon after a loss, then ever more patiently.

Full jitter throughout, because after a power cut a whole town comes back in the same second.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

MOST_S = 300.0
SOON_MOST_S = 8.0
SOON_FOR_S = 600.0  # a house that had a working line is back within 10 s of the network's return
STEADY_S = 20.0
BOOT_SPREAD_S = 20.0
BOOT_FRESH_S = 120.0
ROUTES = Path("/proc/net/route")


class Retry:
    """Counts failures and draws the next wait."""

    def __init__(
        self,
        now_s: Callable[[], float] = time.monotonic,
        draw: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._now_s, self._draw = now_s, draw
        self._failures = 0
        self._soon_until_s = now_s() + SOON_FOR_S

    def first_wait_s(self, since_boot_s: float) -> float:
        """Spread the first connection when the box has only just started."""
        return self._draw(0, BOOT_SPREAD_S) if since_boot_s < BOOT_FRESH_S else 0.0

    def next_wait_s(self, lasted_s: float) -> float:
        """The wait after a connection that lasted `lasted_s` (0: there was none)."""
        now_s = self._now_s()
        if lasted_s >= STEADY_S:
            self._failures, self._soon_until_s = 0, now_s + SOON_FOR_S
        most_s = SOON_MOST_S if now_s < self._soon_until_s else MOST_S
        wait_s = self._draw(0, min(most_s, 2.0**self._failures))
        self._failures = min(self._failures + 1, 16)
        return wait_s


def wait(stop: threading.Event, seconds: float) -> None:
    """Wait, but no longer than until the box gets another way into the network."""
    routes, end_s = _routes(), time.monotonic() + seconds
    while (left_s := end_s - time.monotonic()) > 0:
        if stop.wait(min(2.0, left_s)) or _routes() != routes:
            return


def _routes() -> str:
    try:
        return ROUTES.read_text()
    except OSError:
        return ""
