"""This file takes events in: each once, its effect in its lane's order, how far each lane is whole.

Several consumers may do so at once on one database: whoever takes a house's events holds that
house until the commit, so its events are numbered, applied and counted one after the other.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from appliance.sync.protocol import Envelope, Receipt, dump
from ward.store import effects, retention
from ward.store.db import Db, lookup
from ward.store.effects import Lane

Key = tuple[str, str, str, int]  # house, epoch, stream, seq
KEY = ("house", "epoch", "stream", "seq")
BODY = ("mono_ms", "t", "sync", "d", "received_at")
CHUNK = 500


@dataclass
class Taken:
    """What one batch did. `receipts`: (house, receipt) for every lane touched, new or not."""

    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    receipts: list[tuple[str, Receipt]] = field(default_factory=list)


def take(db: Db, batch: Sequence[Envelope], received_at: str) -> Taken:
    """Store a batch inside the caller's transaction: dedupe, effect, high-water mark.

    An event has its effect when everything before it in its lane is here; but a call for help
    rings at once.
    """
    taken = Taken()
    if not batch:
        return taken
    db.lock_houses({e.house for e in batch})
    past = retention.taken_before(db, list(batch))
    taken.duplicates += len(past)
    gone = {e.key for e in past}
    batch = [e for e in batch if e.key not in gone] if gone else batch
    new = _insert(db, batch, received_at)
    lanes: dict[Lane, list[Envelope]] = {}  # with what is new in them
    lanes.update({(e.house, e.epoch, e.stream): [] for e in past})
    floors: dict[Lane, int] = {}
    known: list[Envelope] = []
    for envelope in batch:
        fresh = lanes.setdefault((envelope.house, envelope.epoch, envelope.stream), [])
        if envelope.key not in new:
            known.append(envelope)
            continue
        new.discard(envelope.key)  # the same key again in this batch is not new any more
        taken.stored += 1
        fresh.append(envelope)
        if (begins_later := effects.floor(envelope)) is not None:
            lane, seq = begins_later
            lanes.setdefault(lane, [])
            floors[lane] = max(seq - 1, floors.get(lane, 0))
    _compare(db, known, taken, received_at)
    marks = _marks(db, lanes)
    totals: Counter[tuple[str, str]] = Counter()
    moved: list[tuple[Lane, int]] = []
    for lane, fresh in lanes.items():
        upto = marks.get(lane, 0)
        reached = _advance(db, lane, upto, floors.get(lane, 0), fresh, received_at, totals)
        if reached != upto or lane not in marks:
            marks[lane] = reached
            moved.append((lane, reached))
    for lane, reached in _close_gaps(db, moved, totals):
        marks[lane] = reached
    db.executemany(
        "INSERT INTO lanes VALUES (?, ?, ?, ?, ?) ON CONFLICT (house, epoch, stream) DO UPDATE SET"
        " upto = excluded.upto, touched_at = excluded.touched_at",
        [(*lane, marks[lane], received_at) for lane, _ in moved],
    )
    db.executemany(
        "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (house, stream) DO UPDATE SET"
        " n = totals.n + excluded.n",
        [(house, stream, n) for (house, stream), n in totals.items()],
    )
    taken.receipts = [(lane[0], Receipt(lane[1], lane[2], marks[lane])) for lane in lanes]
    return taken


def latest_receipts(db: Db, house: str | None = None) -> list[tuple[str, Receipt]]:
    """The high-water mark of the lanes each house used last, to be told again after a silence."""
    rows = db.execute(
        "SELECT house, epoch, stream, upto FROM (SELECT house, epoch, stream, upto, row_number()"
        " OVER (PARTITION BY house, stream ORDER BY touched_at DESC) AS place FROM lanes"
        " WHERE house = coalesce(?, house)) AS ranked WHERE place = 1",
        (house,),
    )
    return [(r["house"], Receipt(r["epoch"], r["stream"], r["upto"])) for r in rows]


def refusal(db: Db, house: str, refused: Receipt) -> Receipt:
    """`refused` with how far its lane is whole here."""
    row = db.execute(
        "SELECT upto FROM lanes WHERE house = ? AND epoch = ? AND stream = ?",
        (house, refused.epoch, refused.stream),
    ).fetchone()
    return replace(refused, upto=int(row["upto"]) if row else 0)


def _insert(db: Db, batch: Sequence[Envelope], received_at: str) -> set[tuple[Any, ...]]:
    """Insert what is not here yet, all at once; the keys that were new."""
    rows = [(*e.key, e.mono_ms, e.t, e.sync, dump(e.d), received_at) for e in batch]
    return db.add_new("events", (*KEY, *BODY), KEY, rows)


def _compare(db: Db, known: Sequence[Envelope], taken: Taken, at: str) -> None:
    """Events whose key is here: the same again is a copy; another body is kept aside."""
    kept = _kept(db, {e.key for e in known})
    for envelope in known:
        if kept[envelope.key] == envelope.body():
            taken.duplicates += 1
        else:
            taken.conflicts += 1
            _keep_aside(db, envelope, at)


def _kept(db: Db, keys: Iterable[Key]) -> dict[Key, str]:
    """The canonical bodies of what is stored under these keys."""
    columns = ", ".join((*KEY, *BODY))
    rows = lookup(db, "events", columns, KEY, keys)
    return {e.key: e.body() for e, _ in map(_read, rows)}


def _read(row: Any) -> tuple[Envelope, str]:
    """An event as it is stored, and when it was received."""
    plain = {name: row[name] for name in (*KEY, *BODY[:3])}
    return Envelope(**plain, d=json.loads(row["d"])), row["received_at"]


def _marks(db: Db, lanes: Iterable[Lane]) -> dict[Lane, int]:
    """How far each of these lanes is whole; those never seen are left out."""
    rows = lookup(db, "lanes", "house, epoch, stream, upto", KEY[:3], lanes)
    return {(r["house"], r["epoch"], r["stream"]): int(r["upto"]) for r in rows}


def _advance(
    db: Db,
    lane: Lane,
    upto: int,
    floor: int,
    fresh: Sequence[Envelope],
    at: str,
    totals: Counter[tuple[str, str]],
) -> int:
    """Apply what is new and whole; how far the lane is then, as far as this batch goes."""
    if floor > upto:
        # What lies before the floor is gone: what of it did come has its effect now.
        began, upto = upto, _apply_stored(db, lane, upto, totals, floor)
        fresh = [e for e in fresh if not began < e.seq <= upto]
    for envelope in sorted(fresh, key=lambda e: e.seq):
        if envelope.seq <= upto + 1:  # below the mark: it came after its lane had begun later
            effects.apply(db, envelope, at)
            totals[(lane[0], lane[2])] += 1
            upto = max(upto, envelope.seq)
        elif envelope.stream == "help":
            effects.ring(db, envelope, at)
    return upto


def _close_gaps(
    db: Db, moved: Sequence[tuple[Lane, int]], totals: Counter[tuple[str, str]]
) -> list[tuple[Lane, int]]:
    """Lanes whose next event had come before and waited behind a gap: go on through them."""
    uptos = dict(moved)
    next_keys = [(*lane, upto + 1) for lane, upto in moved]
    there = lookup(db, "events", ", ".join(KEY[:3]), KEY, next_keys)
    lanes: list[Lane] = [(r["house"], r["epoch"], r["stream"]) for r in there]
    return [(lane, _apply_stored(db, lane, uptos[lane], totals)) for lane in lanes]


def _apply_stored(
    db: Db, lane: Lane, upto: int, totals: Counter[tuple[str, str]], floor: int = 0
) -> int:
    """Apply what is stored after `upto`: all up to `floor`, then until the next gap; the mark."""
    after, whole = upto, True
    while whole:
        rows = db.execute(
            f"SELECT {', '.join((*KEY, *BODY))} FROM events"  # noqa: S608 - names of our own
            " WHERE house = ? AND epoch = ? AND stream = ? AND seq > ? ORDER BY seq LIMIT ?",
            (*lane, after, CHUNK),
        ).fetchall()
        for envelope, received_at in map(_read, rows):
            if envelope.seq > max(floor, upto) and envelope.seq != max(floor, upto) + 1:
                whole = False
                break
            effects.apply(db, envelope, received_at)
            totals[(lane[0], lane[2])] += 1
            upto = after = envelope.seq
        whole = whole and len(rows) == CHUNK
    return max(upto, floor)


def _keep_aside(db: Db, e: Envelope, at: str) -> None:
    body = e.body()
    digest = hashlib.blake2b(body.encode(), digest_size=16).hexdigest()
    db.execute(
        "INSERT INTO conflicts (house, epoch, stream, seq, body, payload, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (house, epoch, stream, seq, body) DO UPDATE SET"
        " times = conflicts.times + 1, last_at = excluded.last_at",
        (*e.key, digest, body, at, at),
    )
