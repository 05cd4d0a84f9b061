"""This file is what an event does at the ward besides being stored: calls open, jobs end."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from appliance.sync.protocol import (
    MAX_WHOLE,
    STREAMS,
    Envelope,
    ProtocolError,
    Stream,
    check_epoch,
    parse_utc,
    utc_text,
)

JOB_STATES = ("done", "failed", "rejected")
CALL_ENDS = ("closed", "withdrawn")
CLOCK_SLACK = timedelta(minutes=2)
ETA_MIN_MOST = 24 * 60


Lane = tuple[str, str, Stream]  # house, epoch, stream


def apply(db: sqlite3.Connection, e: Envelope, received_at: str) -> Lane | None:
    """The effect of one event that was not here before. Never raises for odd content of `d`.

    Returns the lane that begins later than was known, if that is what the event said.
    """
    if e.stream == "help":
        _help(db, e, received_at)
    elif e.stream == "ops" and e.d.get("type") == "command":
        _job(db, e, received_at)
    elif e.stream == "ops" and e.d.get("type") == "floor":
        return _floor(db, e, received_at)
    return None


def _help(db: sqlite3.Connection, e: Envelope, received_at: str) -> None:
    kind, call = e.d.get("type"), _text(e.d.get("call"), 64)
    if not call:
        return
    at = happened_at(e, received_at)
    # An ending may overtake its beginning, so every step makes the row, and none leads back.
    db.execute(
        "INSERT OR IGNORE INTO calls (house, call, state, opened_at) VALUES (?, ?, 'open', ?)",
        (e.house, call, at),
    )
    if kind == "called":
        db.execute(
            "UPDATE calls SET opened_at = ?, source = ? WHERE house = ? AND call = ?",
            (at, _text(e.d.get("source"), 20), e.house, call),
        )
    elif kind == "answered":
        db.execute(
            "UPDATE calls SET state = iif(state = 'open', 'answered', state), who = ?,"
            " eta_min = ?, answered_at = ? WHERE house = ? AND call = ?",
            (_text(e.d.get("who"), 60), _minutes(e.d.get("eta_min")), at, e.house, call),
        )
    elif kind in CALL_ENDS:
        db.execute(
            "UPDATE calls SET state = ?, ended_at = ? WHERE house = ? AND call = ?",
            (kind, at, e.house, call),
        )


def _job(db: sqlite3.Connection, e: Envelope, received_at: str) -> None:
    state = e.d.get("state")
    if state in JOB_STATES:
        db.execute(
            "UPDATE jobs SET state = ?, reason = ?, ended_at = ? WHERE job = ? AND house = ?"
            " AND state IN ('queued', 'sent', 'expired')",
            (state, _text(e.d.get("code"), 60), received_at, _text(e.d.get("job"), 64), e.house),
        )


def _floor(db: sqlite3.Connection, e: Envelope, received_at: str) -> Lane | None:
    """The house no longer has what lies before `seq` of one of its lanes: do not wait for it."""
    try:
        epoch, seq = check_epoch(e.d.get("epoch")), e.d.get("seq")
        stream = next(s for s in STREAMS if s == e.d.get("stream"))
    except (ProtocolError, StopIteration):
        return None
    if isinstance(seq, bool) or not isinstance(seq, int) or not 1 < seq <= MAX_WHOLE:
        return None
    db.execute(
        "INSERT INTO lanes VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " upto = max(upto, excluded.upto), touched_at = excluded.touched_at",
        (e.house, epoch, stream, seq - 1, received_at),
    )
    return (e.house, epoch, stream)


def happened_at(e: Envelope, received_at: str) -> str:
    """When it happened, UTC: the house's word while its clock was set, else when we heard it."""
    heard = parse_utc(received_at)
    said = parse_utc(e.t)
    if e.sync == "none" or said > heard + CLOCK_SLACK:
        return received_at
    return utc_text(min(said, heard))


def _text(value: object, most: int) -> str:
    """Hostile text made storable and short: printable characters only."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    if isinstance(value, int) and abs(value) > 2**63:
        return ""
    return "".join(c for c in str(value) if c.isprintable())[:most].strip()


def _minutes(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= ETA_MIN_MOST else None
