"""This file reads what was set aside: items that could not go to the ward as they are."""

from __future__ import annotations

from appliance.store.database import Row, Store


def waiting(store: Store, most: int = 50) -> list[Row]:
    """What a person may retry or discard, the newest first."""
    return store.all("SELECT * FROM set_aside WHERE state = 'aside' ORDER BY id DESC LIMIT ?", most)


def count(store: Store) -> int:
    return int(store.value("SELECT count(*) FROM set_aside WHERE state = 'aside'"))


def get(store: Store, item_id: int) -> Row | None:
    return store.one("SELECT * FROM set_aside WHERE id = ?", item_id)
