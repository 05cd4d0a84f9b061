"""This file proves the day proposed at the end of a visit, counted from a clock the test sets."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from appliance.core.moment import Moment
from appliance.service import catalogue
from appliance.store import print_jobs, visits
from appliance.web.visit.next_day import next_days

from ..at_desk import Volunteer
from ..conftest import House

# Monday 23 November 2026, 08:05 in Viet Nam; Tuesday is a holiday.
MONDAY = Moment(datetime(2026, 11, 23, 1, 5, tzinfo=UTC), "e", 1, "r", "ntp")
THREE = Moment(datetime(2026, 11, 23, 8, 1, tzinfo=UTC), "e", 1, "r", "ntp")


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def proposed(house: House, visit_id: str, at: Moment, language: str = "vi") -> dict[str, str]:
    visit = visits.get(house.store, visit_id)
    assert visit is not None
    shown = catalogue.of_visit(house.store, visit, house.parts.catalogue, house.parts.guide)
    days = next_days(house.parts, house.store, at, visit, shown, language)
    return {day.on: f"{day.words}: {day.what}" for day in days}


def payload(house: House, visit_id: str) -> dict[str, Any]:
    job = print_jobs.newest_of_visit(house.store, visit_id)
    assert job is not None
    found: dict[str, Any] = json.loads(job["payload"])
    return found


def test_a_birth_by_its_steps(house: House, lan: Volunteer) -> None:
    """Same day for the certificate (after three: Wednesday), five and seven working days."""
    visit_id = lan.open_visit()
    assert proposed(house, visit_id, MONDAY) == {
        "2026-11-23": "thứ Hai, ngày 23 tháng 11: Làm giấy khai sinh",
        "2026-12-01": "thứ Ba, ngày 1 tháng 12: Làm thẻ bảo hiểm y tế",
        "2026-12-03": "thứ Năm, ngày 3 tháng 12: Đăng ký ở lâu dài (thường trú)",
    }
    late = proposed(house, visit_id, THREE, "en")
    assert late["2026-11-25"] == "Wednesday, 25 November: Birth certificate"


def test_the_wards_days_and_times_count(house: House, lan: Volunteer) -> None:
    """Two days in place of five, and a Wednesday off."""
    entry = {"code": "1.014137", "from": "2026-01-01", "time": {"days": 1}}
    doc = {"version": 1, "procedures": [entry], "days": [{"on": "2026-11-25", "works": False}]}
    catalogue.apply_override(house.store, MONDAY, house.parts.guide, doc)
    visit_id = lan.open_visit()
    assert proposed(house, visit_id, MONDAY)["2026-11-26"].endswith("bảo hiểm y tế")


def test_a_service_of_many_things_proposes_nothing_until_it_is_known(
    house: House, lan: Volunteer
) -> None:
    visit_id = lan.open_visit("ban-sao")
    assert proposed(house, visit_id, MONDAY) == {}
    catalogue.choose_case(
        house.store, visit_id, house.parts.guide, "so-goc", {"so-goc-cua-ai": "minh"}
    )
    assert list(proposed(house, visit_id, MONDAY)) == ["2026-11-25"]


def test_what_nobody_is_sure_of_is_not_proposed(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit("ban-sao")
    guide = house.parts.guide
    catalogue.choose_case(
        house.store, visit_id, guide, "lien-thong-tre-em", {"chung-sinh": "co", "cung-ho": "phai"}
    )
    assert proposed(house, visit_id, MONDAY) == {}
    later = Moment(datetime(2028, 1, 10, 2, 0, tzinfo=UTC), "e", 1, "r", "ntp")
    catalogue.choose_case(house.store, visit_id, guide, "doi-giay-khuyet-tat", {})
    (words,) = proposed(house, visit_id, later).values()
    assert words.startswith("Khoảng ") and "hỏi lại phường" in words


def test_a_proposed_day_is_one_tap(house: House, lan: Volunteer) -> None:
    """The form offers it, the slip carries it; a day typed by hand wins; none is none."""
    for typed, chosen in (("", True), ("2026-12-24", True), ("", False)):
        visit_id = lan.open_visit()
        page = lan.get(f"/visits/{visit_id}/finish").text
        offered = re.findall(r'name="due_choice" value="(\d{4}-\d\d-\d\d)"', page)
        assert offered and "Không hẹn theo dự kiến" in page
        choice = offered[-1] if chosen else ""
        today = house.clock.now().local(house.parts.house.zone).date()
        own = date.fromisoformat(typed).replace(year=today.year + 1).isoformat() if typed else ""
        lan.act(f"/visits/{visit_id}/finish", due_choice=choice, due_on=own)
        assert payload(house, visit_id)["due_on"] == ((own or choice) or None)


def test_a_day_of_before_is_refused(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    for choice in ("2020-01-01", "soon", "🙂" * 99):
        answer = lan.post(f"/visits/{visit_id}/finish", due_choice=choice)
        assert answer.status_code == 400
