"""This file adds up a month of duty: hours and minutes per volunteer, people helped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Turn:
    """One time on duty, in local time."""

    began: datetime
    ended: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes by the clock times as they are printed, so that every sum adds up."""
        span = self.ended.replace(second=0, microsecond=0) - self.began.replace(
            second=0, microsecond=0
        )
        return max(0, int(span.total_seconds() // 60))


@dataclass(frozen=True)
class Served:
    """One volunteer's month."""

    volunteer_id: int
    name: str
    turns: tuple[Turn, ...]
    helped: int

    @property
    def minutes(self) -> int:
        return sum(turn.minutes for turn in self.turns)


def month_of(text: str) -> date:
    """ "2026-11" -> its first day. Raises ValueError."""
    return datetime.strptime(text + "-01", "%Y-%m-%d").date()  # noqa: DTZ007 -- a date


def next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def add_up(
    turns: Iterable[tuple[int, str, Turn]], helped: Mapping[int, int], names: Mapping[int, str]
) -> list[Served]:
    """(volunteer, name, turn) in order of time -> a month per volunteer, most minutes first."""
    by: dict[int, list[Turn]] = {}
    known = dict(names)
    for volunteer_id, name, turn in turns:
        by.setdefault(volunteer_id, []).append(turn)
        known.setdefault(volunteer_id, name)
    everybody = {*by, *(v for v, n in helped.items() if n and v in known)}
    served = [Served(v, known[v], tuple(by.get(v, ())), helped.get(v, 0)) for v in everybody]
    return sorted(served, key=lambda s: (-s.minutes, s.name))
