"""This file keeps results of dossiers on their way to a house, until the house says it has them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import (
    RESULTS_BEHIND,
    DossierState,
    Result,
    encode_result,
    parse_utc,
    utc_text,
)
from ward.store.db import Db

RESEND_AFTER = timedelta(seconds=15)
KEPT = timedelta(days=180)  # a new box of the same house gets these again


def put(
    db: Db,
    house: str,
    dossier: str,
    state: DossierState,
    note: str,
    by: str,
    now: datetime,
) -> int:
    """Write down a result before it is sent, inside the caller's transaction; its seq.

    Raises ProtocolError (bad_note, bad_job, bad_state).
    """
    lane = _lane(db, house)
    result = Result(lane["epoch"], lane["last_seq"] + 1, dossier, state, utc_text(now), note)
    encode_result(result)
    db.execute(
        "INSERT INTO results (house, seq, dossier, state, note, at, made_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (house, result.seq, dossier, state, note, result.at, by),
    )
    db.execute("UPDATE result_lanes SET last_seq = ? WHERE house = ?", (result.seq, house))
    return result.seq


def due(db: Db, now: datetime) -> list[tuple[str, Result]]:
    """(house, result) never sent, or sent a while ago and not taken; the oldest first."""
    rows = db.execute(
        "SELECT r.*, l.epoch, k.least - 1 AS floor FROM results r"
        " JOIN result_lanes l ON l.house = r.house"
        " JOIN (SELECT house, min(seq) AS least FROM results GROUP BY house) k ON k.house = r.house"
        " WHERE r.seq > l.taken"
        " AND r.seq <= ? + CASE WHEN l.taken > 0 THEN l.taken ELSE k.least END"
        " AND (r.sent_at IS NULL OR r.sent_at <= ?) ORDER BY r.house, r.seq LIMIT 500",
        (RESULTS_BEHIND, utc_text(now - RESEND_AFTER)),
    ).fetchall()
    names = ("epoch", "seq", "dossier", "state", "at", "note", "floor")
    return [(r["house"], Result(**{name: r[name] for name in names})) for r in rows]


def mark_sent(db: Db, house: str, seq: int, now: datetime) -> None:
    db.execute(
        "UPDATE results SET sent_at = ? WHERE house = ? AND seq = ?", (utc_text(now), house, seq)
    )


def send_again(db: Db, house: str | None = None) -> None:
    """A house came back, or the broker did: what is not taken goes at once."""
    db.execute(
        "UPDATE results SET sent_at = NULL WHERE house = coalesce(?, house) AND sent_at IS NOT NULL"
        " AND seq > (SELECT taken FROM result_lanes l WHERE l.house = results.house)",
        (house,),
    )


def taken(db: Db, house: str, d: Mapping[str, Any]) -> None:
    """The house told on `ops` how far it has our results."""
    upto = d.get("upto")
    if isinstance(upto, bool) or not isinstance(upto, int):
        return
    db.execute(
        "UPDATE result_lanes SET taken = ? WHERE house = ? AND epoch = ? AND taken < ?"
        " AND last_seq >= ?",
        (upto, house, d.get("epoch") if isinstance(d.get("epoch"), str) else "", upto, upto),
    )


def reported(db: Db, house: str, hello: Mapping[str, Any]) -> None:
    """The house said in its hello how far it has our results.

    Less than we knew: its card went back in time, or it is a new box; it gets the rest again. More
    than we ever sent: it was our database that went back; a new epoch begins, from the first.
    """
    epoch, upto = hello.get("results_epoch"), hello.get("results_upto")
    row = db.execute("SELECT * FROM result_lanes WHERE house = ?", (house,)).fetchone()
    if row is None or isinstance(upto, bool) or not isinstance(upto, int):
        return
    if epoch != row["epoch"]:
        upto = 0
    if upto > row["last_seq"]:
        db.execute(
            "UPDATE result_lanes SET epoch = ?, taken = 0 WHERE house = ?", (_epoch(), house)
        )
    elif upto != row["taken"]:
        db.execute("UPDATE result_lanes SET taken = ? WHERE house = ?", (max(0, upto), house))
    else:
        return
    send_again(db, house)


def forget(db: Db, now: datetime) -> None:
    """Results taken long ago go; the numbers go on."""
    db.execute(
        "DELETE FROM results WHERE at < ? AND seq <="
        " (SELECT taken FROM result_lanes l WHERE l.house = results.house)",
        (utc_text(now - KEPT),),
    )


def waiting(db: Db, house: str) -> int:
    """How many results the house has not said it has."""
    row = db.execute("SELECT last_seq - taken FROM result_lanes WHERE house = ?", (house,))
    found = row.fetchone()
    return int(found[0]) if found else 0


def last_sent_at(db: Db, house: str, dossier: str) -> datetime | None:
    row = db.execute(
        "SELECT max(sent_at) FROM results WHERE house = ? AND dossier = ?", (house, dossier)
    ).fetchone()
    return parse_utc(row[0]) if row and row[0] else None


def _lane(db: Db, house: str) -> Any:
    db.execute(
        "INSERT INTO result_lanes (house, epoch, last_seq, taken) VALUES (?, ?, 0, 0)"
        " ON CONFLICT (house) DO NOTHING",
        (house, _epoch()),
    )
    return db.execute("SELECT * FROM result_lanes WHERE house = ?", (house,)).fetchone()


def _epoch() -> str:
    return secrets.token_hex(8)
