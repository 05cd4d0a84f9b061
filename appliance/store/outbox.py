"""This file reads the outbox: what the ward has not said it has."""

from __future__ import annotations

from appliance.store.database import Row, Store


def lanes(store: Store) -> list[tuple[str, str]]:
    """(epoch, stream) of every lane with something pending, the lane with the oldest row first."""
    return [
        (row["epoch"], row["stream"])
        for row in store.all(
            "SELECT epoch, stream FROM outbox WHERE receipted_at IS NULL"
            " GROUP BY epoch, stream ORDER BY min(ord)"
        )
    ]


def pending(store: Store, epoch: str, stream: str, after_seq: int, most: int) -> list[Row]:
    """The next unreceipted rows of one lane, in order."""
    return store.all(
        "SELECT * FROM outbox WHERE receipted_at IS NULL AND epoch = ? AND stream = ? AND seq > ?"
        " ORDER BY seq LIMIT ?",
        epoch,
        stream,
        after_seq,
        most,
    )


def count_pending(store: Store) -> int:
    return int(store.value("SELECT count(*) FROM outbox WHERE receipted_at IS NULL"))


def oldest_pending_at(store: Store) -> str | None:
    """UTC text of the oldest unreceipted row."""
    at = store.value("SELECT at FROM outbox WHERE receipted_at IS NULL ORDER BY ord LIMIT 1")
    return str(at) if at is not None else None
