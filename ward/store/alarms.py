"""This file keeps alarms and tellings, so that a restart tells nobody twice and forgets nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import utc_text
from ward.store.database import Store
from ward.store.db import Db

TRIES_MOST = 3
RETRY_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Telling:
    """One message to one person about one alarm, claimed by whoever sends it."""

    alarm: dict[str, Any]
    person: str
    word: str


def begin(db: Db, kind: str, house: str, ref: str, since: datetime, now: datetime) -> None:
    """A new alarm, unless it is on already; a help call rings once in its life."""
    if (
        kind == "help"
        and db.execute(
            "SELECT 1 FROM alarms WHERE kind = 'help' AND house = ? AND ref = ?", (house, ref)
        ).fetchone()
    ):
        return
    at = at_text(now)
    db.execute(
        "INSERT INTO alarms (kind, house, ref, since_at, begun_at, state, next_at)"
        " VALUES (?, ?, ?, ?, ?, 'open', ?) ON CONFLICT DO NOTHING",
        (kind, house, ref, at_text(since), at, at),
    )


def not_over(store: Store) -> list[dict[str, Any]]:
    return store.all("SELECT * FROM alarms WHERE state <> 'over' ORDER BY id")


def take(db: Db, alarm: int, who: str, now: datetime) -> bool:
    """Somebody sees to it: nobody else is called, and those who were are told so."""
    done = db.execute(
        "UPDATE alarms SET state = 'taken', who = ?, taken_at = ?, next_at = NULL"
        " WHERE id = ? AND state = 'open'",
        (who, at_text(now), alarm),
    )
    if done.rowcount:
        _tell_over(db, alarm, now)
    return bool(done.rowcount)


def end(db: Db, alarm: int, why: str, now: datetime) -> None:
    done = db.execute(
        "UPDATE alarms SET state = 'over', why = ?, over_at = ?, next_at = NULL"
        " WHERE id = ? AND state <> 'over'",
        (why, at_text(now), alarm),
    )
    if done.rowcount:
        _tell_over(db, alarm, now)


def _tell_over(db: Db, alarm: int, now: datetime) -> None:
    """Whoever was called is told that it is over, once; whoever was not yet, is not called."""
    db.execute(
        "DELETE FROM tellings WHERE alarm = ? AND word = 'alarm' AND state = 'due'", (alarm,)
    )
    db.execute(
        "INSERT INTO tellings (alarm, person, word, state, at)"
        " SELECT alarm, person, 'over', 'due', ? FROM tellings"
        " WHERE alarm = ? AND word = 'alarm' AND state IN ('sending', 'sent', 'unknown')"
        " ON CONFLICT DO NOTHING",
        (at_text(now), alarm),
    )


def turn(db: Db, alarm: int, person: str | None, next_at: datetime | None, now: datetime) -> None:
    """The next of the list has the turn. None: not for this kind, or nobody is left."""
    db.execute(
        "UPDATE alarms SET step = step + 1, next_at = ? WHERE id = ?",
        (at_text(next_at) if next_at else None, alarm),
    )
    if person is not None:
        db.execute(
            "INSERT INTO tellings (alarm, person, word, state, at) VALUES (?, ?, 'alarm', 'due', ?)"
            " ON CONFLICT DO NOTHING",
            (alarm, person, at_text(now)),
        )


def claim(db: Db, now: datetime) -> list[Telling]:
    """All that is to be said now, marked as being said before the first word leaves."""
    rows = db.execute(
        "SELECT t.alarm, t.person, t.word FROM tellings t JOIN alarms a ON a.id = t.alarm"
        " WHERE t.state = 'due' OR (t.state = 'failed' AND t.tries < ? AND t.at <= ?"
        "  AND (t.word = 'over' OR a.state = 'open'))"
        " ORDER BY CASE a.kind WHEN 'help' THEN 0 ELSE 1 END, t.alarm",
        (TRIES_MOST, at_text(now - RETRY_AFTER)),
    ).fetchall()
    claimed = []
    for alarm, person, word in [(r[0], r[1], r[2]) for r in rows]:
        done = db.execute(
            "UPDATE tellings SET state = 'sending', tries = tries + 1, at = ?"
            " WHERE alarm = ? AND person = ? AND word = ? AND state IN ('due', 'failed')",
            (at_text(now), alarm, person, word),
        )
        if done.rowcount:
            kept = db.execute("SELECT * FROM alarms WHERE id = ?", (alarm,)).fetchone()
            claimed.append(Telling(dict(kept), person, word))
    return claimed


def said(db: Db, tellings: Iterable[Telling], reached: bool, now: datetime) -> None:
    """How it went. Who could not be reached is tried again, and the next one is called now."""
    for t in tellings:
        db.execute(
            "UPDATE tellings SET state = ?, at = ? WHERE alarm = ? AND person = ? AND word = ?"
            " AND state = 'sending'",
            ("sent" if reached else "failed", at_text(now), t.alarm["id"], t.person, t.word),
        )
        if t.word == "alarm" and reached:
            # Taken or over while it was on its way: then this one has to hear that as well.
            state = db.execute("SELECT state FROM alarms WHERE id = ?", (t.alarm["id"],))
            if state.fetchone()[0] != "open":
                _tell_over(db, t.alarm["id"], now)
        elif t.word == "alarm":
            _call_next_now(db, t.alarm["id"], now)


def recover(db: Db, now: datetime) -> None:
    """After a crash nobody knows whether a message left: it is not sent again, the next one is
    called instead."""
    for (alarm,) in db.execute(
        "SELECT DISTINCT alarm FROM tellings WHERE state = 'sending' AND word = 'alarm'"
    ).fetchall():
        _call_next_now(db, alarm, now)
    db.execute(
        "UPDATE tellings SET state = 'unknown', at = ? WHERE state = 'sending'", (at_text(now),)
    )


def _call_next_now(db: Db, alarm: int, now: datetime) -> None:
    db.execute(
        "UPDATE alarms SET next_at = ? WHERE id = ? AND state = 'open' AND next_at IS NOT NULL",
        (at_text(now), alarm),
    )


# --- for the pages --------------------------------------------------------------------------------


def told(store: Store, alarm_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Who was called for each of these alarms, and how that went."""
    ids = sorted(set(alarm_ids))
    marks = ", ".join("?" * len(ids))
    rows = store.all(
        "SELECT alarm, person, state, at FROM tellings"  # noqa: S608 - only question marks
        f" WHERE word = 'alarm' AND alarm IN ({marks}) ORDER BY at, person",
        *ids,
    ) if ids else []  # fmt: skip
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["alarm"], []).append(row)
    return found


def lately(store: Store, most: int, house: str = "") -> list[dict[str, Any]]:
    """Alarms of a house, or of all: those that are on first, then the newest."""
    return store.all(
        "SELECT * FROM alarms WHERE ? IN ('', house)"
        " ORDER BY CASE state WHEN 'over' THEN 1 ELSE 0 END, id DESC LIMIT ?",
        house,
        most,
    )


def at_text(moment: datetime) -> str:
    """Whole seconds: these texts are compared with each other."""
    return utc_text(moment.replace(microsecond=0))
