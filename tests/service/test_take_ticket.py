"""This file proves how a number is handed out: once a tap, once a day, whatever the clock does."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from appliance import seal
from appliance.errors import BadInput, TooMany
from appliance.service import call_next, take_ticket
from appliance.store import tickets
from appliance.store.opening import open_store

from .conftest import OPENING, ZONE, House


def test_ticket_slip_and_report_come_together(house: House) -> None:
    """One number makes one ticket, one slip to print and one report to the ward."""
    taken = house.take()
    assert taken.number == 1
    assert house.store.value("SELECT count(*) FROM print_jobs") == 1
    assert house.told("queue") == [
        {"type": "taken", "day": "2026-11-23", "number": 1, "service": "co-em-be",
         "channel": "tablet"}
    ]  # fmt: skip


def test_the_secret_is_in_ram_only_and_fits_the_public_half(house: House) -> None:
    """The ticket row has the public half; the secret is nowhere in the data folder."""
    taken = house.take()
    secret = house.ram.secret(taken.id)
    row = tickets.get(house.store, taken.id)
    assert secret and row and seal.recipient_of(secret) == row["recipient"]
    for path in house.data_dir.rglob("*"):
        if path.is_file():
            assert b"AGE-SECRET-KEY" not in path.read_bytes().upper(), path


def test_a_double_tap_is_one_ticket(house: House) -> None:
    first = house.take("same-key-1")
    again = house.take("same-key-1")
    assert (again.id, again.number, again.new) == (first.id, first.number, False)
    assert house.store.value("SELECT count(*) FROM tickets") == 1


@pytest.mark.parametrize("key", ["", "x" * 65, "has space!", "é" * 10, "a;drop table"])
def test_a_bad_key_is_refused(house: House, key: str) -> None:
    with pytest.raises(BadInput) as e:
        take_ticket.take_ticket(
            house.store, house.ram, house.clock.now(), key=key, service_id="co-em-be",
            channel="tablet", catalogue=house.catalogue, zone=ZONE, per_minute=10,
        )  # fmt: skip
    assert e.value.code == "bad_key"
    assert house.store.value("SELECT count(*) FROM tickets") == 0


def test_an_unknown_service_is_refused_and_leaves_nothing(house: House) -> None:
    with pytest.raises(BadInput) as e:
        house.take(service_id="🙂" * 500)
    assert e.value.code == "unknown_service"
    assert house.store.value("SELECT count(*) FROM outbox") == 0
    assert not list((house.ram.root / "slips").iterdir())


def test_numbers_start_again_on_a_new_working_day(house: House) -> None:
    assert [house.take().number for _ in range(3)] == [1, 2, 3]
    house.clock.passes(hours=24)
    assert house.take().number == 1


def test_an_evening_past_midnight_is_still_the_same_day(house: House) -> None:
    house.clock.passes(hours=15)  # 23:00
    assert house.take().number == 1
    house.clock.passes(hours=2)  # 01:00
    assert house.take().number == 2


def test_a_clock_that_is_set_during_the_day_does_not_restart_the_numbers(house: House) -> None:
    """The box started with yesterday's date; then the network corrected it."""
    house.clock.is_set_to(OPENING - timedelta(days=1), "none")
    assert [house.take().number for _ in range(2)] == [1, 2]
    house.clock.passes(minutes=10)
    house.clock.is_set_to(OPENING, "ntp")
    assert house.take().number == 3


def test_a_clock_that_jumps_back_never_repeats_a_number(house: House) -> None:
    assert house.take().number == 1
    house.clock.passes(hours=24)
    assert [house.take().number for _ in range(4)] == [1, 2, 3, 4]
    house.clock.is_set_to(OPENING)
    assert house.take().number == 5
    house.clock.is_set_to(OPENING - timedelta(days=365 * 50))
    assert house.take().number == 6


def test_a_restart_with_the_clock_in_1970_goes_on_with_the_numbers(house: House) -> None:
    assert [house.take().number for _ in range(2)] == [1, 2]
    house.clock.boots(at=OPENING.replace(year=1970))
    assert house.take().number == 3
    house.clock.passes(minutes=5)
    house.clock.is_set_to(OPENING + timedelta(minutes=20), "ntp")
    assert house.take().number == 4


def test_a_restart_on_the_next_morning_starts_again(house: House) -> None:
    house.take()
    house.clock.boots(at=OPENING + timedelta(days=1))
    assert house.take().number == 1


def test_numbers_are_unique_when_many_take_at_once(house: House) -> None:
    """Eight tablets at the same moment: forty different numbers from 1 to 40, none lost."""
    numbers: list[int] = []

    def tablet() -> None:
        store = open_store(house.data_dir)
        for _ in range(5):
            taken = take_ticket.take_ticket(
                store, house.ram, house.clock.now(), key=take_ticket.new_key(),
                service_id="vneid", channel="tablet", catalogue=house.catalogue, zone=ZONE,
                per_minute=1000,
            )  # fmt: skip
            numbers.append(taken.number)
        store.close()

    threads = [threading.Thread(target=tablet) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 41))


def test_the_rate_is_limited_by_real_time(house: House) -> None:
    for _ in range(5):
        house.take(per_minute=5)
    with pytest.raises(TooMany) as e:
        house.take(per_minute=5)
    assert e.value.code == "too_many_tickets" and e.value.retry_after_s > 0
    house.clock.passes(seconds=61)
    assert house.take(per_minute=5).number == 6


def test_a_waiting_list_has_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take_ticket, "MOST_WAITING", 3)
    for _ in range(3):
        house.take()
    with pytest.raises(TooMany) as e:
        house.take()
    assert e.value.code == "too_many_waiting"


def test_yesterdays_leftovers_are_closed_and_can_be_brought_back(house: House) -> None:
    """Nobody calls yesterday's number 1 between today's numbers; a volunteer may, on purpose."""
    left = house.take()
    house.clock.passes(hours=24)
    house.take()
    row = tickets.get(house.store, left.id)
    assert row and row["state"] == "expired"
    back = call_next.bring_back(
        house.store, house.clock.now(), key="back-1", volunteer=house.volunteer(),
        ticket_id=left.id,
    )  # fmt: skip
    assert back["state"] == "waiting"
