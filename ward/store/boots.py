"""This file notices two boxes under one name: a boot that had ended speaks again.

A box that restarts goes on to a new boot and never returns to an old one. Two boxes with a copied
card take turns at the broker, and each brings its own boot back. Their reports cannot mix, since
every report carries the boot that made it; but somebody must be told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import ProtocolError, check_epoch, utc_text
from ward.store.db import Db

KEPT = 40  # boots remembered of a house
TOLD_FOR = timedelta(hours=24)


def seen(db: Db, house: str, epoch: object, at: str) -> bool:
    """A house said which boot it is in. True when this shows a second box."""
    try:
        boot = check_epoch(epoch)
    except ProtocolError:
        return False
    row = db.execute(
        "SELECT current FROM boots WHERE house = ? AND epoch = ?", (house, boot)
    ).fetchone()
    if row is not None and row["current"]:
        return False
    db.execute("UPDATE boots SET current = 0, last_at = ? WHERE house = ? AND current = 1",
               (at, house))  # fmt: skip
    db.execute(
        "INSERT INTO boots (house, epoch, first_at, last_at, current) VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT (house, epoch) DO UPDATE SET current = 1, last_at = excluded.last_at",
        (house, boot, at, at),
    )
    if row is None:
        db.execute(
            "DELETE FROM boots WHERE house = ? AND current = 0 AND epoch NOT IN (SELECT epoch FROM"
            " boots WHERE house = ? ORDER BY last_at DESC LIMIT ?)",
            (house, house, KEPT),
        )
        return False
    db.execute(
        "INSERT INTO twice (house, first_at, last_at, times) VALUES (?, ?, ?, 1)"
        " ON CONFLICT (house) DO UPDATE SET times = twice.times + 1, last_at = excluded.last_at",
        (house, at, at),
    )
    return True


def twice(db: Db, now: datetime) -> list[dict[str, Any]]:
    """Houses of which two boxes spoke in the last 24 hours: house, first_at, last_at, times."""
    rows = db.execute(
        "SELECT house, first_at, last_at, times FROM twice WHERE last_at > ? ORDER BY house",
        (utc_text(now - TOLD_FOR),),
    ).fetchall()
    return [dict(r) for r in rows]
