"""This file proves that old events go, and that nothing that was counted is counted again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.sync.protocol import Envelope, Receipt, utc_text
from ward.store import inbox, retention
from ward.store.database import Store

NOW = datetime(2027, 12, 1, tzinfo=UTC)
LONG_AGO, LATELY = utc_text(NOW - timedelta(days=401)), utc_text(NOW - timedelta(days=399))


def event(seq: int, stream: str = "queue", **d: object) -> Envelope:
    said = d or {"n": seq}
    return Envelope("nha-17", stream, "boot-1", seq, seq, LONG_AGO, "ntp", said)  # type: ignore[arg-type]


def take(store: Store, at: str, *events: Envelope) -> inbox.Taken:
    with store.write() as db:
        return inbox.take(db, events, at)


def totals(store: Store) -> dict[str, int]:
    return {row["stream"]: row["n"] for row in store.all("SELECT stream, n FROM totals")}


def test_old_events_go_and_marks_and_totals_stay(store: Store) -> None:
    take(store, LONG_AGO, *[event(n) for n in range(1, 8)])
    take(store, LATELY, *[event(n) for n in range(8, 11)])
    assert retention.forget_events(store, NOW, 400) == 7
    assert [r["seq"] for r in store.all("SELECT seq FROM events ORDER BY seq")] == [8, 9, 10]
    assert inbox.latest_receipts(store.connection) == [("nha-17", Receipt("boot-1", "queue", 10))]
    assert totals(store) == {"queue": 10}
    assert retention.forget_events(store, NOW, 400) == 0


def test_what_was_deleted_is_a_copy_when_it_comes_again(store: Store) -> None:
    """A house whose card went back says everything again: receipted, no effect, not stored; what
    is new behind it is taken as always."""
    opened = event(1, "help", type="called", call="aa")
    closed = event(2, "help", type="closed", call="aa")
    take(store, LONG_AGO, opened, closed, *[event(n) for n in range(1, 6)])
    store.connection.execute("DELETE FROM calls")  # would an effect come twice, it would be seen
    assert retention.forget_events(store, NOW, 400) == 6  # the very last keeps its number
    again = take(store, utc_text(NOW), opened, closed, *[event(n) for n in range(1, 7)])
    assert (again.stored, again.duplicates, again.conflicts) == (1, 7, 0)
    assert {r.stream: r.upto for _, r in again.receipts} == {"help": 2, "queue": 6}
    assert totals(store) == {"help": 2, "queue": 6}
    assert store.value("SELECT count(*) FROM calls") == 0
    assert [r["seq"] for r in store.all("SELECT seq FROM events ORDER BY id")] == [5, 6]
    only_old = take(store, utc_text(NOW), opened)
    assert [r.upto for _, r in only_old.receipts] == [2]


def test_what_waits_behind_a_gap_is_not_deleted_before_its_turn(store: Store) -> None:
    take(store, LONG_AGO, event(1), event(3))
    assert retention.forget_events(store, NOW, 400) == 1
    taken = take(store, LATELY, event(2))
    assert taken.receipts[0][1].upto == 3 and totals(store) == {"queue": 3}
    take(store, LATELY, event(4))
    assert retention.forget_events(store, NOW, 400) == 1


def test_late_events_of_a_lane_that_began_later_still_count(store: Store) -> None:
    """Below the mark and never seen is not the same as deleted, as long as nothing above it is."""
    begins = {"type": "floor", "epoch": "boot-1", "stream": "queue", "seq": 5}
    floor = Envelope("nha-17", "ops", "boot-1", 1, 1, LONG_AGO, "ntp", begins)
    take(store, LATELY, floor, event(5), event(6))
    assert take(store, LATELY, event(3)).stored == 1
    assert totals(store)["queue"] == 3


def test_pieces_go_on_until_all_is_done_and_zero_keeps_everything(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PIECE", 3)
    take(store, LONG_AGO, *[event(n) for n in range(1, 12)])
    assert retention.forget_events(store, NOW, 0) == 0
    assert retention.forget_events(store, NOW, 400) == 10
