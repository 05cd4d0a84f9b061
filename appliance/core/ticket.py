"""This file is the ticket: its states, and which number comes next whatever the clock does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from appliance.core.moment import Moment, Sync, parse_utc

State = Literal["waiting", "called", "serving", "done", "cancelled", "expired"]
OPEN: tuple[State, ...] = ("waiting", "called", "serving")

# Within one run of the box nobody closes and opens again in less than this: a date that changes
# sooner is a clock being set, not a night.
SHORTEST_NIGHT = timedelta(hours=4)

UNDO_WITHIN_S = 10
# Somebody who was absent comes back after this many others.
ABSENT_WAITS_FOR = 2
# Why a number is taken off the list. Fixed words: nothing personal can slip in.
CANCEL_REASONS = ("left", "mistake", "elsewhere", "other")


@dataclass(frozen=True)
class LastTicket:
    """When the newest ticket was taken, as its row remembers it."""

    day_on: str
    at_text: str
    run: str
    mono_ms: int
    sync: Sync


def day_for(last: LastTicket | None, now: Moment, zone: str) -> str:
    """The working day (ISO date) a ticket taken now belongs to.

    A new day starts the numbers again, so it needs more than a new date. In one run of the
    program the monotonic clock must also have seen a night go by. Across restarts, a clock that
    was not to be trusted and now is has been set, which says nothing about a night. A clock that
    went back stays in the day it was in, unless only the newer reading can be trusted. When in
    doubt the numbers go on: that is never wrong.
    """
    today = now.working_day(zone).isoformat()
    if last is None or today == last.day_on:
        return today
    clock_was_set = last.sync == "none" and now.sync != "none"
    if today < last.day_on:
        return today if clock_was_set else last.day_on
    if last.run == now.run:
        passed = timedelta(milliseconds=now.mono_ms - last.mono_ms)
    elif clock_was_set:
        return last.day_on
    else:
        passed = now.at - parse_utc(last.at_text)
    return today if passed >= SHORTEST_NIGHT else last.day_on


def numbers_taken_since(day_on: str, now: Moment, zone: str) -> str:
    """The day from which on no number may be used again: the clock may have gone back."""
    return min(day_on, now.working_day(zone).isoformat())
