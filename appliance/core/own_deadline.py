"""This file counts the resident's own deadlines: days after a birth, before an end, of an age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from appliance.core.due_date import Calendar

STAY_UNTIL = time(23, 0)
STAY_NEXT_MORNING = time(8, 0)
PROOF_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """From the first day to the last, both included; `act_by` is the last one somebody works."""

    first: date
    last: date
    act_by: date
    certain: bool


def within(began_on: date, days: int, calendar: Calendar) -> Window:
    """Within `days` days of something, the day itself not counted: a birth and its 60 days.

    Where the last day is one of rest, we say the working day before: early is never wrong.
    """
    last = began_on + timedelta(days=days)
    return _window(began_on, last, calendar)


def before(ends_on: date, days: int, calendar: Calendar) -> Window:
    """In the `days` days before something ends: the 15 days before a temporary residence does."""
    return _window(ends_on - timedelta(days=days), ends_on - timedelta(days=1), calendar)


def of_age(born_on: date, years: int) -> date:
    """The day somebody has reached `years`; born on 29 February, the day after the 28th."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def stay_told_by(arrived_at: datetime) -> datetime:
    """Until when the police hears of an overnight guest: 23:00, or 08:00 for who comes later."""
    day, hour = arrived_at.date(), arrived_at.time()
    if hour < STAY_UNTIL:
        return datetime.combine(day, STAY_UNTIL, arrived_at.tzinfo)
    return datetime.combine(day + timedelta(days=1), STAY_NEXT_MORNING, arrived_at.tzinfo)


def proof_checked_by(sent_at: datetime) -> datetime:
    """Until when a draft sent back by the officer is answered: one day; silence means yes."""
    return sent_at + PROOF_WITHIN


def _window(first: date, last: date, calendar: Calendar) -> Window:
    act_by = calendar.last_working(last)
    return Window(first, last, max(act_by, first), calendar.knows(first, last))
