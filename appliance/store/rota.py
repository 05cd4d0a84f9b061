"""This file reads duty: opening hours, closed days, shifts, who is on call, hours served."""

from __future__ import annotations

from datetime import date

from appliance.core.day_time import Span
from appliance.core.opening import Opening
from appliance.core.rota import PER_SESSION_DEFAULT
from appliance.store.database import Row, Store

_SHIFT = (
    "SELECT s.*, v.name AS full_name, v.shows_name,"
    " CASE WHEN v.shows_name THEN v.name ELSE '' END AS name"
    " FROM shifts s JOIN volunteers v ON v.id = s.volunteer_id"
    " WHERE s.state = 'planned' AND v.active = 1 "
)


def opening(store: Store) -> Opening:
    weekly: dict[int, tuple[Span, ...]] = {}
    for row in store.all("SELECT * FROM opening_hours ORDER BY weekday, from_min"):
        before = weekly.get(row["weekday"], ())
        weekly[row["weekday"]] = (*before, Span(row["from_min"], row["to_min"]))
    closed = {row["day_on"]: row["reason"] for row in store.all("SELECT * FROM closed_days")}
    return Opening(weekly, closed)


def closed_days(store: Store, from_on: str) -> list[Row]:
    return store.all("SELECT * FROM closed_days WHERE day_on >= ? ORDER BY day_on", from_on)


def per_session(store: Store) -> int:
    """How many volunteers a session has at most."""
    found = store.value("SELECT value FROM facts WHERE name = 'duty.per_session'")
    return int(found) if found is not None else PER_SESSION_DEFAULT


def shifts(store: Store, from_on: str, to_on: str) -> list[Row]:
    """Planned shifts of those days, both included, in order; `name` only with consent."""
    return store.all(
        _SHIFT + "AND s.day_on BETWEEN ? AND ? ORDER BY s.day_on, s.from_min, s.id", from_on, to_on
    )


def shift(store: Store, shift_id: int) -> Row | None:
    return store.one(_SHIFT + "AND s.id = ?", shift_id)


def spans_of_day(store: Store, day: date) -> list[Span]:
    rows = shifts(store, day.isoformat(), day.isoformat())
    return [Span(row["from_min"], row["to_min"]) for row in rows]


def comes_next(store: Store, day_on: str, minute: int) -> Row | None:
    """The first shift that begins after this local minute."""
    return store.one(
        _SHIFT + "AND (s.day_on > ? OR (s.day_on = ? AND s.from_min > ?))"
        " ORDER BY s.day_on, s.from_min, s.id LIMIT 1",
        day_on,
        day_on,
        minute,
    )


def planned_now(store: Store, day_on: str, minute: int) -> list[Row]:
    """Shifts that should be running at this local minute."""
    return store.all(
        _SHIFT + "AND s.day_on = ? AND s.from_min <= ? AND s.to_min > ? ORDER BY s.from_min, s.id",
        day_on,
        minute,
        minute,
    )


def offered(store: Store, from_on: str) -> list[Row]:
    return store.all(
        _SHIFT + "AND s.offered_at IS NOT NULL AND s.day_on >= ? ORDER BY s.day_on, s.from_min",
        from_on,
    )


def on_call(store: Store) -> list[Row]:
    """Who may be telephoned, in order; `name` only with consent."""
    return store.all(
        "SELECT c.*, v.name AS full_name, CASE WHEN v.shows_name THEN v.name ELSE '' END AS name"
        " FROM on_call c JOIN volunteers v ON v.id = c.volunteer_id"
        " WHERE v.active = 1 ORDER BY c.place, c.volunteer_id"
    )


def served(store: Store, from_at: str, to_at: str) -> list[Row]:
    """Duty that began in [from_at, to_at) and has ended: who, from, to. UTC texts."""
    return store.all(
        "SELECT d.volunteer_id, v.name, d.began_at, d.ended_at FROM duty d"
        " JOIN volunteers v ON v.id = d.volunteer_id"
        " WHERE d.began_at >= ? AND d.began_at < ? AND d.ended_at IS NOT NULL ORDER BY d.began_at",
        from_at,
        to_at,
    )


def helped(store: Store, from_at: str, to_at: str) -> dict[int, int]:
    """volunteer -> visits of theirs that ended in [from_at, to_at)."""
    rows = store.all(
        "SELECT opened_by, count(*) AS n FROM visits WHERE state = 'closed'"
        " AND closed_at >= ? AND closed_at < ? AND opened_by IS NOT NULL GROUP BY opened_by",
        from_at,
        to_at,
    )
    return {row["opened_by"]: row["n"] for row in rows}
