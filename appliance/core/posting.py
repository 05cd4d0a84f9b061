"""This file is the statutory notice: how long it hangs, and when it may come down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

TITLE_MOST = 80
TEXT_MOST = 2000
LINES_MOST = 60
WALL_CHARS = 420  # a longer one is read at the tablet, and not counted as shown on the wall
WALL_LINES = 9
DAYS_MOST = 60  # working days
MOST_UP = 12
SEEN_EVERY_S = 10 * 60


def last_day(posted: date, working_days: int, is_working: Callable[[date], bool]) -> date:
    """The last day it hangs: the day it is put up is not counted (Civil Code, article 147)."""
    day = posted
    left = working_days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working(day)
        if (day - posted).days > 400:
            raise ValueError("no working days in sight")
    return day


def fits_the_wall(text: str) -> bool:
    return len(text) <= WALL_CHARS and text.count("\n") < WALL_LINES
