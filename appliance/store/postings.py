"""This file reads statutory notices, and the hours they were seen on a screen."""

from __future__ import annotations

from appliance.store.database import Row, Store


def up(store: Store) -> list[Row]:
    return store.all("SELECT * FROM postings WHERE state = 'up' ORDER BY id")


def get(store: Store, posting_id: int) -> Row | None:
    return store.one("SELECT * FROM postings WHERE id = ?", posting_id)


def newest(store: Store, most: int = 50) -> list[Row]:
    return store.all("SELECT * FROM postings ORDER BY id DESC LIMIT ?", most)


def hours(store: Store, posting_id: int) -> list[Row]:
    """Each hour in which a screen of the house showed it, with the first and last look."""
    return store.all(
        "SELECT * FROM posting_hours WHERE posting_id = ? ORDER BY hour_at, screen", posting_id
    )
