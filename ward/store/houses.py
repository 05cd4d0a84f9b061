"""This file keeps each house's last states, so that a restarted ward knows what it knew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

Kept = Mapping[str, Any]


def load(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every house as it was kept; `states` is name -> {"at", "values"}."""
    rows = db.execute("SELECT * FROM houses ORDER BY house")
    return [{**dict(row), "states": json.loads(row["states"])} for row in rows]


def keep(db: sqlite3.Connection, houses: Iterable[Kept]) -> None:
    """Write these houses over what was kept of them, inside the caller's transaction."""
    db.executemany(
        "INSERT INTO houses (house, first_seen_at, last_heard_at, status, status_at, states)"
        " VALUES (:house, :first_seen_at, :last_heard_at, :status, :status_at, :states)"
        " ON CONFLICT DO UPDATE SET last_heard_at = excluded.last_heard_at,"
        " status = excluded.status, status_at = excluded.status_at, states = excluded.states",
        [{**h, "states": json.dumps(h["states"], ensure_ascii=False)} for h in houses],
    )
