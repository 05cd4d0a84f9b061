"""This file proves the slips' states: nothing is printed twice by itself, nothing lost silently."""

from __future__ import annotations

import pytest

from appliance import seal
from appliance.errors import Conflict, TooMany
from appliance.service import slips
from appliance.store import print_jobs, tickets

from .conftest import House


def sending(house: House) -> int:
    house.take()
    job = slips.next_job(house.store, house.clock.now())
    assert job is not None
    assert slips.begin_sending(house.store, job["id"])
    return int(job["id"])


def finish(house: House, job_id: int, state: str, code: str = "") -> None:
    slips.finish(house.store, house.ram, house.clock.now(), job_id, state, code=code)  # type: ignore[arg-type]


def test_printed_counts_and_forgets_the_secret(house: House) -> None:
    job_id = sending(house)
    finish(house, job_id, "printed")
    (ticket,) = tickets.waiting(house.store)
    assert ticket["printed"] and house.ram.secret(ticket["id"]) is None


def test_a_job_is_begun_once(house: House) -> None:
    """Two workers cannot both send the same slip."""
    job_id = sending(house)
    assert not slips.begin_sending(house.store, job_id)


def test_after_a_crash_a_person_is_asked(house: House) -> None:
    """A job found `sending` is never printed again by itself."""
    job_id = sending(house)
    assert slips.recover(house.store, house.clock.now()) == 1
    assert slips.next_job(house.store, house.clock.now()) is None
    (question,) = print_jobs.questions(house.store)
    assert question["id"] == job_id and question["ticket_number"] == 1
    (ticket,) = tickets.waiting(house.store)
    assert not ticket["printed"]


def test_it_came_out_settles_the_question(house: House) -> None:
    job_id = sending(house)
    slips.recover(house.store, house.clock.now())
    slips.it_came_out(house.store, house.ram, house.clock.now(), job_id)
    assert print_jobs.questions(house.store) == []
    assert tickets.waiting(house.store)[0]["printed"]


def test_printing_again_after_a_question_is_marked_as_a_copy(house: House) -> None:
    job_id = sending(house)
    slips.recover(house.store, house.clock.now())
    again = slips.print_again(house.store, house.clock.now(), job_id)
    job = print_jobs.get(house.store, again)
    assert job and job["copy_no"] == 1 and job["state"] == "queued"
    assert print_jobs.questions(house.store) == []
    assert slips.print_again(house.store, house.clock.now(), job_id) == again


def test_a_slip_that_never_went_out_is_no_copy(house: House) -> None:
    """An empty printer let the job expire: the next one is the first on paper."""
    house.take()
    job = slips.next_job(house.store, house.clock.now())
    assert job is not None
    house.clock.passes(minutes=11)
    assert slips.next_job(house.store, house.clock.now()) is None
    expired = print_jobs.get(house.store, job["id"])
    assert expired and expired["state"] == "expired"
    again = print_jobs.get(
        house.store, slips.print_again(house.store, house.clock.now(), job["id"])
    )
    assert again and again["copy_no"] == 0


def test_no_paper_keeps_the_job_and_writes_only_once(house: House) -> None:
    """The reason is kept; asking the printer each second does not wear the card."""
    house.take()
    job = slips.next_job(house.store, house.clock.now())
    assert job is not None
    slips.not_yet(house.store, job["id"], "paper_out")
    before = house.store.connection.total_changes
    for _ in range(10):
        slips.not_yet(house.store, job["id"], "paper_out")
    assert house.store.connection.total_changes == before
    row = print_jobs.get(house.store, job["id"])
    assert row and (row["state"], row["code"]) == ("queued", "paper_out")


def test_a_lost_secret_gets_a_new_pair(house: House) -> None:
    """The power was cut before the slip came out: RAM is empty, the ticket gets a new key."""
    taken = house.take()
    before = tickets.get(house.store, taken.id)
    house.ram.drop_secret(taken.id)
    job = slips.next_job(house.store, house.clock.now())
    assert job is not None and before is not None
    secret = slips.key_for(house.store, house.ram, house.clock.now(), job)
    after = tickets.get(house.store, taken.id)
    assert secret and after and after["recipient"] != before["recipient"]
    assert seal.recipient_of(secret) == after["recipient"]


def test_copies_have_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips, "MOST_COPIES", 2)
    job_id = sending(house)
    finish(house, job_id, "printed")
    for _ in range(2):
        job_id = slips.print_again(house.store, house.clock.now(), job_id)
        slips.begin_sending(house.store, job_id)
        finish(house, job_id, "printed")
    with pytest.raises(TooMany):
        slips.print_again(house.store, house.clock.now(), job_id)


def test_an_outcome_is_only_taken_for_a_job_being_sent(house: House) -> None:
    job_id = sending(house)
    finish(house, job_id, "needs_operator", "stalled")
    with pytest.raises(Conflict):
        finish(house, job_id, "printed")


def test_trying_again_does_not_make_a_slip_younger(house: House) -> None:
    """A job that was begun and put back many times still expires by when it was asked for."""
    job_id = sending(house)
    for _ in range(5):
        house.clock.passes(minutes=3)
        slips.not_yet(house.store, job_id, "stalled")
        slips.begin_sending(house.store, job_id)
    slips.not_yet(house.store, job_id, "stalled")
    assert slips.next_job(house.store, house.clock.now()) is None
