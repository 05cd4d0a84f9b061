"""This file proves that a visit is worked on, laid aside or forgotten, and what each holds up."""

from __future__ import annotations

from datetime import timedelta

from appliance.service import at_work, call_next, retention, visits
from appliance.service.look_after import look_after
from appliance.store import board, quiet, tickets
from appliance.store import visits as kept
from tests.service.conftest import OPENING, ZONE, House
from tests.service.test_visits import open_visit, photograph


def slips_are_out(house: House) -> None:
    with house.store.write():
        house.store.run("UPDATE print_jobs SET state = 'printed'")


def test_a_visit_laid_aside_keeps_nobody_waiting_for_it(house: House) -> None:
    """Its number and its sealed pages stay, the desk still shows it; but the house is not busy,
    and says so to the ward."""
    visit = open_visit(house)
    photograph(house, visit)
    slips_are_out(house)
    assert quiet.is_busy(house.store, house.clock.now())
    assert board.queue(house.store, house.clock.now(), ZONE)["serving"] == 1
    visits.park(house.store, house.ram, house.clock.now(), str(visit["id"]))
    assert not quiet.is_busy(house.store, house.clock.now())
    assert board.queue(house.store, house.clock.now(), ZONE)["serving"] == 0
    assert [row["visit_state"] for row in tickets.with_somebody(house.store)] == ["parked"]
    assert len(kept.pages(house.store, str(visit["id"]))) == 1
    assert visits.go_on(house.store, house.clock.now(), str(visit["id"]))["state"] == "open"
    assert quiet.is_busy(house.store, house.clock.now())


def test_a_forgotten_visit_is_laid_aside(house: House) -> None:
    """A telephone never lays aside by itself: after an hour without anybody its pages leave RAM.
    Whoever still works on it is left alone."""
    visit = open_visit(house)
    page_id, visit_id = photograph(house, visit), str(visit["id"])
    slips_are_out(house)

    def look() -> str:
        look_after(house.store, house.ram, house.clock.now(), ZONE)
        return str(house.store.value("SELECT state FROM visits"))

    house.clock.passes(minutes=50)
    at_work.touch(house.store, house.clock.now(), visit_id)
    before = house.store.connection.total_changes
    house.clock.passes(minutes=5)
    at_work.touch(house.store, house.clock.now(), visit_id)
    assert house.store.connection.total_changes == before
    house.clock.passes(minutes=50)
    house.clock.is_set_to(OPENING + timedelta(days=9))
    assert look() == "open" and house.ram.page(visit_id, page_id) is not None
    house.clock.passes(minutes=10)
    assert not quiet.is_busy(house.store, house.clock.now())
    assert look() == "parked" and house.ram.page(visit_id, page_id) is None
    assert house.told("queue")[-1]["type"] == "visit_parked"
    assert len(kept.pages(house.store, visit_id)) == 1


def test_a_visit_of_before_a_power_cut_has_its_hour(house: House) -> None:
    visit = open_visit(house)
    slips_are_out(house)
    house.clock.boots(at=OPENING + timedelta(days=3))
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert kept.get(house.store, str(visit["id"]))["state"] == "open"  # type: ignore[index]
    assert quiet.is_busy(house.store, house.clock.now())
    house.clock.passes(minutes=61)
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    assert kept.get(house.store, str(visit["id"]))["state"] == "parked"  # type: ignore[index]


def test_a_number_called_and_forgotten_makes_nobody_busy(house: House) -> None:
    """Called on Friday evening, and everybody went home."""
    house.take()
    call_next.call_next(
        house.store, house.clock.now(), key="call-0001", volunteer=house.volunteer()
    )
    slips_are_out(house)
    assert quiet.is_busy(house.store, house.clock.now())
    house.clock.passes(minutes=61)
    assert not quiet.is_busy(house.store, house.clock.now())


def test_pages_somebody_works_on_are_not_deleted(house: House) -> None:
    """Gone on with after two days: while it is open and somebody is there, its pages stay."""
    visit = open_visit(house)
    photograph(house, visit)
    visit_id, sealed_dir = str(visit["id"]), house.data_dir / "sealed"
    visits.park(house.store, house.ram, house.clock.now(), visit_id)
    house.clock.passes(hours=47)
    visits.go_on(house.store, house.clock.now(), visit_id)
    house.clock.passes(minutes=65)
    at_work.touch(house.store, house.clock.now(), visit_id)
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 0
    house.clock.passes(minutes=65)
    assert retention.delete_sealed(house.store, house.clock.now(), sealed_dir, 48) == 1
