"""This file reads which visits belong to one family."""

from __future__ import annotations

from appliance.store.database import Row, Store


def head_of(store: Store, visit_id: str) -> str:
    """The family's first visit; the visit itself while it has no family."""
    found = store.value("SELECT head_visit_id FROM family_visits WHERE visit_id = ?", visit_id)
    return str(found or visit_id)


def others(store: Store, visit_id: str) -> list[Row]:
    """The other visits of the family, oldest first: id, state, service_id, number."""
    return store.all(
        "SELECT v.id, v.state, v.service_id, t.number FROM visits v"
        " JOIN tickets t ON t.id = v.ticket_id"
        " LEFT JOIN family_visits f ON f.visit_id = v.id"
        " WHERE coalesce(f.head_visit_id, v.id) = ? AND v.id <> ? ORDER BY v.opened_at, v.rowid",
        head_of(store, visit_id),
        visit_id,
    )
