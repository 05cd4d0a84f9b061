"""This file reads the outbox: what the ward has not said it has."""

from __future__ import annotations

from appliance.store.database import Row, Store


def lanes(store: Store) -> list[tuple[str, str]]:
    """(epoch, stream) of every lane with something pending, the lane with the oldest row first.

    Steps from lane to lane through the index: as quick with 100,000 rows waiting as with ten.
    """
    found: list[tuple[int, str, str]] = []
    epoch = stream = ""
    while True:
        row = store.one(
            "SELECT epoch, stream, ord FROM outbox INDEXED BY outbox_lane"
            " WHERE receipted_at IS NULL AND (epoch, stream) > (?, ?)"
            " ORDER BY epoch, stream, seq LIMIT 1",
            epoch,
            stream,
        )
        if row is None:
            return [(e, s) for _, e, s in sorted(found)]
        epoch, stream = row["epoch"], row["stream"]
        found.append((row["ord"], epoch, stream))


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


def row(store: Store, epoch: str, stream: str, seq: int) -> Row | None:
    return store.one(
        "SELECT * FROM outbox WHERE epoch = ? AND stream = ? AND seq = ?", epoch, stream, seq
    )
