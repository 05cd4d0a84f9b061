"""This file reads visits, their pages and the captures asked for."""

from __future__ import annotations

import json

from appliance.store.database import Row, Store


def get(store: Store, visit_id: str) -> Row | None:
    row = store.one(
        "SELECT v.*, t.number, t.day_on, t.recipient, t.desk, t.state AS ticket_state"
        " FROM visits v JOIN tickets t ON t.id = v.ticket_id WHERE v.id = ?",
        visit_id,
    )
    if row is not None:
        row["outcome"] = json.loads(row["outcome"])
    return row


def of_ticket(store: Store, ticket_id: str) -> Row | None:
    return store.one("SELECT * FROM visits WHERE ticket_id = ?", ticket_id)


def not_closed(store: Store) -> list[Row]:
    return store.all(
        "SELECT v.*, t.number FROM visits v JOIN tickets t ON t.id = v.ticket_id"
        " WHERE v.state IN ('open', 'parked') ORDER BY v.opened_at"
    )


def open_ones(store: Store) -> list[Row]:
    return store.all("SELECT * FROM visits WHERE state = 'open'")


def pages(store: Store, visit_id: str) -> list[Row]:
    """The pages kept, in their order; `checks` parsed."""
    rows = store.all(
        "SELECT * FROM pages WHERE visit_id = ? AND state = 'kept' ORDER BY position, rowid",
        visit_id,
    )
    for row in rows:
        row["checks"] = json.loads(row["checks"])
    return rows


def page(store: Store, page_id: str) -> Row | None:
    return store.one("SELECT * FROM pages WHERE id = ?", page_id)


def capture(store: Store, capture_id: int) -> Row | None:
    return store.one("SELECT * FROM captures WHERE id = ?", capture_id)


def newest_capture(store: Store, visit_id: str) -> Row | None:
    return store.one("SELECT * FROM captures WHERE visit_id = ? ORDER BY id DESC LIMIT 1", visit_id)


def sealed_kept(store: Store) -> list[Row]:
    """Every page whose sealed file is still on the card."""
    return store.all("SELECT * FROM pages WHERE state IN ('kept', 'removed')")
