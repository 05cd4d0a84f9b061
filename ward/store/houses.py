"""This file keeps each house's last states, so that a restarted ward knows what it knew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ward.store.db import Db

Kept = Mapping[str, Any]
PLAIN = ("house", "first_seen_at", "last_heard_at", "status", "status_at")


def load(db: Db) -> list[dict[str, Any]]:
    """Every house as it was kept; `states` is name -> {"at", "values"}."""
    rows = db.execute("SELECT * FROM houses ORDER BY house")
    return [{**dict(row), "states": json.loads(row["states"])} for row in rows]


def keep(db: Db, houses: Iterable[Kept]) -> None:
    """Write these houses over what was kept of them, inside the caller's transaction."""
    db.executemany(
        "INSERT INTO houses (house, first_seen_at, last_heard_at, status, status_at, states)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (house) DO UPDATE SET last_heard_at = excluded.last_heard_at,"
        " status = excluded.status, status_at = excluded.status_at, states = excluded.states",
        [
            (*(h[name] for name in PLAIN), json.dumps(h["states"], ensure_ascii=False))
            for h in sorted(houses, key=lambda h: str(h["house"]))
        ],
    )
