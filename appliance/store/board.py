"""This file reads the whole picture: for the wall, and for the ward's retained snapshots."""

from __future__ import annotations

from typing import Any

from appliance.core import age
from appliance.core.moment import Moment
from appliance.core.ticket import day_for
from appliance.store import help_calls, outbox, tickets, volunteers
from appliance.store.database import Row, Store


def today(store: Store, now: Moment, zone: str) -> str:
    """The working day the house is in (ISO date)."""
    return day_for(tickets.last(store), now, zone)


def queue(store: Store, now: Moment, zone: str) -> dict[str, Any]:
    """state/queue: numbers only. `called` is the newest number called today, 0 when none."""
    waiting = tickets.waiting(store)
    day_on = today(store, now, zone)
    called = tickets.last_called(store, day_on, 1)
    taken, done = store.all(
        "SELECT count(*) AS n FROM tickets WHERE day_on = ? UNION ALL"
        " SELECT count(*) FROM tickets WHERE day_on = ? AND state = 'done'",
        day_on,
        day_on,
    )
    return {
        "waiting": len(waiting),
        "longest_wait_s": max((age_s(row, now) for row in waiting), default=0),
        "oldest_waiting_at": (waiting and min(row["taken_at"] for row in waiting)) or "",
        "called": called[0]["number"] if called else 0,
        # A visit that was laid aside keeps its number; nobody is served meanwhile.
        "serving": sum(1 for row in tickets.with_somebody(store) if row["visit_state"] == "open"),
        "on_duty": len(volunteers.on_duty(store)),
        "taken_today": taken["n"],
        "done_today": done["n"],
        "unprinted": sum(1 for row in waiting if not row["printed"]),
        "day": day_on,
    }


def help_state(store: Store, now: Moment) -> dict[str, Any]:
    """state/help: how many calls are open (not answered), and for how long the oldest has been."""
    calls = help_calls.still_on(store)
    unanswered = [row for row in calls if row["state"] == "open"]
    return {
        "open": len(unanswered),
        "answered": len(calls) - len(unanswered),
        "oldest_s": max((age_s(row, now, "made_at") for row in unanswered), default=0),
        "oldest_at": unanswered[0]["made_at"] if unanswered else "",
        "call": unanswered[0]["id"] if unanswered else "",
    }


def outbox_state(store: Store) -> dict[str, Any]:
    return {"rows": outbox.count_pending(store), "oldest_at": outbox.oldest_pending_at(store)}


def age_s(row: Row, now: Moment, column: str = "taken_at") -> int:
    """Whole seconds since `column`, as core.age tells them."""
    return int(age.age_s(row, now, column))
