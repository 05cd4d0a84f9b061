"""This file deletes events whose time is over, and remembers of each lane how far it forgot.

What a lane has forgotten is still known as taken: when a house says it again, it is a copy. Marks,
totals, calls, alarms and what is set aside stay. What waits behind a gap has had no effect yet, and
is never deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import Envelope, utc_text
from ward.store.database import Store
from ward.store.db import Db, lookup

KEEP_DAYS = 400  # a year, and the month in which it is compared with the one before
PIECE = 2000  # events in one transaction: nobody waits long for the database
PASS_MOST = 20_000
LANE = ("house", "epoch", "stream")


def forget_events(store: Store, now: datetime, keep_days: int) -> int:
    """Delete what was received more than `keep_days` ago (0: nothing); how many events went.

    A pass deletes some thousands at most. It writes only where there is something to delete.
    """
    before = utc_text(now - timedelta(days=keep_days)) if keep_days else ""
    after, gone = 0, 0
    # The last one stays, or SQLite would give its number again.
    newest = store.value("SELECT max(id) FROM events") if before else None
    while before and gone < PASS_MOST:
        # Numbers rise with the time of receipt: the oldest come first, without an index.
        rows = store.all(
            "SELECT id, house, epoch, stream, seq, received_at FROM events WHERE id > ?"
            " ORDER BY id LIMIT ?",
            after,
            PIECE,
        )
        old = [r for r in rows if r["received_at"] < before and r["id"] != newest]
        if old:
            after = old[-1]["id"]
            with store.write() as db:
                gone += _delete(db, old)
        if len(old) < PIECE:
            break
    return gone


def taken_before(db: Db, batch: list[Envelope]) -> list[Envelope]:
    """Of these events, those that were here, had their effect, and are deleted."""
    lanes = {e.key[:3] for e in batch}
    rows = lookup(db, "forgotten", "house, epoch, stream, upto", LANE, lanes)
    upto = {_lane(r): int(r["upto"]) for r in rows}
    early = {e.key for e in batch if e.seq <= upto.get(e.key[:3], 0)}
    if not early:
        return []
    found = lookup(db, "events", "house, epoch, stream, seq", (*LANE, "seq"), early)
    early -= {(*_lane(r), int(r["seq"])) for r in found}
    return [e for e in batch if e.key in early]


def _delete(db: Db, old: list[dict[str, Any]]) -> int:
    lanes = {_lane(row) for row in old}
    rows = lookup(db, "lanes", "house, epoch, stream, upto", LANE, lanes)
    whole = {_lane(row): int(row["upto"]) for row in rows}
    due = [row for row in old if row["seq"] <= whole.get(_lane(row), 0)]
    last: dict[tuple[str, str, str], int] = {}
    for row in due:
        last[_lane(row)] = max(last.get(_lane(row), 0), row["seq"])
    db.executemany(
        "INSERT INTO forgotten VALUES (?, ?, ?, ?) ON CONFLICT (house, epoch, stream) DO UPDATE"
        " SET upto = excluded.upto WHERE excluded.upto > forgotten.upto",
        [(*lane, upto) for lane, upto in last.items()],
    )
    db.executemany("DELETE FROM events WHERE id = ?", [(row["id"],) for row in due])
    return len(due)


def _lane(row: Any) -> tuple[str, str, str]:
    return row["house"], row["epoch"], row["stream"]
