"""This file proves appointments: no doubles, no names, limits, two parties, missed and over."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from appliance.errors import BadInput, Conflict, TooMany
from appliance.service import appointments as service
from appliance.service import rota
from appliance.service.slip_content import House as SlipHouse
from appliance.service.slip_content import slip_of
from appliance.store import appointments as kept
from appliance.store.database import Row
from tests.service.conftest import ZONE, House

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture(autouse=True)
def open_hours(house: House) -> None:
    rota.set_hours(house.store, house.clock.now(), dict.fromkeys(range(7), "7:30-11:30"))


def book(house: House, key: str, from_min: int = 540, day: date = TUESDAY, **more: Any) -> Row:
    given = {"service_id": "ket-hon", "channel": "desk", **more}
    return service.book(
        house.store, house.clock.now(), key=key, day=day, from_min=from_min,
        catalogue=house.catalogue, zone=ZONE, **given,
    )  # fmt: skip


def test_a_half_hour_is_kept_and_its_slip_asked_for(house: House) -> None:
    """The same key is the same appointment; the slip says when, which code, what to bring."""
    row = book(house, "k-1")
    assert book(house, "k-1")["id"] == row["id"]
    job = kept.slip_job(house.store, row["id"])
    assert job is not None and job["kind"] == "appointment"
    slip = slip_of(job, SlipHouse("h", "Nhà", "", "0236", "http://x", ZONE), None)
    text = repr(slip)
    assert row["code"] in text and "9 giờ, thứ Ba, ngày 24 tháng 11" in text
    assert "MIỄN PHÍ" in text and "không thay Giấy tiếp nhận" in text
    told = house.store.value("SELECT body FROM outbox ORDER BY ord DESC LIMIT 1")
    assert json.loads(told)["type"] == "appointment_booked"
    assert row["code"] not in told


def test_overlapping_appointments(house: House) -> None:
    """A taken half hour, one that begins between two, one outside the hours, one that is over."""
    book(house, "k-1")
    for from_min in (540, 555, 690, 0):
        with pytest.raises(Conflict) as e:
            book(house, f"again-{from_min}", from_min)
        assert e.value.code == "place_taken"
    with pytest.raises(Conflict):
        book(house, "over", 450, MONDAY)  # it is 08:00
    book(house, "later", 510, MONDAY)


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 12, 24), date(2030, 1, 1)])
def test_days_nobody_can_book(house: House, day: date) -> None:
    with pytest.raises(BadInput) as e:
        book(house, "k-1", day=day)
    assert e.value.code == "bad_day"


def test_the_tablet_cannot_fill_the_month(house: House) -> None:
    for n in range(6):
        book(house, f"k-{n}", 450 + 30 * n, channel="tablet")
    with pytest.raises(TooMany):
        book(house, "k-6", 450, date(2026, 11, 25), channel="tablet")
    book(house, "k-7", 450, date(2026, 11, 25))  # the desk still can
    house.clock.is_set_to(house.clock.now().at + timedelta(hours=1))  # no hour has gone by
    with pytest.raises(TooMany):
        book(house, "k-6", 480, date(2026, 11, 25), channel="tablet")
    house.clock.passes(minutes=16)
    book(house, "k-8", 480, date(2026, 11, 25), channel="tablet")


def test_both_have_to_come(house: House) -> None:
    """A marriage certificate: one here is not enough, two are; three cannot be."""
    row = book(house, "k-1", kind="hand_over", parties=2, bring=[])
    now = house.clock.now()
    assert service.came(house.store, now, row["id"], 1)["state"] == "booked"
    assert service.came(house.store, now, row["id"], 2)["state"] == "came"
    with pytest.raises(BadInput):
        service.came(house.store, now, row["id"], 3)
    with pytest.raises(BadInput):
        book(house, "k-2", parties=3)


def test_cancelled_and_missed(house: House) -> None:
    """A cancelled half hour can be had again; what nobody came to is missed the day after."""
    row = book(house, "k-1")
    service.cancel(house.store, house.clock.now(), row["id"])
    service.cancel(house.store, house.clock.now(), row["id"])
    job = kept.slip_job(house.store, row["id"])
    assert job is not None and job["state"] == "cancelled"
    with pytest.raises(Conflict):
        service.came(house.store, house.clock.now(), row["id"], 1)
    other = book(house, "k-2")
    assert service.end_overdue(house.store, house.clock.now(), ZONE) == 0
    house.clock.passes(days=2)
    assert service.end_overdue(house.store, house.clock.now(), ZONE) == 1
    missed = kept.get(house.store, other["id"])
    assert missed is not None and missed["state"] == "missed"
