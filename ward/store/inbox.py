"""This file takes events in: each once, its effect with it, and how far each lane is whole."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from appliance.sync.protocol import Envelope, Receipt, Stream
from ward.store import effects

Lane = tuple[str, str, Stream]  # house, epoch, stream


@dataclass
class Taken:
    """What one batch did. `receipts`: (house, receipt) for every lane touched, new or not."""

    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    receipts: list[tuple[str, Receipt]] = field(default_factory=list)
    houses: set[str] = field(default_factory=set)


def take(db: sqlite3.Connection, batch: Iterable[Envelope], received_at: str) -> Taken:
    """Store a batch inside the caller's transaction: dedupe, effect, high-water mark."""
    taken = Taken()
    totals: Counter[tuple[str, str]] = Counter()
    lanes: dict[Lane, None] = {}
    for envelope in batch:
        body = envelope.body()
        digest = hashlib.blake2b(body.encode(), digest_size=16).hexdigest()
        lanes[(envelope.house, envelope.epoch, envelope.stream)] = None
        if _insert(db, envelope, digest, received_at):
            taken.stored += 1
            totals[(envelope.house, envelope.stream)] += 1
            effects.apply(db, envelope, received_at)
            taken.houses.add(envelope.house)
        elif _kept_digest(db, envelope) == digest:
            taken.duplicates += 1
        else:
            taken.conflicts += 1
            _keep_aside(db, envelope, digest, body, received_at)
    db.executemany(
        "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(house, stream, n) for (house, stream), n in totals.items()],
    )
    for lane in lanes:
        taken.receipts.append((lane[0], _advance(db, lane, received_at)))
    return taken


def latest_receipts(db: sqlite3.Connection, house: str | None = None) -> list[tuple[str, Receipt]]:
    """The high-water mark of the lanes each house used last, to be told again after a silence."""
    rows = db.execute(
        "SELECT house, epoch, stream, upto, max(touched_at) FROM lanes"
        " WHERE house = coalesce(?, house) GROUP BY house, stream",
        (house,),
    )
    return [(r["house"], Receipt(r["epoch"], r["stream"], r["upto"])) for r in rows]


def _insert(db: sqlite3.Connection, e: Envelope, digest: str, received_at: str) -> bool:
    cursor = db.execute(
        "INSERT OR IGNORE INTO events (house, epoch, stream, seq, mono_ms, t, sync, d, body,"
        " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_key(e), e.mono_ms, e.t, e.sync, effects.json_text(e.d), digest, received_at),
    )
    return cursor.rowcount == 1


def _kept_digest(db: sqlite3.Connection, e: Envelope) -> str:
    row = db.execute(
        "SELECT body FROM events WHERE house = ? AND epoch = ? AND stream = ? AND seq = ?", _key(e)
    ).fetchone()
    return str(row["body"])


def _keep_aside(db: sqlite3.Connection, e: Envelope, digest: str, body: str, at: str) -> None:
    db.execute(
        "INSERT INTO conflicts (house, epoch, stream, seq, body, payload, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET times = times + 1, last_at = excluded.last_at",
        (*_key(e), digest, body, at, at),
    )


def _advance(db: sqlite3.Connection, lane: Lane, at: str) -> Receipt:
    row = db.execute(
        "SELECT upto FROM lanes WHERE house = ? AND epoch = ? AND stream = ?", lane
    ).fetchone()
    upto = before = int(row["upto"]) if row else 0
    for (seq,) in db.execute(
        "SELECT seq FROM events WHERE house = ? AND epoch = ? AND stream = ? AND seq > ?"
        " ORDER BY seq",
        (*lane, upto),
    ):
        if seq != upto + 1:
            break
        upto = seq
    if upto != before or row is None:
        db.execute(
            "INSERT INTO lanes VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET upto = excluded.upto, touched_at = excluded.touched_at",
            (*lane, upto, at),
        )
    return Receipt(lane[1], lane[2], upto)


def _key(e: Envelope) -> tuple[str, str, str, int]:
    return (e.house, e.epoch, e.stream, e.seq)
