"""This file slows those who guess passwords: a few tries are free, then each costs more time.

Kept in the database, so that a restart forgives nothing. Three counts are kept: of one name from
one address, of one address, and of one name from anywhere; the last is mild, or a stranger could
keep an officer out by guessing in his name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.sync.protocol import parse_utc, utc_text
from ward.store.database import Store
from ward.store.db import Db

FORGET_AFTER = timedelta(hours=24)
ROWS_MOST = 10_000


@dataclass(frozen=True)
class Limit:
    """`free` wrong tries, then first_s, twice that, … up to most_s."""

    free: int
    first_s: float
    most_s: float

    def wait_s(self, failures: int) -> float:
        if failures < self.free:
            return 0.0
        return float(min(self.most_s, self.first_s * 2.0 ** min(failures - self.free, 20)))


PAIR, ADDRESS, NAME = Limit(5, 15, 900), Limit(20, 15, 900), Limit(40, 5, 30)


def keys(name: str, address: str) -> dict[str, Limit]:
    name, address = name[:40], address[:60]
    return {f"pair {name} {address}": PAIR, f"address {address}": ADDRESS, f"name {name}": NAME}


def wait_s(store: Store, name: str, address: str, now: datetime) -> float:
    """How long this one has to wait before the next try is looked at; 0: now."""
    longest = 0.0
    for key in keys(name, address):
        until = store.value("SELECT until_at FROM throttle WHERE who = ?", key)
        if until is not None:
            longest = max(longest, (parse_utc(until) - now).total_seconds())
    return longest


def failed(db: Db, name: str, address: str, now: datetime) -> None:
    """Count one wrong try."""
    db.execute("DELETE FROM throttle WHERE last_at <= ?", (utc_text(now - FORGET_AFTER),))
    if db.execute("SELECT count(*) FROM throttle").fetchone()[0] >= ROWS_MOST:
        db.execute("DELETE FROM throttle WHERE last_at = (SELECT min(last_at) FROM throttle)")
    for key, limit in keys(name, address).items():
        row = db.execute("SELECT failures FROM throttle WHERE who = ?", (key,)).fetchone()
        failures = (row[0] if row else 0) + 1
        until = utc_text(now + timedelta(seconds=limit.wait_s(failures)))
        db.execute(
            "INSERT INTO throttle VALUES (?, ?, ?, ?) ON CONFLICT (who) DO UPDATE SET"
            " failures = excluded.failures, last_at = excluded.last_at,"
            " until_at = excluded.until_at",
            (key, failures, utc_text(now), until),
        )


def succeeded(db: Db, name: str, address: str) -> None:
    """The right password forgives this name from this address, nothing else."""
    db.execute("DELETE FROM throttle WHERE who = ?", (next(iter(keys(name, address))),))
