"""This file proves that what was made before the clock was set is dated when it is, and kept."""

from __future__ import annotations

from datetime import timedelta

from appliance.service import dossiers, sealed_dossiers, visits
from appliance.service.dating import date_rows
from appliance.service.look_after import look_after
from tests.service.conftest import OPENING, ZONE, House
from tests.service.test_visits import open_visit

LONG_AGO = OPENING - timedelta(days=300)


def test_setting_the_clock_expires_no_dossier(house: House) -> None:
    """Ten minutes old on a clock that was months behind: it is still sent. Its days count from
    when it was made, also over the next start."""
    house.clock.is_set_to(LONG_AGO, "none")
    visit = open_visit(house)
    made = sealed_dossiers.keep_file(house.data_dir, sealed_dossiers.new_id(), b"sealed", 1)
    with house.store.write():
        sealed_dossiers.hand_in(house.store, house.clock.now(), str(visit["id"]), made)
    house.clock.passes(minutes=10)
    house.clock.is_set_to(OPENING, "ntp")
    assert sealed_dossiers.expire(house.store, house.clock.now(), house.data_dir, 30) == 0
    assert (house.data_dir / sealed_dossiers.FOLDER / made.file).exists()
    house.clock.boots(at=OPENING + timedelta(days=29))
    assert sealed_dossiers.expire(house.store, house.clock.now(), house.data_dir, 30) == 0
    house.clock.passes(days=2)
    assert sealed_dossiers.expire(house.store, house.clock.now(), house.data_dir, 30) == 1


def test_a_code_given_out_on_an_old_clock_is_found(house: House) -> None:
    """At once when the clock is set, and over the next start; after its 180 days no more."""
    house.clock.is_set_to(LONG_AGO, "none")
    visit = open_visit(house)
    visits.finish(
        house.store, house.ram, house.clock.now(), str(visit["id"]),
        catalogue=house.catalogue, done=["submitted"],
    )  # fmt: skip
    code = house.store.value("SELECT look_up FROM dossiers")

    def is_found() -> bool:
        return dossiers.find(house.store, house.clock.now(), 1, code) is not None

    house.clock.passes(minutes=10)
    house.clock.is_set_to(OPENING, "ntp")
    assert is_found()
    look_after(house.store, house.ram, house.clock.now(), ZONE)
    house.clock.boots(at=OPENING + timedelta(days=100))
    assert is_found()
    house.clock.passes(days=81)
    assert not is_found()


def test_a_right_time_is_left_alone(house: House) -> None:
    """A battery's time gives way to the network's within its boot; nothing gives way twice."""
    house.clock.is_set_to(OPENING - timedelta(hours=1), "rtc")
    open_visit(house)
    visit_id = house.store.value("SELECT id FROM visits")
    visits.finish(
        house.store, house.ram, house.clock.now(), visit_id,
        catalogue=house.catalogue, done=["submitted"],
    )  # fmt: skip
    assert date_rows(house.store, house.clock.now(), "dossiers") == 0
    house.clock.is_set_to(OPENING, "ntp")
    assert date_rows(house.store, house.clock.now(), "dossiers") == 1
    assert house.store.value("SELECT made_at FROM dossiers") == house.clock.now().at_text
    assert date_rows(house.store, house.clock.now(), "dossiers") == 0
