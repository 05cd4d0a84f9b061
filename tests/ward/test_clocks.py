"""This file proves that a report gets its true time as soon as its boot's clock is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from appliance.sync.protocol import Envelope
from ward.store import clocks, inbox
from ward.store.database import Store

HEARD = "2026-11-22T09:00:00Z"


def event(seq: int, mono_ms: int, sync: Any, t: str, stream: Any = "ops", **d: Any) -> Envelope:
    return Envelope("nha-17", stream, "boot-1", seq, mono_ms, t, sync, d)


def dated(store: Store) -> list[tuple[str | None, str | None]]:
    rows = store.all("SELECT * FROM events ORDER BY id")
    dater = clocks.Dater(store.connection)
    return [(d["at"], d["at_is"]) for d in map(dater.of, rows)]


def take(store: Store, *events: Envelope) -> None:
    with store.write() as db:
        inbox.take(db, events, HEARD)


def test_the_clock_event_dates_everything_of_its_boot(tmp_path: Path) -> None:
    """An hour before the clock was set is an hour before, whatever the box believed then."""
    store = Store(tmp_path)
    call = event(1, 1_000, "none", "1970-01-01T00:00:01Z", "help", type="called", call="c1")
    take(store, call)
    assert dated(store) == [(HEARD, "khoảng")]
    take(store, event(1, 3_601_000, "ntp", "2026-11-22T08:30:00Z", type="clock"))
    assert dated(store)[0] == ("2026-11-22T07:30:00Z", "computed")
    assert store.value("SELECT opened_at FROM calls") == "2026-11-22T07:30:00Z"
    take(store, event(2, 61_000, "none", "1970-01-01T00:01:01Z", "help", type="closed", call="c1"))
    assert store.value("SELECT ended_at FROM calls") == "2026-11-22T07:31:00Z"


def test_what_stays_uncertain_lies_between_what_is_known(tmp_path: Path) -> None:
    store = Store(tmp_path)
    take(store, Envelope("nha-17", "ops", "boot-0", 1, 5, "2026-11-20T08:00:00Z", "ntp", {}))
    take(store, event(1, 1_000, "none", "2026-11-21T00:00:00Z"))
    take(store, event(2, 2_000, "none", "1970-01-01T00:00:00Z"))
    rows = store.all("SELECT * FROM events ORDER BY id")
    dater = clocks.Dater(store.connection)
    said, believable, absurd = (dater.of(r) for r in rows)
    assert said["at_is"] == "said"
    assert (believable["at"], believable["at_is"]) == ("2026-11-21T00:00:00Z", "khoảng")
    assert (absurd["at"], absurd["at_from"]) == (HEARD, "2026-11-20T08:00:00Z")


def test_absurd_clocks_break_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    take(store, event(1, 2**53 - 1, "ntp", "2026-11-22T08:30:00Z", type="clock"))
    take(store, event(2, 1, "none", "1970-01-01T00:00:00Z"))
    assert len(dated(store)) == 2
    assert json.loads(store.all("SELECT d FROM events")[0]["d"]) == {"type": "clock"}
