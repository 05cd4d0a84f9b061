"""This file proves that the ward hears once per boot that the clock was set, if it must."""

from __future__ import annotations

from appliance.service.clock_set import newest_known_at, tell_clock_set
from appliance.service.report import tell

from .conftest import OPENING, House


def report(house: House) -> None:
    with house.store.write():
        tell(house.store, house.clock.now(), "queue", {"type": "x"})


def test_it_is_told_once_when_something_was_reported_before(house: House) -> None:
    house.clock.is_set_to(OPENING, "none")
    report(house)
    assert not tell_clock_set(house.store, house.clock.now())
    house.clock.is_set_to(OPENING, "ntp")
    assert tell_clock_set(house.store, house.clock.now())
    assert not tell_clock_set(house.store, house.clock.now())
    assert [d["type"] for d in house.told("ops")] == ["clock"]


def test_a_boot_whose_clock_was_right_all_along_says_nothing(house: House) -> None:
    house.clock.is_set_to(OPENING, "none")
    report(house)
    house.clock.boots("boot-9")
    house.clock.is_set_to(OPENING, "ntp")
    report(house)
    assert not tell_clock_set(house.store, house.clock.now())


def test_the_newest_time_that_was_certain(house: House) -> None:
    assert newest_known_at(house.store) is None
    report(house)
    house.clock.boots("boot-9")
    house.clock.is_set_to(OPENING.replace(year=1970), "none")
    report(house)
    assert newest_known_at(house.store) == "2026-11-23T01:00:00.000Z"
