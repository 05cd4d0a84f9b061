"""This file reads appointments."""

from __future__ import annotations

from appliance.core.day_time import Span
from appliance.store.database import Row, Store


def get(store: Store, appointment_id: str) -> Row | None:
    return store.one("SELECT * FROM appointments WHERE id = ?", appointment_id)


def booked(store: Store, from_on: str) -> list[Row]:
    """Those still to come, in order of time."""
    return store.all(
        "SELECT * FROM appointments WHERE state = 'booked' AND day_on >= ?"
        " ORDER BY day_on, from_min, rowid",
        from_on,
    )


def of_day(store: Store, day_on: str) -> list[Row]:
    return store.all(
        "SELECT * FROM appointments WHERE day_on = ? AND state != 'cancelled'"
        " ORDER BY from_min, rowid",
        day_on,
    )


def taken_spans(store: Store, day_on: str) -> list[Span]:
    rows = store.all(
        "SELECT from_min, to_min FROM appointments"
        " WHERE day_on = ? AND state IN ('booked', 'came')",
        day_on,
    )
    return [Span(row["from_min"], row["to_min"]) for row in rows]


def overdue(store: Store, today_on: str) -> list[Row]:
    return store.all("SELECT * FROM appointments WHERE state = 'booked' AND day_on < ?", today_on)


def slip_job(store: Store, appointment_id: str) -> Row | None:
    """The newest job of its slip."""
    return store.one(
        "SELECT * FROM print_jobs WHERE kind = 'appointment'"
        " AND json_extract(payload, '$.appointment') = ? ORDER BY id DESC LIMIT 1",
        appointment_id,
    )
