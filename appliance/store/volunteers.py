"""This file reads volunteers, their sessions and who is on duty."""

from __future__ import annotations

from appliance.store.database import Row, Store


def active(store: Store) -> list[Row]:
    return store.all("SELECT * FROM volunteers WHERE active = 1 ORDER BY id")


def get(store: Store, volunteer_id: int) -> Row | None:
    return store.one("SELECT * FROM volunteers WHERE id = ? AND active = 1", volunteer_id)


def on_duty(store: Store) -> list[Row]:
    """Who is on duty now, in the order they came. `name` only with consent, else empty."""
    return store.all(
        "SELECT v.id, v.desk, CASE WHEN v.shows_name THEN v.name ELSE '' END AS name, d.began_at"
        " FROM duty d JOIN volunteers v ON v.id = d.volunteer_id"
        " WHERE d.ended_at IS NULL AND v.active = 1 ORDER BY d.id"
    )
