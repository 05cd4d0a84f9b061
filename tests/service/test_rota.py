"""This file proves the rota: all or nothing, no doubles, full sessions, swaps, hours, phones."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from appliance.core.day_time import Span
from appliance.errors import BadInput, Conflict, HienError, TooMany
from appliance.service import rota as service
from appliance.store import rota as kept
from tests.service.conftest import House

MONDAY = date(2026, 11, 23)
THURSDAY = date(2026, 11, 26)
MORNING = Span(450, 690)


def plan(house: House, volunteer_id: int, *days: date, span: Span = MORNING) -> list[int]:
    return service.plan(
        house.store, house.clock.now(), volunteer_id=volunteer_id, days=days, spans=[span],
        today=MONDAY,
    )  # fmt: skip


def hides_name(house: House, volunteer_id: int) -> None:
    with house.store.write():
        house.store.run("UPDATE volunteers SET shows_name = 0 WHERE id = ?", volunteer_id)


def count(house: House) -> int:
    return int(house.store.value("SELECT count(*) FROM shifts WHERE state = 'planned'"))


def test_weekly_thursdays(house: House) -> None:
    lan = house.volunteer()
    hides_name(house, lan["id"])
    plan(house, lan["id"], *(THURSDAY + timedelta(weeks=n) for n in range(4)))
    assert count(house) == 4
    row = kept.comes_next(house.store, "2026-11-23", 480)
    assert row is not None and (row["day_on"], row["from_min"]) == ("2026-11-26", 450)
    assert row["name"] == ""  # no consent, no name


def test_one_bad_day_and_nothing_is_planned(house: House) -> None:
    """The third Thursday overlaps: none of the four is on the rota, none is reported."""
    lan = house.volunteer()
    plan(house, lan["id"], THURSDAY + timedelta(weeks=2), span=Span(600, 720))
    reports = house.store.value("SELECT count(*) FROM outbox")
    with pytest.raises(Conflict) as e:
        plan(house, lan["id"], *(THURSDAY + timedelta(weeks=n) for n in range(4)))
    assert e.value.code == "shift_overlaps" and "2026-12-10" in str(e.value)
    assert count(house) == 1
    assert house.store.value("SELECT count(*) FROM outbox") == reports


def test_a_session_is_full(house: House) -> None:
    """One per session when the house says so; neighbours in time do not count."""
    lan, minh = house.volunteer("Lan"), house.volunteer("Minh")
    service.set_per_session(house.store, 1)
    plan(house, lan["id"], THURSDAY)
    with pytest.raises(Conflict) as e:
        plan(house, minh["id"], THURSDAY)
    assert e.value.code == "shift_full"
    plan(house, minh["id"], THURSDAY, span=Span(690, 780))
    for most in (0, 10):
        with pytest.raises(BadInput):
            service.set_per_session(house.store, most)


def test_a_swap(house: House) -> None:
    """Offered, taken by the first, refused to the second; the first owner is remembered."""
    lan, minh, hoa = (house.volunteer(name) for name in ("Lan", "Minh", "Hoa"))
    (shift,) = plan(house, lan["id"], THURSDAY)
    now = house.clock.now()
    with pytest.raises(Conflict):
        service.take(house.store, now, shift, minh["id"])
    with pytest.raises(Conflict):
        service.offer(house.store, now, shift, minh["id"])
    service.offer(house.store, now, shift, lan["id"])
    assert [row["id"] for row in kept.offered(house.store, "2026-11-23")] == [shift]
    service.take(house.store, now, shift, minh["id"])
    service.take(house.store, now, shift, minh["id"])  # a second tap
    with pytest.raises(Conflict) as e:
        service.take(house.store, now, shift, hoa["id"])
    assert e.value.code == "shift_taken"
    row = kept.shift(house.store, shift)
    assert row is not None
    assert (row["volunteer_id"], row["planned_for"]) == (minh["id"], lan["id"])


def test_taking_what_overlaps(house: House) -> None:
    lan, minh = house.volunteer("Lan"), house.volunteer("Minh")
    (shift,) = plan(house, lan["id"], THURSDAY)
    plan(house, minh["id"], THURSDAY, span=Span(600, 720))
    service.offer(house.store, house.clock.now(), shift, lan["id"])
    with pytest.raises(Conflict) as e:
        service.take(house.store, house.clock.now(), shift, minh["id"])
    assert e.value.code == "shift_overlaps"


def test_a_roster_file_is_all_or_nothing(house: House) -> None:
    """A stranger's name in line 3, a double in line 4: nothing planned, the line named."""
    house.volunteer("Chị Lan")
    good = "ngày,từ,đến,tên\n2026-11-26,7:30,11:30,chị lan\n"
    now = house.clock.now()
    for last in ("2026-12-03,7:30,11:30,Bà Lạ\n", "26/11/2026,8:00,9:00,Chị Lan\n"):
        with pytest.raises(BadInput) as e:
            service.plan_file(house.store, now, (good + last).encode(), today=MONDAY)
        assert e.value.code == "roster_line_3"
        assert count(house) == 0
    assert service.plan_file(house.store, now, good.encode(), today=MONDAY) == 1
    assert count(house) == 1


def test_dropping_twice(house: House) -> None:
    lan = house.volunteer()
    (shift,) = plan(house, lan["id"], THURSDAY)
    service.drop(house.store, house.clock.now(), shift)
    service.drop(house.store, house.clock.now(), shift)
    assert count(house) == 0
    plan(house, lan["id"], THURSDAY)  # and planned again


def test_hours_all_or_nothing(house: House) -> None:
    """The weekday that is wrong is in the code; the old hours stay."""
    now = house.clock.now()
    service.set_hours(house.store, now, {3: "7:30-11:30", 5: "7:30-11:30, 13:30-17:00"})
    with pytest.raises(BadInput) as e:
        service.set_hours(house.store, now, {0: "7:30-11:30", 4: "11:30-7:30"})
    assert e.value.code == "hours_day_4"
    opening = kept.opening(house.store)
    assert set(opening.weekly) == {3, 5}
    assert len(opening.weekly[5]) == 2


def test_closed_days(house: House) -> None:
    """No shift on a closed day; opened again, there may be one."""
    lan, now = house.volunteer(), house.clock.now()
    service.close_days(house.store, now, THURSDAY, THURSDAY, "Họp thôn", today=MONDAY)
    with pytest.raises(Conflict) as e:
        plan(house, lan["id"], THURSDAY)
    assert e.value.code == "shift_closed"
    service.open_again(house.store, now, THURSDAY)
    plan(house, lan["id"], THURSDAY)
    for first, last, code in [
        (THURSDAY, MONDAY, "bad_span"),
        (date(2026, 11, 22), MONDAY, "day_over"),
        (THURSDAY, THURSDAY + timedelta(days=31), "too_far"),
    ]:
        with pytest.raises(BadInput) as bad:
            service.close_days(house.store, now, first, last, "", today=MONDAY)
        assert bad.value.code == code
    with pytest.raises(BadInput):
        service.close_days(house.store, now, THURSDAY, THURSDAY, "x" * 61, today=MONDAY)


def test_who_may_be_telephoned(house: House) -> None:
    """In the order added; spaces go; a name only with consent; at most six."""
    people = [house.volunteer(f"Người {n}") for n in range(8)]
    for person in people[:6]:
        service.put_on_call(house.store, person["id"], "0905 123.456")
    with pytest.raises(TooMany):
        service.put_on_call(house.store, people[6]["id"], "0905123456")
    service.put_on_call(house.store, people[0]["id"], "+84 905 999 999")
    hides_name(house, people[0]["id"])
    rows = kept.on_call(house.store)
    assert (rows[0]["phone"], rows[0]["name"]) == ("+84905 999 999", "")
    service.off_call(house.store, people[0]["id"])
    assert len(kept.on_call(house.store)) == 5
    for phone in ("", "113", "gọi tôi", "0905 123 456 789 0", "0905123456; DROP"):
        with pytest.raises(HienError) as e:
            service.put_on_call(house.store, people[7]["id"], phone)
        assert e.value.code == "bad_phone"
