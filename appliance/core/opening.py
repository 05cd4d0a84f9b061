"""This file is when the house is open: weekly hours, closed days, and when it opens next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from appliance.core.day_time import Span, minute_of

LOOK_AHEAD_DAYS = 60
REASON_MOST = 60
MOST_CLOSED_DAYS = 120


@dataclass(frozen=True)
class Opening:
    """`weekly` by weekday (0 Monday); `closed` ISO date -> why (may be empty)."""

    weekly: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether anybody has said when the house is open."""
        return any(self.weekly.values())

    def of_day(self, day: date) -> tuple[Span, ...]:
        return () if day.isoformat() in self.closed else self.weekly.get(day.weekday(), ())

    def is_open(self, at: datetime) -> bool:
        """`at` in local time. A house that has named no hours is open when somebody is there."""
        return any(span.holds(minute_of(at)) for span in self.of_day(at.date()))

    def opens_next(self, at: datetime) -> tuple[date, int] | None:
        """The next beginning after `at` (local) as (day, minute); None within 60 days."""
        for ahead in range(LOOK_AHEAD_DAYS):
            day = at.date() + timedelta(days=ahead)
            for span in self.of_day(day):
                if ahead or span.from_min > minute_of(at):
                    return day, span.from_min
        return None
