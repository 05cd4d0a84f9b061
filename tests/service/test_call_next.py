"""This file proves the desk's queue: the order, one caller per number, and ten seconds to undo."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from appliance.errors import Conflict, NotFound
from appliance.service import call_next, visits
from appliance.store import tickets
from appliance.store.opening import open_store

from .conftest import OPENING, House


def numbers_waiting(house: House) -> list[int]:
    return [row["number"] for row in tickets.waiting(house.store)]


def test_the_first_who_waits_is_called(house: House) -> None:
    house.take()
    house.take()
    row = call_next.call_next(
        house.store, house.clock.now(), key="key-1", volunteer=house.volunteer()
    )
    assert (row["number"], row["state"], row["desk"]) == (1, "called", 1)
    assert numbers_waiting(house) == [2]


def test_nobody_waits(house: House) -> None:
    with pytest.raises(Conflict) as e:
        call_next.call_next(house.store, house.clock.now(), key="k", volunteer=house.volunteer())
    assert e.value.code == "nobody_waits"


def test_a_double_tap_calls_one_person(house: House) -> None:
    lan = house.volunteer()
    house.take()
    house.take()
    one = call_next.call_next(house.store, house.clock.now(), key="tap", volunteer=lan)
    two = call_next.call_next(house.store, house.clock.now(), key="tap", volunteer=lan)
    assert one["number"] == two["number"] == 1
    assert numbers_waiting(house) == [2]


def test_two_volunteers_never_call_the_same_number(house: House) -> None:
    """Two desks empty a list of thirty at full speed: every number is called exactly once."""
    for _ in range(30):
        house.take()
    desks = [house.volunteer("Chị Lan", 1), house.volunteer("Anh Minh", 2)]
    called: list[int] = []

    def desk(volunteer: dict[str, object]) -> None:
        store = open_store(house.data_dir)
        n = 0
        while True:
            n += 1
            try:
                row = call_next.call_next(
                    store, house.clock.now(), key=f"{volunteer['id']}-{n}", volunteer=volunteer
                )
            except Conflict:
                break
            called.append(row["number"])
        store.close()

    threads = [threading.Thread(target=desk, args=(v,)) for v in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(called) == list(range(1, 31))


def test_absent_goes_behind_the_next_two(house: House) -> None:
    lan = house.volunteer()
    taken = [house.take() for _ in range(4)]
    call_next.call_next(house.store, house.clock.now(), key="a", volunteer=lan)
    call_next.absent(house.store, house.clock.now(), key="b", volunteer=lan, ticket_id=taken[0].id)
    assert numbers_waiting(house) == [2, 3, 1, 4]


def test_undo_within_ten_seconds_puts_everything_back(house: House) -> None:
    lan = house.volunteer()
    house.take()
    house.take()
    before = tickets.waiting(house.store)
    call_next.call_next(house.store, house.clock.now(), key="a", volunteer=lan)
    house.clock.passes(seconds=9)
    action = call_next.undoable(house.store, house.clock.now(), lan["id"])
    assert action is not None and action["number"] == 1
    call_next.undo(house.store, house.clock.now(), volunteer=lan, action_id=action["id"])
    assert tickets.waiting(house.store) == before
    assert call_next.undoable(house.store, house.clock.now(), lan["id"]) is None


def test_undo_after_ten_seconds_is_too_late(house: House) -> None:
    lan = house.volunteer()
    house.take()
    call_next.call_next(house.store, house.clock.now(), key="a", volunteer=lan)
    action = call_next.undoable(house.store, house.clock.now(), lan["id"])
    assert action is not None
    house.clock.passes(seconds=11)
    with pytest.raises(Conflict) as e:
        call_next.undo(house.store, house.clock.now(), volunteer=lan, action_id=action["id"])
    assert e.value.code == "too_late_to_undo"


def test_undo_is_refused_once_somebody_went_on(house: House) -> None:
    lan, minh = house.volunteer("Chị Lan"), house.volunteer("Anh Minh")
    taken = house.take()
    call_next.call_next(house.store, house.clock.now(), key="a", volunteer=lan)
    action = call_next.undoable(house.store, house.clock.now(), lan["id"])
    assert action is not None
    visits.open_visit(house.store, house.clock.now(), key="v", volunteer=minh, ticket_id=taken.id)
    with pytest.raises(Conflict) as e:
        call_next.undo(house.store, house.clock.now(), volunteer=lan, action_id=action["id"])
    assert e.value.code == "ticket_moved_on"


def test_cancel_keeps_the_history_and_stops_the_slip(house: House) -> None:
    lan = house.volunteer()
    taken = house.take()
    call_next.cancel(
        house.store, house.clock.now(), key="c", volunteer=lan, ticket_id=taken.id, reason="left"
    )
    row = tickets.get(house.store, taken.id)
    assert row and row["state"] == "cancelled" and row["end_reason"] == "left"
    assert row["slip_state"] == "cancelled"
    assert house.told("queue")[-1]["type"] == "cancelled"


def test_call_again_counts_and_is_new_for_the_wall(house: House) -> None:
    lan = house.volunteer()
    taken = house.take()
    first = call_next.call_next(house.store, house.clock.now(), key="a", volunteer=lan)
    house.clock.passes(seconds=30)
    again = call_next.call_again(
        house.store, house.clock.now(), key="b", volunteer=lan, ticket_id=taken.id
    )
    assert again["call_count"] == 2 and again["called_at"] > first["called_at"]


def test_the_newest_call_stands_first_though_the_clock_was_set_back(house: House) -> None:
    """The network comes between two calls and takes the clock back two hours: wall and ward still
    show who was called last. A repeat comes to the front, and taken back it gives the place up;
    opening a visit does not call anybody, but somebody let in without a call has just come."""
    lan, minh = house.volunteer("Chị Lan"), house.volunteer("Anh Minh", 2)
    taken = [house.take() for _ in range(4)]
    day_on = str(house.store.value("SELECT day_on FROM tickets"))
    call_next.call_next(house.store, house.clock.now(), key="a", volunteer=lan)
    house.clock.is_set_to(OPENING - timedelta(hours=2))
    call_next.call_next(house.store, house.clock.now(), key="b", volunteer=minh)

    def in_order() -> list[int]:
        order = [row["number"] for row in tickets.with_somebody(house.store)]
        assert [row["number"] for row in tickets.last_called(house.store, day_on)] == order
        return order

    assert in_order() == [2, 1]
    house.clock.passes(seconds=30)
    call_next.call_again(
        house.store, house.clock.now(), key="c", volunteer=lan, ticket_id=taken[0].id
    )
    assert in_order() == [1, 2]
    action = call_next.undoable(house.store, house.clock.now(), lan["id"])
    assert action is not None
    call_next.undo(house.store, house.clock.now(), volunteer=lan, action_id=action["id"])
    assert in_order() == [2, 1]
    visits.open_visit(house.store, house.clock.now(), key="d", volunteer=lan, ticket_id=taken[0].id)
    assert in_order() == [2, 1]
    visits.open_visit(
        house.store, house.clock.now(), key="e", volunteer=minh, ticket_id=taken[2].id
    )
    assert in_order() == [3, 2, 1]


def test_an_unknown_ticket_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        call_next.absent(
            house.store, house.clock.now(), key="a", volunteer=house.volunteer(), ticket_id="no"
        )
