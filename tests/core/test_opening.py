"""This file proves opening hours: by weekday, closed days, and when the house opens next."""

from __future__ import annotations

from datetime import date, datetime

from appliance.core.day_time import Span
from appliance.core.opening import Opening

MORNING, AFTERNOON = Span(450, 690), Span(810, 1020)
THURSDAYS = Opening({3: (MORNING,)}, {"2026-11-26": "Họp thôn"})


def test_open_by_the_minute() -> None:
    """Open from the first minute, closed from the last."""
    house = Opening({0: (MORNING, AFTERNOON)})
    monday = date(2026, 11, 23)
    for hour, minute, is_open in [(7, 29, False), (7, 30, True), (11, 29, True), (11, 30, False)]:
        assert house.is_open(datetime(2026, 11, 23, hour, minute)) is is_open
    assert house.of_day(monday) == (MORNING, AFTERNOON)
    assert house.opens_next(datetime(2026, 11, 23, 8, 0)) == (monday, 810)
    assert house.opens_next(datetime(2026, 11, 23, 17, 0)) == (date(2026, 11, 30), 450)


def test_closed_days_are_passed_over() -> None:
    """A weekly Thursday that is closed: the next one."""
    assert THURSDAYS.of_day(date(2026, 11, 26)) == ()
    assert THURSDAYS.opens_next(datetime(2026, 11, 23, 8, 0)) == (date(2026, 12, 3), 450)


def test_nobody_said() -> None:
    assert not Opening().known
    assert Opening().opens_next(datetime(2026, 11, 23, 8, 0)) is None
    assert not Opening({0: ()}).known
