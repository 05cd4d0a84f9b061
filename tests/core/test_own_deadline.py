"""This file proves the resident's own deadlines against days counted by hand."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from appliance.core import own_deadline
from appliance.service.working_days import national


@pytest.mark.parametrize(
    ("began", "days", "last", "act_by"),
    [
        ("2026-09-23", 60, "2026-11-22", "2026-11-20"),  # a Sunday: the Friday before
        ("2026-09-25", 60, "2026-11-24", "2026-11-23"),  # the holiday: Monday
        ("2026-11-22", 60, "2027-01-21", "2027-01-21"),  # 8 + 31 + 21, a Thursday
        ("2026-12-08", 60, "2027-02-06", "2027-02-03"),  # in the middle of Tết: Wednesday before
        ("2026-02-28", 60, "2026-04-29", "2026-04-29"),  # 31 + 29, a Wednesday
        ("2026-11-17", 7, "2026-11-24", "2026-11-23"),
        ("2026-11-23", 7, "2026-11-30", "2026-11-30"),
    ],
)
def test_within_so_many_days(began: str, days: int, last: str, act_by: str) -> None:
    """The day itself is not counted; the last day somebody works is told with it."""
    found = own_deadline.within(date.fromisoformat(began), days, national())
    assert (found.last.isoformat(), found.act_by.isoformat()) == (last, act_by)
    assert found.certain


def test_in_the_days_before_an_end() -> None:
    found = own_deadline.before(date(2026, 12, 10), 15, national())
    assert (found.first, found.last) == (date(2026, 11, 25), date(2026, 12, 9))
    found = own_deadline.before(date(2026, 11, 30), 15, national())
    assert (found.last, found.act_by) == (date(2026, 11, 29), date(2026, 11, 27))
    assert not own_deadline.before(date(2028, 3, 1), 15, national()).certain


def test_a_window_never_ends_before_it_begins() -> None:
    found = own_deadline.within(date(2026, 11, 24), 0, national())
    assert found.act_by == found.first == date(2026, 11, 24)


def test_an_age_is_reached() -> None:
    assert own_deadline.of_age(date(1951, 11, 24), 75) == date(2026, 11, 24)
    assert own_deadline.of_age(date(2012, 2, 29), 14) == date(2026, 3, 1)
    assert own_deadline.of_age(date(2012, 2, 29), 16) == date(2028, 2, 29)


def test_an_overnight_guest() -> None:
    """Before eleven at night the same day; who comes later, before eight in the morning."""
    told = own_deadline.stay_told_by
    assert told(datetime(2026, 11, 22, 18, 0)) == datetime(2026, 11, 22, 23, 0)
    assert told(datetime(2026, 11, 22, 22, 59)) == datetime(2026, 11, 22, 23, 0)
    assert told(datetime(2026, 11, 22, 23, 0)) == datetime(2026, 11, 23, 8, 0)
    assert told(datetime(2026, 12, 31, 23, 40)) == datetime(2027, 1, 1, 8, 0)


def test_a_draft_is_answered_within_a_day() -> None:
    sent = datetime(2026, 11, 23, 8, 5)
    assert own_deadline.proof_checked_by(sent) == datetime(2026, 11, 24, 8, 5)
