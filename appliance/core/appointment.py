"""This file is the appointment: a half hour kept free for somebody who has no name here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from appliance.core.day_time import Span
from appliance.core.opening import Opening

Kind = Literal["visit", "hand_over"]
State = Literal["booked", "came", "missed", "cancelled"]

LENGTH_MIN = 30
AHEAD_DAYS = 30
MOST_OPEN = 60  # in the whole house
# A tablet that books for fun must not fill the month.
FROM_TABLET_MOST, FROM_TABLET_WITHIN_S = 6, 15 * 60
PARTIES_MOST = 2  # a marriage certificate is handed to two


def days_ahead(today: date, opening: Opening) -> list[date]:
    """The days a resident may choose from."""
    days = (today + timedelta(days=n) for n in range(AHEAD_DAYS + 1))
    return [day for day in days if opening.of_day(day)]


def places(
    day: date, opening: Opening, on_rota: list[Span], taken: list[Span], earliest_min: int = 0
) -> list[Span]:
    """Half hours of `day` that can still be had.

    One person at a time, or as many as have a shift then. A time nobody is planned for may be
    booked as well: the rota shows that somebody is needed.
    """
    found: list[Span] = []
    for hours in opening.of_day(day):
        for from_min in range(hours.from_min, hours.to_min - LENGTH_MIN + 1, LENGTH_MIN):
            part = Span(from_min, from_min + LENGTH_MIN)
            if from_min < earliest_min:
                continue
            helpers = max(1, sum(shift.covers(part) for shift in on_rota))
            if sum(part.overlaps(one) for one in taken) < helpers:
                found.append(part)
    return found
