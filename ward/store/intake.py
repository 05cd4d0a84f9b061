"""This file keeps the list of dossiers handed in, what became of each, and who opened what."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import DossierState, utc_text
from ward.store import results
from ward.store.db import Db

Row = dict[str, Any]


def stored(db: Db, house: str, dossier: str, sha256: str, size_bytes: int, now: datetime) -> None:
    """The file is on the disk; from now on the dossier is the ward's."""
    at = utc_text(now)
    db.execute(
        "INSERT INTO intake (house, dossier, sha256, size_bytes, received_at, state, state_at)"
        " VALUES (?, ?, ?, ?, ?, 'new', ?) ON CONFLICT (house, dossier) DO NOTHING",
        (house, dossier, sha256, size_bytes, at, at),
    )
    note(db, house, dossier, house, "handed in", now)


def get(db: Db, house: str, dossier: str) -> Row | None:
    row = db.execute(
        "SELECT * FROM intake WHERE house = ? AND dossier = ?", (house, dossier)
    ).fetchone()
    return dict(row) if row is not None else None


def newest(db: Db, house: str | None = None, most: int = 500) -> list[Row]:
    rows = db.execute(
        "SELECT * FROM intake WHERE house = coalesce(?, house) ORDER BY received_at DESC LIMIT ?",
        (house, most),
    ).fetchall()
    return [dict(r) for r in rows]


def mark(
    db: Db,
    house: str,
    dossier: str,
    state: DossierState,
    text: str,
    who: str,
    now: datetime,
) -> bool:
    """What became of it, inside the caller's transaction; the house gets it as a result.

    False: there is no such dossier. `text` goes to the house: never a name. Raises ProtocolError.
    """
    if get(db, house, dossier) is None:
        return False
    results.put(db, house, dossier, state, text, who, now)
    db.execute(
        "UPDATE intake SET state = ?, state_at = ?, state_by = ?, note = ? WHERE house = ?"
        " AND dossier = ?",
        (state, utc_text(now), who, text, house, dossier),
    )
    note(db, house, dossier, who, f"marked {state}", now)
    return True


def note(db: Db, house: str, dossier: str, who: str, what: str, now: datetime) -> None:
    """One line of the log of who did what; it outlives the dossier."""
    db.execute(
        "INSERT INTO intake_log (at, who, what, house, dossier) VALUES (?, ?, ?, ?, ?)",
        (utc_text(now), who, what, house, dossier),
    )


def log_of(db: Db, house: str, dossier: str) -> list[Row]:
    rows = db.execute(
        "SELECT * FROM intake_log WHERE house = ? AND dossier = ? ORDER BY at", (house, dossier)
    ).fetchall()
    return [dict(r) for r in rows]


def over(db: Db, now: datetime, keep: timedelta, keep_open: timedelta) -> list[Row]:
    """Dossiers whose papers should go: done for so long, or nobody has touched them for
    `keep_open`."""
    rows = db.execute(
        "SELECT * FROM intake WHERE deleted_at IS NULL"
        " AND state_at < CASE state WHEN 'done' THEN ? ELSE ? END",
        (utc_text(now - keep), utc_text(now - keep_open)),
    ).fetchall()
    return [dict(r) for r in rows]


def deleted(db: Db, house: str, dossier: str, now: datetime) -> None:
    db.execute(
        "UPDATE intake SET deleted_at = ? WHERE house = ? AND dossier = ?",
        (utc_text(now), house, dossier),
    )
    note(db, house, dossier, "retention", "deleted", now)
