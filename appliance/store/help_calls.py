"""This file reads calls for help."""

from __future__ import annotations

from appliance.store.database import Row, Store


def get(store: Store, call_id: str) -> Row | None:
    return store.one("SELECT * FROM help_calls WHERE id = ?", call_id)


def still_on(store: Store) -> list[Row]:
    """Calls open or answered, the oldest first."""
    return store.all(
        "SELECT * FROM help_calls WHERE state IN ('open', 'answered') ORDER BY made_at, rowid"
    )


def newest(store: Store) -> Row | None:
    return store.one("SELECT * FROM help_calls ORDER BY rowid DESC LIMIT 1")


def withdrawn_since(store: Store, epoch: str, mono_ms: int) -> int:
    """How many calls made after this moment of this start were withdrawn."""
    return int(
        store.value(
            "SELECT count(*) FROM help_calls WHERE state = 'withdrawn' AND epoch = ?"
            " AND mono_ms > ?",
            epoch,
            mono_ms,
        )
    )
