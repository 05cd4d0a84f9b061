"""This file proves that the ward takes each event once and says how far each lane is whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.sync.protocol import Envelope, Receipt
from ward.store import inbox, wanted
from ward.store.database import Store

AT = "2026-11-22T05:00:00Z"


def event(seq: int, stream: str = "queue", epoch: str = "boot-1", **d: object) -> Envelope:
    return Envelope("nha-17", stream, epoch, seq, 1000 + seq, AT, "ntp", d or {"n": seq})  # type: ignore[arg-type]


def take(store: Store, *events: Envelope) -> inbox.Taken:
    with store.write() as db:
        return inbox.take(db, events, AT)


def test_each_event_once_with_one_effect(store: Store) -> None:
    """The same batch three times stores it once, counts it once, and is receipted each time."""
    for n in range(3):
        taken = take(store, *[event(s) for s in range(1, 11)])
        assert taken.stored == (10 if n == 0 else 0)
        assert taken.duplicates == (0 if n == 0 else 10)
        assert taken.receipts == [("nha-17", Receipt("boot-1", "queue", 10))]
    assert store.value("SELECT count(*) FROM events") == 10
    assert store.value("SELECT n FROM totals WHERE house = 'nha-17'") == 10


def test_a_gap_holds_the_receipt_until_it_is_filled(store: Store) -> None:
    assert take(store, event(1), event(3)).receipts[0][1].upto == 1
    assert take(store, event(2)).receipts[0][1].upto == 3


def test_a_conflict_is_kept_aside_once_and_the_first_body_stays(store: Store) -> None:
    """Another body under a taken key, resent five times, is one conflict row with its count."""
    take(store, event(1))
    for _ in range(5):
        taken = take(store, event(1, other="body"))
        assert (taken.stored, taken.conflicts) == (0, 1)
        assert taken.receipts[0][1].upto == 1
    assert store.all("SELECT times, payload FROM conflicts")[0]["times"] == 5
    assert "other" in store.value("SELECT payload FROM conflicts")
    assert store.value("SELECT d FROM events") == '{"n":1}'


def test_a_conflict_within_one_batch_is_seen(store: Store) -> None:
    taken = take(store, event(1), event(1, other="body"), event(1))
    assert (taken.stored, taken.conflicts, taken.duplicates) == (1, 1, 1)


def test_lanes_do_not_mix(store: Store) -> None:
    """Epoch, stream and house each open their own count from 1."""
    other_house = replace(event(1), house="nha-18")
    taken = take(store, event(1), event(1, "help"), event(1, epoch="boot-2"), other_house)
    assert taken.stored == 4
    assert {r.upto for _, r in taken.receipts} == {1}
    assert len(inbox.latest_receipts(store.connection)) == 3
    assert len(inbox.latest_receipts(store.connection, "nha-18")) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 12), max_size=40), st.integers(1, 7))
def test_receipt_never_promises_what_is_not_stored(
    tmp_path_factory: pytest.TempPathFactory, arrivals: list[int], size: int
) -> None:
    """Whatever order, repetition and batching: upto is the largest n with 1..n all stored."""
    store = Store(tmp_path_factory.mktemp("w"))
    for i in range(0, len(arrivals), size):
        taken = take(store, *[event(s) for s in arrivals[i : i + size]])
        stored = {r["seq"] for r in store.all("SELECT seq FROM events")}
        upto = next(n for n in range(14) if n + 1 not in stored)
        assert taken.receipts[0][1].upto == upto
        # One effect for each event whose turn has come, however often it was sent.
        assert store.value("SELECT coalesce(sum(n), 0) FROM totals") == upto
    store.close()


def test_a_batch_that_fails_leaves_nothing(store: Store) -> None:
    """Dedupe, effect and mark are one transaction: an error half way stores none of it."""
    with pytest.raises(RuntimeError), store.write() as db:
        inbox.take(db, [event(1), event(2)], AT)
        raise RuntimeError("power cut")
    assert store.value("SELECT count(*) FROM events") == 0
    assert store.value("SELECT count(*) FROM lanes") == 0
    assert take(store, event(1)).stored == 1


def test_help_calls_open_answer_and_end_in_any_order(store: Store) -> None:
    """An ending that overtakes its beginning still ends the call, and nothing leads back."""
    take(store, event(2, "help", type="answered", call="7a", who="Bác Tư", eta_min=10))
    take(store, event(1, "help", type="called", call="7a", source="button"))
    call = store.one("SELECT * FROM calls")
    assert call and (call["call"], call["state"], call["who"], call["eta_min"], call["source"]) == (
        "7a", "answered", "Bác Tư", 10, "button",
    )  # fmt: skip
    take(store, event(4, "help", type="withdrawn", call=8))
    take(store, event(3, "help", type="called", call=8))
    assert store.value("SELECT state FROM calls WHERE call = '8'") == "withdrawn"


@pytest.mark.parametrize(
    "d",
    [
        {"type": ["called"], "call": 1},
        {"type": "called", "call": {"x": 1}},
        {"type": "called", "call": 10**30},
        {"type": "called", "call": True},
        {"type": "answered", "call": "a", "who": ["x"], "eta_min": "soon"},
        {"type": "answered", "call": "a\x00\u202e", "who": "<b>\x07", "eta_min": 1e300},
        {"call": "x" * 5000},
        {"type": "called"},
    ],
)
def test_odd_content_is_stored_and_never_stops_the_batch(
    store: Store, d: dict[str, object]
) -> None:
    taken = take(store, event(1, "help", **d), event(2, "help", type="called", call=99))
    assert taken.stored == 2
    assert store.value("SELECT count(*) FROM calls WHERE call = '99'") == 1
    assert all(
        len(r["call"]) <= 64 and r["who"].isprintable() for r in store.all("SELECT * FROM calls")
    )


def counted(store: Store) -> int:
    return int(store.value("SELECT coalesce(max(n), 0) FROM totals WHERE stream = 'ops'"))


def told(store: Store, seq: int, state: str, epoch: str = "boot-1") -> Envelope:
    return event(seq, "ops", epoch, type="wanted", name="roster", ver=seq, state=state)


def test_effects_come_in_the_order_of_the_lane(store: Store) -> None:
    """What overtook waits for what it overtook; then both have their effect, in order, once."""
    with store.write() as db:
        for _ in range(3):
            wanted.put(db, "nha-17", "roster", {}, "it", datetime(2026, 11, 22, tzinfo=UTC))
    take(store, told(store, 3, "refused"), told(store, 2, "applied"))
    assert counted(store) == 0
    (standing,) = wanted.of(store.connection, "nha-17")
    assert (standing.applied_ver, standing.refused_ver) == (0, 0)
    assert take(store, told(store, 1, "applied")).receipts[0][1].upto == 3
    assert counted(store) == 3
    (standing,) = wanted.of(store.connection, "nha-17")
    assert (standing.applied_ver, standing.refused_ver) == (2, 3)


def test_a_call_behind_a_gap_rings_at_once_but_is_counted_later(store: Store) -> None:
    """Help must not wait for what was lost on the way; the gap still holds the receipt."""
    taken = take(store, event(2, "help", type="called", call="c1", source="button"))
    assert taken.receipts[0][1].upto == 0
    assert store.value("SELECT state FROM calls WHERE call = 'c1'") == "open"
    take(store, event(3, "help", type="closed", call="c1"))
    assert store.value("SELECT state FROM calls WHERE call = 'c1'") == "open"
    take(store, event(1, "help", type="called", call="c0", source="button"))
    assert store.value("SELECT state FROM calls WHERE call = 'c1'") == "closed"
    assert store.value("SELECT n FROM totals WHERE stream = 'help'") == 3


def test_a_lane_that_begins_later_gives_what_waited_its_effect(store: Store) -> None:
    """The floor may come after what lies behind it, in its own lane, and before late arrivals."""
    take(store, told(store, 7, "applied"), event(9, "ops", type="other"))
    assert counted(store) == 0
    said = {"type": "floor", "epoch": "boot-1", "stream": "ops", "seq": 9}
    floor = replace(event(10, "ops"), d=said)
    assert take(store, floor).receipts[0][1].upto == 10
    assert counted(store) == 3  # 7, 9 and 10; what never came is not counted
    assert take(store, event(4, "ops", type="other")).receipts[0][1].upto == 10
    assert counted(store) == 4
