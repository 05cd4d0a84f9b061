"""This file proves signing in: PINs are guarded, sessions end, duty begins and ends with them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.core.pin import wait_s
from appliance.errors import BadInput, Conflict, NotAllowed, TooMany
from appliance.service import volunteers
from appliance.store import volunteers as kept

from .conftest import OPENING, House


def sign_in(house: House, number: int, pin: str = "2468") -> str:
    token, _ = volunteers.sign_in(
        house.store, house.clock.now(), volunteer_id=number, pin=pin, hours=10
    )
    return token


def test_signing_in_is_coming_on_duty(house: House) -> None:
    lan = house.volunteer()
    token = sign_in(house, lan["id"])
    assert [row["name"] for row in kept.on_duty(house.store)] == ["Chị Lan"]
    who = volunteers.who_is(house.store, house.clock.now(), token, 10)
    assert who and who["id"] == lan["id"]


def test_a_name_is_shown_only_with_consent(house: House) -> None:
    number = volunteers.add_volunteer(
        house.store, house.clock.now(), name="Cô Hoa", pin="13579", shows_name=False
    )
    sign_in(house, number, "13579")
    assert [row["name"] for row in kept.on_duty(house.store)] == [""]


def test_five_wrong_pins_make_one_wait_and_even_the_right_one_has_to(house: House) -> None:
    lan = house.volunteer()
    for _ in range(5):
        with pytest.raises(NotAllowed):
            sign_in(house, lan["id"], "0000")
    with pytest.raises(TooMany) as e:
        sign_in(house, lan["id"])
    assert 0 < e.value.retry_after_s <= 30
    house.clock.passes(seconds=31)
    assert sign_in(house, lan["id"])


def test_twenty_wrong_pins_do_not_get_through_even_with_a_restart_in_between(house: House) -> None:
    """The count is on the card: pulling the plug gives no new tries."""
    lan = house.volunteer()
    looked_at = 0
    for n in range(20):
        if n == 10:
            house.clock.boots()
        try:
            sign_in(house, lan["id"], "1111")
        except NotAllowed:
            looked_at += 1
        except TooMany:
            pass
    assert looked_at == 5


def test_a_restart_with_the_clock_behind_locks_nobody_out(house: House) -> None:
    """Without a battery and a network the wall clock never catches up: the wait still ends."""
    lan = house.volunteer()
    for _ in range(5):
        with pytest.raises(NotAllowed):
            sign_in(house, lan["id"], "1111")
    house.clock.boots(at=OPENING - timedelta(days=2))
    with pytest.raises(TooMany):
        sign_in(house, lan["id"])
    house.clock.passes(seconds=31)
    assert sign_in(house, lan["id"])


def test_changing_names_does_not_help_an_attacker(house: House) -> None:
    numbers = [house.volunteer(f"Người {n}")["id"] for n in range(6)]
    looked_at = 0
    for n in range(60):
        try:
            sign_in(house, numbers[n % 6], "1111")
        except NotAllowed:
            looked_at += 1
        except TooMany:
            pass
    assert looked_at == 20


def test_waits_grow_and_have_an_end() -> None:
    assert [wait_s(n) for n in (0, 4, 5, 6, 7, 50)] == [0, 0, 30, 60, 120, 900]


@pytest.mark.parametrize("pin", ["", "12", "123456789", "abcd", "١٢٣٤", "12 34", "1234\n"])
def test_what_is_no_pin_is_refused(house: House, pin: str) -> None:
    with pytest.raises(BadInput):
        volunteers.add_volunteer(house.store, house.clock.now(), name="Lan", pin=pin)
    lan = house.volunteer()
    with pytest.raises(NotAllowed):
        sign_in(house, lan["id"], pin)


def test_sessions_end_by_either_clock(house: House) -> None:
    """A wall clock set back must not make a session longer."""
    lan = house.volunteer()
    token = sign_in(house, lan["id"])
    house.clock.passes(hours=11)
    assert volunteers.who_is(house.store, house.clock.now(), token, 10) is None
    house.clock.is_set_to(OPENING)
    assert volunteers.who_is(house.store, house.clock.now(), token, 10) is None


def test_a_forged_or_empty_token_is_nobody(house: House) -> None:
    house.volunteer()
    for token in ("", "x", "0" * 64, "' OR 1=1 --"):
        assert volunteers.who_is(house.store, house.clock.now(), token, 10) is None


def test_signing_out_ends_duty_with_the_last_session(house: House) -> None:
    lan = house.volunteer()
    tablet, phone = sign_in(house, lan["id"]), sign_in(house, lan["id"])
    volunteers.sign_out(house.store, house.clock.now(), tablet)
    assert len(kept.on_duty(house.store)) == 1
    volunteers.sign_out(house.store, house.clock.now(), phone)
    assert kept.on_duty(house.store) == []
    assert [b["type"] for b in house.told("ops")] == ["duty_began", "duty_ended"]


def test_duty_of_forgotten_sessions_ends_and_then_nothing_is_written(house: House) -> None:
    lan = house.volunteer()
    sign_in(house, lan["id"])
    house.clock.passes(hours=11)
    assert volunteers.end_stale_duty(house.store, house.clock.now()) == 1
    before = house.store.connection.total_changes
    assert volunteers.end_stale_duty(house.store, house.clock.now()) == 0
    assert house.store.connection.total_changes == before


def test_a_lost_phone_is_taken_off_at_once(house: House) -> None:
    lan = house.volunteer()
    token = sign_in(house, lan["id"])
    volunteers.take_off(house.store, house.clock.now(), lan["id"])
    assert volunteers.who_is(house.store, house.clock.now(), token, 10) is None
    with pytest.raises(NotAllowed):
        sign_in(house, lan["id"])


def test_a_name_is_taken_once_and_can_come_back(house: House) -> None:
    lan = house.volunteer()
    with pytest.raises(Conflict):
        house.volunteer()
    volunteers.take_off(house.store, house.clock.now(), lan["id"])
    assert house.volunteer()["id"] == lan["id"]


def test_pins_are_kept_hashed(house: House) -> None:
    lan = house.volunteer()
    assert "2468" not in lan["pin_hash"] and lan["pin_hash"].startswith("scrypt:")
