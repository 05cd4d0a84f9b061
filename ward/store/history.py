"""This file keeps and reads how houses were: one row per house and step, for a week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime

from ward.store.database import Row, Store
from ward.store.db import Db

KEPT_MIN = 7 * 24 * 60
DELETE_MOST = 20_000  # rows a pass: nobody else waits long for the database


@dataclass(slots=True)
class Step:
    """How one house was during one step. None: it did not say."""

    house: str
    at_min: int
    waiting: int | None = None
    longest_s: int | None = None
    taken: int | None = None
    temp_c: float | None = None
    disk_free_mib: int | None = None
    outbox_rows: int | None = None
    printer_ok: int | None = None
    undervolt: int | None = None


def minutes(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def keep(db: Db, steps: Iterable[Step]) -> None:
    db.executemany(
        "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (house, at_min) DO NOTHING",
        [astuple(step) for step in steps],
    )


def forget(db: Db, now: datetime) -> int:
    """Delete what is older than a week, a piece at a time; how many rows went."""
    done = db.execute(
        "DELETE FROM history WHERE (house, at_min) IN"
        " (SELECT house, at_min FROM history WHERE at_min < ? LIMIT ?)",
        (minutes(now) - KEPT_MIN, DELETE_MOST),
    )
    return done.rowcount


def of_house(store: Store, house: str, since: datetime) -> list[Row]:
    return store.all(
        "SELECT * FROM history WHERE house = ? AND at_min >= ? ORDER BY at_min",
        house,
        minutes(since),
    )
