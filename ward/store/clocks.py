"""This file finds out when things truly happened at houses whose clock was not set.

Within one boot the steady clock is right. So one moment of which both clocks are known (the
house's word that its clock was set, or any report after that) gives the true time of every report
of that boot. What stays uncertain lies between what is known before and when it was heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from appliance.sync.protocol import Envelope, ProtocolError, parse_utc, utc_text
from ward.store.db import Db

ABOUT = "khoảng"


def learn(db: Db, e: Envelope) -> None:
    """The house's clock was set: from now on this boot's times are known."""
    if e.sync == "none":
        return
    db.execute(
        "INSERT INTO clocks (house, epoch, mono_ms, t) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (house, epoch) DO UPDATE SET mono_ms = excluded.mono_ms, t = excluded.t",
        (e.house, e.epoch, e.mono_ms, e.t),
    )


def known(db: Db, house: str, epoch: str) -> tuple[int, str] | None:
    """(steady clock in ms, UTC) of one moment of a boot, or None when none is known."""
    row = db.execute(
        "SELECT mono_ms, t FROM clocks WHERE house = ? AND epoch = ?", (house, epoch)
    ).fetchone()
    if row is None:
        row = db.execute(
            "SELECT mono_ms, t FROM events WHERE house = ? AND epoch = ? AND sync = 'ntp' LIMIT 1",
            (house, epoch),
        ).fetchone()
    return (int(row["mono_ms"]), str(row["t"])) if row else None


def computed(pair: tuple[int, str], mono_ms: int) -> str | None:
    """The true time of `mono_ms` in the boot this pair is of."""
    try:
        return utc_text(parse_utc(pair[1]) + timedelta(milliseconds=mono_ms - pair[0]))
    except (OverflowError, ProtocolError):
        return None


class Dater:
    """Dates stored events, in the order they are given; looks each boot up once."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._boots: dict[tuple[str, str], tuple[int, str] | None] = {}
        self._before: dict[str, str] = {}  # the newest time that is certain, by house

    def of(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """`at`: the best known UTC time. `at_is`: "said", "computed", or "khoảng" (then it lies
        between `at_from`, which may be unknown, and `received_at`)."""
        house, key = row["house"], (row["house"], row["epoch"])
        if row["sync"] != "none":
            self._before[house] = max(self._before.get(house, ""), row["t"])
            return {"at": row["t"], "at_is": "said", "at_from": None}
        if key not in self._boots:
            self._boots[key] = known(self._db, *key)
        pair = self._boots[key]
        if pair is not None and (at := computed(pair, row["mono_ms"])) is not None:
            return {"at": at, "at_is": "computed", "at_from": None}
        least = self._before.get(house)
        said_fits = (least or "") <= row["t"] <= row["received_at"]
        at = row["t"] if said_fits and least else row["received_at"]
        return {"at": at, "at_is": ABOUT, "at_from": least}
