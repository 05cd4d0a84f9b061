"""This file takes events in: each once, its effect with it, and how far each lane is whole."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from appliance.sync.protocol import Envelope, Receipt, dump
from ward.store import effects
from ward.store.effects import Lane

Key = tuple[str, str, str, int]  # house, epoch, stream, seq


@dataclass
class Taken:
    """What one batch did. `receipts`: (house, receipt) for every lane touched, new or not."""

    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    receipts: list[tuple[str, Receipt]] = field(default_factory=list)


def take(db: sqlite3.Connection, batch: Sequence[Envelope], received_at: str) -> Taken:
    """Store a batch inside the caller's transaction: dedupe, effect, high-water mark."""
    taken = Taken()
    totals: Counter[tuple[str, str]] = Counter()
    new = _insert(db, batch, received_at)
    lanes: dict[Lane, None] = {}
    for envelope in batch:
        lanes[(envelope.house, envelope.epoch, envelope.stream)] = None
        if envelope.key in new:
            new.discard(envelope.key)  # the same key again in this batch is not new any more
            taken.stored += 1
            totals[(envelope.house, envelope.stream)] += 1
            if (begins_later := effects.apply(db, envelope, received_at)) is not None:
                lanes[begins_later] = None
        elif _kept_body(db, envelope) == envelope.body():
            taken.duplicates += 1
        else:
            taken.conflicts += 1
            _keep_aside(db, envelope, received_at)
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


def refusal(db: sqlite3.Connection, house: str, refused: Receipt) -> Receipt:
    """`refused` with how far its lane is whole here."""
    row = db.execute(
        "SELECT upto FROM lanes WHERE house = ? AND epoch = ? AND stream = ?",
        (house, refused.epoch, refused.stream),
    ).fetchone()
    return replace(refused, upto=int(row["upto"]) if row else 0)


def _insert(db: sqlite3.Connection, batch: Sequence[Envelope], received_at: str) -> set[Key]:
    """Insert what is not here yet, all at once; the keys that were new."""
    before, last_id = db.total_changes, db.execute("SELECT max(id) FROM events").fetchone()[0]
    db.executemany(
        "INSERT OR IGNORE INTO events (house, epoch, stream, seq, mono_ms, t, sync, d,"
        " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*e.key, e.mono_ms, e.t, e.sync, dump(e.d), received_at) for e in batch],
    )
    if db.total_changes - before == len(batch):
        return {e.key for e in batch}
    rows = db.execute("SELECT house, epoch, stream, seq FROM events WHERE id > ?", (last_id or 0,))
    return {(r[0], r[1], r[2], r[3]) for r in rows}


def _kept_body(db: sqlite3.Connection, e: Envelope) -> str:
    """The canonical body of what is stored under this key."""
    row = db.execute(
        "SELECT mono_ms, t, sync, d FROM events"
        " WHERE house = ? AND epoch = ? AND stream = ? AND seq = ?",
        e.key,
    ).fetchone()
    kept = replace(e, mono_ms=row["mono_ms"], t=row["t"], sync=row["sync"], d=json.loads(row["d"]))
    return kept.body()


def _keep_aside(db: sqlite3.Connection, e: Envelope, at: str) -> None:
    body = e.body()
    digest = hashlib.blake2b(body.encode(), digest_size=16).hexdigest()
    db.execute(
        "INSERT INTO conflicts (house, epoch, stream, seq, body, payload, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET times = times + 1, last_at = excluded.last_at",
        (*e.key, digest, body, at, at),
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
