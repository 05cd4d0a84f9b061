"""This file proves that what cannot go is set aside whole, and a person decides, once."""

from __future__ import annotations

import pytest

from appliance.errors import Conflict, NotFound
from appliance.service import receipts, set_aside
from appliance.service.report import tell
from appliance.store import outbox
from appliance.store import set_aside as kept

from .conftest import House


def tell_three(house: House) -> None:
    with house.store.write():
        for n in range(3):
            tell(house.store, house.clock.now(), "queue", {"type": "x", "n": n})


def aside(house: House, seq: int = 2) -> bool:
    return set_aside.set_report_aside(
        house.store, house.clock.now(), epoch="boot-1", stream="queue", seq=seq, reason="bad_t"
    )


def test_its_place_in_the_lane_is_kept_by_word_of_it(house: House) -> None:
    tell_three(house)
    assert aside(house) and not aside(house)  # a second time changes nothing
    rows = outbox.pending(house.store, "boot-1", "queue", 0, 9)
    assert [r["seq"] for r in rows] == [1, 2, 3]
    assert rows[1]["body"] == '{"type": "set_aside", "reason": "bad_t"}'
    assert kept.count(house.store) == 1


def test_a_receipted_or_unknown_report_is_left_alone(house: House) -> None:
    tell_three(house)
    receipts.take_receipt(house.store, house.clock.now(), epoch="boot-1", stream="queue", upto=2)
    assert not aside(house, 2) and not aside(house, 9)
    assert kept.count(house.store) == 0


def test_tried_again_it_goes_as_a_new_report(house: House) -> None:
    tell_three(house)
    aside(house)
    (item,) = kept.waiting(house.store)
    set_aside.retry(house.store, house.clock.now(), item["id"])
    assert house.told("queue")[-1] == {
        "type": "x", "n": 1, "again": {"epoch": "boot-1", "seq": 2},
    }  # fmt: skip
    assert kept.count(house.store) == 0
    with pytest.raises(Conflict):
        set_aside.discard(house.store, house.clock.now(), item["id"])


def test_discarded_its_content_is_gone_and_the_ward_hears_the_reason_only(house: House) -> None:
    tell_three(house)
    aside(house)
    (item,) = kept.waiting(house.store)
    set_aside.discard(house.store, house.clock.now(), item["id"])
    assert house.told("ops") == [{"type": "discarded", "kind": "report", "reason": "bad_t"}]
    assert house.store.value("SELECT content FROM set_aside") == ""
    with pytest.raises(NotFound):
        set_aside.retry(house.store, house.clock.now(), 99)


def test_a_report_with_a_senseless_body_can_be_tried_again_too(house: House) -> None:
    tell_three(house)
    with house.store.write():
        house.store.run("UPDATE outbox SET body = '{', at = 'soon', sync = 'x' WHERE seq = 2")
    aside(house)
    row = outbox.row(house.store, "boot-1", "queue", 2)
    assert row is not None and (row["at"][:4], row["sync"]) == ("1970", "none")
    (item,) = kept.waiting(house.store)
    set_aside.retry(house.store, house.clock.now(), item["id"])
    assert house.told("queue")[-1]["type"] == "unreadable"
