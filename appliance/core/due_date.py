"""This file counts working days: when a result is due, and how sure that can be.

Days of rest come from outside as sets (`Calendar`); nothing here knows a holiday by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

Agency = Literal["office", "police"]

# A same-day procedure handed in after this is answered on the next working day.
SAME_DAY_UNTIL = time(15, 0)
# What arrives after the office has closed is received on its next day.
OFFICE_CLOSES = time(17, 0)
# The police of the ward also receive on Saturday morning, but for holidays.
SATURDAY_CLOSES = time(11, 30)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Calendar:
    """`off` days of rest besides weekends, `working` weekend days worked instead of another.

    Outside of `known_from` … `known_until` holidays and swaps have not been announced: what is
    counted there is said to be uncertain.
    """

    off: frozenset[date]
    working: frozenset[date]
    known_from: date
    known_until: date

    def works(self, day: date) -> bool:
        if day in self.working:
            return True
        return day.weekday() < SATURDAY and day not in self.off

    def next_working(self, day: date) -> date:
        """The first working day after `day`."""
        day += timedelta(days=1)
        while not self.works(day):
            day += timedelta(days=1)
        return day

    def last_working(self, day: date) -> date:
        """`day` when it is worked, else the working day before it."""
        while not self.works(day):
            day -= timedelta(days=1)
        return day

    def knows(self, first: date, last: date) -> bool:
        return self.known_from <= first and last <= self.known_until

    def changed(self, days: Mapping[date, bool]) -> Calendar:
        """With days put on top: True is worked, False is a day of rest."""
        worked = frozenset(day for day, works in days.items() if works)
        rest = frozenset(day for day, works in days.items() if not works)
        return replace(self, off=(self.off | rest) - worked, working=(self.working | worked) - rest)


@dataclass(frozen=True)
class Due:
    """`received_on` the day the count starts from (it is not counted), `on` the day due."""

    received_on: date
    on: date
    certain: bool


def received_on(at: datetime, calendar: Calendar, agency: Agency = "office") -> date:
    """The day on which what is sent at `at` (local time) is received."""
    day, hour = at.date(), at.time()
    if calendar.works(day):
        return day if hour <= OFFICE_CLOSES else _next_receiving(day, calendar, agency)
    if _saturday_morning(day, calendar, agency) and hour <= SATURDAY_CLOSES:
        return day
    return _next_receiving(day, calendar, agency)


def due(
    at: datetime,
    days: int,
    calendar: Calendar,
    *,
    agency: Agency = "office",
    same_day: bool = False,
    calendar_days: bool = False,
) -> Due:
    """When the result of something handed in at `at` (local time) is due.

    Counted are working days (Saturday morning of the police receives but does not count); the day
    of receipt is not counted. `same_day`: due the very day when received until 15:00 on a working
    day, else on the next working day. `calendar_days`: every day counts, and an end on a day of
    rest moves to the working day after. `days` 0: at once.
    """
    if same_day:
        day = at.date()
        in_time = calendar.works(day) and at.time() <= SAME_DAY_UNTIL
        last = day if in_time else calendar.next_working(day)
        return Due(last, last, calendar.knows(day, last))
    if days == 0:
        return Due(at.date(), at.date(), True)
    first = received_on(at, calendar, agency)
    if calendar_days:
        last = first + timedelta(days=days)
        last = last if calendar.works(last) else calendar.next_working(last)
    else:
        last = first
        for _ in range(days):
            last = calendar.next_working(last)
    return Due(first, last, calendar.knows(at.date(), last))


def _saturday_morning(day: date, calendar: Calendar, agency: Agency) -> bool:
    return agency == "police" and day.weekday() == SATURDAY and day not in calendar.off


def _next_receiving(day: date, calendar: Calendar, agency: Agency) -> date:
    """The next day anything is received: working days, for the police Saturdays too."""
    day += timedelta(days=1)
    while not (calendar.works(day) or _saturday_morning(day, calendar, agency)):
        day += timedelta(days=1)
    return day
