"""This file proves the call for help: one at a time, answered with a time, withdrawn, closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.core.help_call import UNANSWERED_S
from appliance.errors import BadInput, Conflict, NotFound
from appliance.service import help as service
from appliance.service.look_after import look_after
from appliance.store import board, help_calls

from .conftest import OPENING, ZONE, House


def press(house: House, key: str) -> str:
    return str(service.call_help(house.store, house.clock.now(), key=key, source="button")["id"])


def test_presses_while_nobody_has_answered_are_one_call(house: House) -> None:
    first = press(house, "p1")
    house.clock.passes(seconds=3)
    assert press(house, "p2") == first
    house.clock.passes(minutes=2)
    assert press(house, "p3") == first
    assert [b["type"] for b in house.told("help")] == ["called"]


def test_an_answer_has_a_name_and_a_time(house: House) -> None:
    call = press(house, "p1")
    row = service.answer(
        house.store, house.clock.now(), call, who=" Chị  Lan ", eta_min=10, by_ward=False
    )
    assert (row["state"], row["who"], row["eta_at"]) == (
        "answered", "Chị Lan", "2026-11-23T01:10:00.000Z",
    )  # fmt: skip


def test_the_first_answer_stands_unless_a_later_one_is_nearer(house: House) -> None:
    call = press(house, "p1")
    now = house.clock.now()
    service.answer(house.store, now, call, who="Lan", eta_min=10, by_ward=False)
    assert (
        service.answer(house.store, now, call, who="Phường", eta_min=30, by_ward=True)["who"]
        == "Lan"
    )
    assert (
        service.answer(house.store, now, call, who="Minh", eta_min=2, by_ward=False)["who"]
        == "Minh"
    )


def test_a_press_long_after_the_answer_is_a_new_call(house: House) -> None:
    call = press(house, "p1")
    service.answer(house.store, house.clock.now(), call, who="Lan", eta_min=10, by_ward=False)
    house.clock.passes(seconds=4)
    assert press(house, "p2") == call
    house.clock.passes(seconds=4)
    assert press(house, "p3") != call


def test_holding_withdraws_and_a_withdrawn_call_cannot_be_answered(house: House) -> None:
    call = press(house, "p1")
    assert service.withdraw(house.store, house.clock.now()) == 1
    assert help_calls.still_on(house.store) == []
    with pytest.raises(Conflict) as e:
        service.answer(house.store, house.clock.now(), call, who="Lan", eta_min=5, by_ward=True)
    assert e.value.code == "call_ended"
    assert [b["type"] for b in house.told("help")] == ["called", "withdrawn"]


@pytest.mark.parametrize("eta_min", [-1, 181, 10**9])
def test_a_time_out_of_range_is_refused(house: House, eta_min: int) -> None:
    call = press(house, "p1")
    with pytest.raises(BadInput):
        service.answer(house.store, house.clock.now(), call, who="", eta_min=eta_min, by_ward=True)


@pytest.mark.parametrize("who", ["x" * 41, "a\x00b", "a\u202ee" * 9000])
def test_a_name_that_cannot_be_shown_is_refused(house: House, who: str) -> None:
    call = press(house, "p1")
    with pytest.raises(BadInput):
        service.answer(house.store, house.clock.now(), call, who=who, eta_min=1, by_ward=True)


def test_an_unknown_call(house: House) -> None:
    with pytest.raises(NotFound):
        service.close(house.store, house.clock.now(), "nope")


def test_closing_twice_is_closing_once(house: House) -> None:
    call = press(house, "p1")
    service.close(house.store, house.clock.now(), call)
    service.close(house.store, house.clock.now(), call)
    assert [b["type"] for b in house.told("help")] == ["called", "closed"]


def test_an_answered_call_nobody_closed_ends_by_itself(house: House) -> None:
    """Three hours after the helper was to be here, by the time that really went by; the ward hears
    the word it knows. An unanswered call never ends so."""
    call = press(house, "p1")
    house.clock.passes(hours=11)  # answered in the morning: the age of the call does not count
    service.answer(house.store, house.clock.now(), call, who="Lan", eta_min=60, by_ward=True)
    house.clock.is_set_to(OPENING + timedelta(days=9))
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    house.clock.passes(hours=3, minutes=59)
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert [row["state"] for row in help_calls.still_on(house.store)] == ["answered"]
    house.clock.passes(minutes=2)
    other = press(house, "p2")
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert [row["id"] for row in help_calls.still_on(house.store)] == [other]
    assert house.told("help")[-1] == {"type": "closed", "call": call}
    house.clock.passes(days=3)
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert [row["id"] for row in help_calls.still_on(house.store)] == [other]


def test_a_call_from_before_a_power_cut_grows_old(house: House) -> None:
    """Also where the clock woke up behind it: nobody answers, and the screen gives the telephone
    number instead."""
    press(house, "p1")
    house.clock.boots(at=OPENING - timedelta(days=3))
    (row,) = help_calls.still_on(house.store)
    assert board.age_s(row, house.clock.now(), "made_at") < UNANSWERED_S
    house.clock.passes(seconds=UNANSWERED_S)
    assert board.age_s(row, house.clock.now(), "made_at") > UNANSWERED_S
