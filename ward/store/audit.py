"""This file keeps who did what at the console. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from appliance.sync.protocol import utc_text
from ward.store.database import Store
from ward.store.db import Db

DETAIL_MOST = 300


def note(db: Db, now: datetime, who: str, what: str, house: str = "", detail: str = "") -> None:
    """Write it down inside the caller's transaction: the deed and its note are one."""
    clean = "".join(c for c in detail if c.isprintable())[:DETAIL_MOST]
    db.execute(
        "INSERT INTO audit (at, who, what, house, detail) VALUES (?, ?, ?, ?, ?)",
        (utc_text(now), who[:60], what[:40], house[:32], clean),
    )


def newest(store: Store, most: int, house: str = "") -> list[dict[str, Any]]:
    return store.all(
        "SELECT at, who, what, house, detail FROM audit WHERE ? IN ('', house)"
        " ORDER BY id DESC LIMIT ?",
        house,
        most,
    )


def look_into(db: Db, what: str, upto: str, who: str, now: datetime) -> None:
    """Somebody has looked into all of `what` up to then."""
    db.execute(
        "INSERT INTO looked_into VALUES (?, ?, ?, ?) ON CONFLICT (what) DO UPDATE SET"
        " upto = excluded.upto, who = excluded.who, at = excluded.at",
        (what, upto, who, utc_text(now)),
    )


def looked_into(store: Store, what: str) -> str:
    """Up to when; empty when nobody ever has."""
    return str(store.value("SELECT upto FROM looked_into WHERE what = ?", what) or "")
