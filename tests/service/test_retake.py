"""This file proves the retake: the old page stays until the new one is there, in its place."""

from __future__ import annotations

import pytest

from appliance.errors import BadInput, Conflict
from appliance.service import call_next, capture, page_changes, visits
from appliance.store import print_jobs
from appliance.store import visits as kept

from .conftest import House

PAPER = "giay-chung-sinh"


def open_visit(house: House) -> str:
    ticket = house.take()
    row = visits.open_visit(
        house.store, house.clock.now(), key="open", volunteer=house.volunteer(), ticket_id=ticket.id
    )
    return str(row["id"])


def photograph(house: House, visit_id: str, key: str) -> str:
    """A page as the devices room makes it."""
    asked = capture.ask_page(
        house.store, house.clock.now(), key=key, visit_id=visit_id, paper_id=PAPER,
        catalogue=house.catalogue,
    )  # fmt: skip
    page_id, _ = deliver(house, asked)
    return page_id


def deliver(house: House, capture_id: int) -> tuple[str, list[str]]:
    page = capture.SealedPage(capture.new_page_id(), "x.age", "0" * 64, "age1x", (10, 10), {})
    return page.page_id, capture.page_done(house.store, house.clock.now(), capture_id, page)


def pages(house: House, visit_id: str) -> list[str]:
    return [row["id"] for row in kept.pages(house.store, visit_id)]


def test_a_better_picture_takes_the_place_of_the_old_one(house: House) -> None:
    visit_id = open_visit(house)
    one, two, three = (photograph(house, visit_id, f"key-{n}") for n in range(3))
    again = capture.ask_again(house.store, house.clock.now(), key="again", page_id=two)
    assert pages(house, visit_id) == [one, two, three]
    new, leave_ram = deliver(house, again)
    assert pages(house, visit_id) == [one, new, three]
    assert leave_ram == [two]


def test_a_camera_that_fails_leaves_the_old_page(house: House) -> None:
    visit_id = open_visit(house)
    one = photograph(house, visit_id, "key-1")
    again = capture.ask_again(house.store, house.clock.now(), key="again", page_id=one)
    capture.failed(house.store, house.clock.now(), again, "camera_stalled")
    assert pages(house, visit_id) == [one]


def test_a_double_tap_is_one_retake(house: House) -> None:
    one = photograph(house, open_visit(house), "key-1")
    taps = {
        capture.ask_again(house.store, house.clock.now(), key="again", page_id=one)
        for _ in range(2)
    }
    assert len(taps) == 1


def test_a_picture_that_comes_after_the_end_is_no_page(house: House) -> None:
    """Finished while the camera was at work: nothing joins the visit, nothing stays in RAM."""
    visit_id = open_visit(house)
    asked = capture.ask_page(
        house.store, house.clock.now(), key="late", visit_id=visit_id, paper_id=PAPER,
        catalogue=house.catalogue,
    )  # fmt: skip
    visits.finish(house.store, house.ram, house.clock.now(), visit_id, catalogue=house.catalogue)
    page_id, leave_ram = deliver(house, asked)
    assert pages(house, visit_id) == []
    assert leave_ram == [page_id]


def test_a_picture_that_comes_after_parking_is_kept_sealed_only(house: House) -> None:
    visit_id = open_visit(house)
    asked = capture.ask_page(
        house.store, house.clock.now(), key="late", visit_id=visit_id, paper_id=PAPER,
        catalogue=house.catalogue,
    )  # fmt: skip
    visits.park(house.store, house.ram, house.clock.now(), visit_id)
    page_id, leave_ram = deliver(house, asked)
    assert pages(house, visit_id) == [page_id]
    assert leave_ram == [page_id]


def test_pages_of_a_finished_visit_stand_still(house: House) -> None:
    visit_id = open_visit(house)
    page_id = photograph(house, visit_id, "key-1")
    visits.finish(house.store, house.ram, house.clock.now(), visit_id, catalogue=house.catalogue)
    for act in (
        lambda: capture.ask_again(house.store, house.clock.now(), key="a", page_id=page_id),
        lambda: page_changes.move_page(house.store, page_id, 1),
        lambda: capture.keep_anyway(house.store, page_id),
    ):
        with pytest.raises(Conflict) as e:
            act()
        assert e.value.code == "visit_closed"


def test_a_number_is_taken_off_only_for_a_reason_of_the_list(house: House) -> None:
    ticket = house.take()
    with pytest.raises(BadInput) as e:
        call_next.cancel(
            house.store, house.clock.now(), key="c", volunteer=house.volunteer(),
            ticket_id=ticket.id, reason="ông Nguyễn Văn A",
        )  # fmt: skip
    assert e.value.code == "bad_reason"


def test_a_visit_slip_given_up_is_shown_until_it_is_asked_for_again(house: House) -> None:
    visit_id = open_visit(house)
    job = visits.finish(
        house.store, house.ram, house.clock.now(), visit_id, catalogue=house.catalogue
    )
    with house.store.write():
        house.store.run("UPDATE print_jobs SET state = 'failed_clean' WHERE id = ?", job)
    assert [row["id"] for row in print_jobs.visits_without_slip(house.store)] == [job]
    visits.print_slip_again(house.store, house.clock.now(), visit_id)
    assert print_jobs.visits_without_slip(house.store) == []
