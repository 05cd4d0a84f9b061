"""This file keeps what broke the contract: counted by reason, the newest few as samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ward.store.db import Db

SAMPLES_KEPT = 500
SAMPLE_BYTES = 1024
TOPIC_MOST = 200


@dataclass(frozen=True)
class Refused:
    """One message that was not taken, with its first bytes."""

    topic: str
    reason: str
    size_bytes: int
    sample: bytes


def refuse(topic: str, reason: str, payload: bytes) -> Refused:
    storable = topic.encode("utf-8", "replace").decode()
    return Refused(storable[:TOPIC_MOST], reason, len(payload), payload[:SAMPLE_BYTES])


def keep(db: Db, refused: Iterable[Refused], received_at: str) -> None:
    """Count and keep these, inside the caller's transaction; older samples make room."""
    items = list(refused)
    if not items:
        return
    db.executemany(
        "INSERT INTO refused (topic, reason, size_bytes, sample, received_at)"
        " VALUES (?, ?, ?, ?, ?)",
        [(r.topic, r.reason, r.size_bytes, r.sample, received_at) for r in items],
    )
    db.execute("DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - ?", (SAMPLES_KEPT,))
    db.executemany(
        "INSERT INTO refused_counts VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET"
        " n = refused_counts.n + excluded.n",
        # In one order: two writers who wait for each other would wait for ever.
        sorted(Counter(r.reason for r in items).items()),
    )


def counts(db: Db) -> dict[str, int]:
    return {row["reason"]: row["n"] for row in db.execute("SELECT reason, n FROM refused_counts")}
