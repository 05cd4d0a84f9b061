"""This file proves how long a notice hangs: working days, the day it is put up not counted."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.core.posting import fits_the_wall, last_day


def working(day: date) -> bool:
    """Monday to Friday, but for the 24th of November 2026."""
    return day.weekday() < 5 and day != date(2026, 11, 24)


@pytest.mark.parametrize(
    ("posted", "days", "last"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday -> Monday
        (date(2026, 11, 20), 3, date(2026, 11, 26)),  # over the holiday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # put up on a Saturday
        (date(2026, 11, 25), 3, date(2026, 11, 30)),
    ],
)
def test_last_day(posted: date, days: int, last: date) -> None:
    assert last_day(posted, days, working) == last


def test_no_working_day_ever() -> None:
    with pytest.raises(ValueError):
        last_day(date(2026, 11, 20), 1, lambda day: False)


def test_what_the_wall_can_carry() -> None:
    assert fits_the_wall("ngắn")
    assert not fits_the_wall("x" * 421)
    assert not fits_the_wall("\n" * 9)
