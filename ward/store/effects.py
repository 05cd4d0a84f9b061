"""This file is what an event does at the ward besides being stored: calls open, jobs end."""

from __future__ import annotations

import json
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
from ward.store import clocks, jobs, results, wanted
from ward.store.db import Db

JOB_STATES = ("done", "failed", "rejected")
CALL_ENDS = ("closed", "withdrawn")
CALL_TIMES = {
    "called": "opened_at",
    "answered": "answered_at",
    "closed": "ended_at",
    "withdrawn": "ended_at",
}
CLOCK_SLACK = timedelta(minutes=2)
ETA_MIN_MOST = 24 * 60


Lane = tuple[str, str, Stream]  # house, epoch, stream


def apply(db: Db, e: Envelope, received_at: str) -> None:
    """The effect of one event, once, in its lane's order. Never raises for odd content of `d`."""
    if e.stream == "help":
        _help(db, e, received_at)
    elif e.stream == "ops":
        kind = e.d.get("type")
        if kind == "command":
            _job(db, e, received_at)
        elif kind == "clock":
            clocks.learn(db, e)
            _date_calls_again(db, e)
        elif kind == "wanted":
            wanted.told(db, e.house, e.d, received_at)
        elif kind == "results_taken":
            results.taken(db, e.house, e.d)


def ring(db: Db, e: Envelope, received_at: str) -> None:
    """A call for help that waits behind a gap of its lane is shown all the same."""
    if e.stream == "help" and e.d.get("type") == "called":
        _help(db, e, received_at)


def _help(db: Db, e: Envelope, received_at: str) -> None:
    kind, call = e.d.get("type"), _text(e.d.get("call"), 64)
    if not call:
        return
    pair = clocks.known(db, e.house, e.epoch) if e.sync == "none" else None
    at = happened_at(e, received_at, pair)
    _step(db, e, kind, call, at)


def _step(db: Db, e: Envelope, kind: object, call: str, at: str) -> None:
    # An ending may overtake its beginning, so every step makes the row, and none leads back.
    db.execute(
        "INSERT INTO calls (house, call, state, opened_at) VALUES (?, ?, 'open', ?)"
        " ON CONFLICT DO NOTHING",
        (e.house, call, at),
    )
    if kind == "called":
        db.execute(
            "UPDATE calls SET opened_at = ?, source = ? WHERE house = ? AND call = ?",
            (at, _text(e.d.get("source"), 20), e.house, call),
        )
    elif kind == "answered":
        db.execute(
            "UPDATE calls SET state = CASE state WHEN 'open' THEN 'answered' ELSE state END,"
            " who = ?, eta_min = ?, answered_at = ? WHERE house = ? AND call = ?",
            (_text(e.d.get("who"), 60), _minutes(e.d.get("eta_min")), at, e.house, call),
        )
    elif kind in CALL_ENDS:
        db.execute(
            "UPDATE calls SET state = ?, ended_at = ? WHERE house = ? AND call = ?",
            (kind, at, e.house, call),
        )


def _date_calls_again(db: Db, clock: Envelope) -> None:
    """A boot's clock was set: what its calls told before that gets its true time."""
    pair = (clock.mono_ms, clock.t)
    rows = db.execute(
        "SELECT mono_ms, d FROM events WHERE house = ? AND epoch = ? AND stream = 'help'"
        " AND sync = 'none'",
        (clock.house, clock.epoch),
    ).fetchall()
    for row in rows:
        d = json.loads(row["d"])
        at, call = clocks.computed(pair, row["mono_ms"]), _text(d.get("call"), 64)
        column = CALL_TIMES.get(str(d.get("type")))
        if at and call and column:
            # The column's name comes from the table above.
            db.execute(
                f"UPDATE calls SET {column} = ? WHERE house = ? AND call = ?",  # noqa: S608
                (at, clock.house, call),
            )


def _job(db: Db, e: Envelope, received_at: str) -> None:
    state = e.d.get("state")
    if state in JOB_STATES:
        ended = db.execute(
            "UPDATE jobs SET state = ?, reason = ?, ended_at = ? WHERE job = ? AND house = ?"
            " AND state IN ('queued', 'sent', 'expired')",
            (state, _text(e.d.get("code"), 60), received_at, _text(e.d.get("job"), 64), e.house),
        )
        if ended.rowcount and isinstance(answer := e.d.get("answer"), dict):
            jobs.keep_answer(db, _text(e.d.get("job"), 64), answer, received_at)


def floor(e: Envelope) -> tuple[Lane, int] | None:
    """(lane, seq): the house no longer has what lies before `seq` of that lane: do not wait."""
    if e.stream != "ops" or e.d.get("type") != "floor":
        return None
    try:
        epoch, seq = check_epoch(e.d.get("epoch")), e.d.get("seq")
        stream = next(s for s in STREAMS if s == e.d.get("stream"))
    except (ProtocolError, StopIteration):
        return None
    if isinstance(seq, bool) or not isinstance(seq, int) or not 1 < seq <= MAX_WHOLE:
        return None
    return (e.house, epoch, stream), seq


def happened_at(e: Envelope, received_at: str, pair: tuple[int, str] | None = None) -> str:
    """When it happened, UTC: the house's word while its clock was set; else by the steady clock,
    when a moment (`pair`) of this boot is known; else when we heard it."""
    heard = parse_utc(received_at)
    true = clocks.computed(pair, e.mono_ms) if pair and e.sync == "none" else None
    said = parse_utc(true or e.t)
    if (e.sync == "none" and true is None) or said > heard + CLOCK_SLACK:
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
