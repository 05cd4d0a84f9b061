"""This file proves the questions of a visit: its papers become exactly those of the case."""

from __future__ import annotations

import json

import pytest

from appliance.service import catalogue
from appliance.store import visits
from tests.web.resident.test_guide_browser import DEATH

from ..at_desk import ODD_TEXTS, Volunteer
from ..conftest import House

ANSWERS = dict(pair.split("=") for pair in DEATH.split("&"))


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def test_a_death_is_one_set_of_papers(house: House, lan: Volunteer) -> None:
    """One choice leads straight to the questions; the desk then shows the papers of all steps."""
    visit_id = lan.open_visit("co-nguoi-mat")
    assert f"/visits/{visit_id}/case" in lan.get(f"/visits/{visit_id}").text
    page = lan.get(f"/visits/{visit_id}/case").text
    assert "Người mất đang hưởng trợ cấp nào?" in page
    listed = lan.get(f"/visits/{visit_id}/case?about=co-nguoi-mat&{DEATH}").text
    assert "Một tờ dùng cho 3 việc" in listed
    lan.act(f"/visits/{visit_id}/case", about="co-nguoi-mat", **ANSWERS)
    desk = lan.get(f"/visits/{visit_id}").text
    assert "Lượt này theo: Có người mất" in desk
    assert desk.count("Giấy báo tử hoặc giấy thay thế") >= 1
    assert f"/visits/{visit_id}/papers/mau-04-mai-tang/photo" in desk
    answer = lan.act(f"/visits/{visit_id}/papers/mau-04-mai-tang/photo")
    assert answer.location == f"/visits/{visit_id}"
    finish = lan.get(f"/visits/{visit_id}/finish").text
    assert 'value="thoi-huong" checked' in finish
    lan.act(f"/visits/{visit_id}/finish", missing=["thoi-huong"], done="advised")


def test_an_identity_card_is_still_never_photographed(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit("co-nguoi-mat")
    lan.act(f"/visits/{visit_id}/case", about="co-nguoi-mat", **ANSWERS)
    answer = lan.post_json(f"/visits/{visit_id}/papers/can-cuoc/photo", key=house.new_key())
    assert (answer.status_code, answer.get_json()["error"]) == (400, "never_captured")


def test_another_service_begins_anew(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit("co-nguoi-mat")
    lan.act(f"/visits/{visit_id}/case", about="co-nguoi-mat", **ANSWERS)
    lan.act(f"/visits/{visit_id}/service", service="co-em-be")
    row = visits.get(house.store, visit_id)
    assert row is not None and "case" not in row["outcome"]
    assert "giay-chung-sinh" in lan.get(f"/visits/{visit_id}").text


def test_a_visit_goes_by_the_guide_it_began_with(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    row = visits.get(house.store, visit_id)
    assert row is not None and row["catalogue_id"]
    catalogue.apply_override(
        house.store, house.clock.now(), house.parts.guide,
        {"version": 9, "procedures": [{"code": "1.001193", "from": "2026-01-01", "fee": {}}]},
    )  # fmt: skip
    shown = catalogue.of_visit(house.store, row, house.parts.catalogue, house.parts.guide)
    assert shown.guide.ward_version == 0
    assert catalogue.current(house.store, house.parts.guide).ward_version == 9


def test_questions_left_out_are_asked_again(lan: Volunteer) -> None:
    visit_id = lan.open_visit("co-nguoi-mat")
    answer = lan.post(f"/visits/{visit_id}/case", about="co-nguoi-mat", **{"bao-tu": "co"})
    assert answer.status_code == 303 and "bao-tu=co" in answer.location
    answer = lan.post_json(f"/visits/{visit_id}/case", about="co-nguoi-mat")
    assert answer.get_json()["error"] == "open_questions"


def test_odd_input_is_refused(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit("ban-sao")
    for text in ODD_TEXTS.values():
        assert lan.post(f"/visits/{visit_id}/case", about=text).status_code in (400, 404, 413)
    assert lan.get(f"/visits/{visit_id}/case?about=nope").status_code == 404
    assert lan.get("/visits/nope/case").status_code == 404
    assert house.client.get(f"/visits/{visit_id}/case").status_code == 303
    stored = json.dumps(house.store.all("SELECT outcome FROM visits"))
    assert "case" not in stored


def test_many_things_are_offered_to_choose_from(lan: Volunteer) -> None:
    visit_id = lan.open_visit("ban-sao")
    page = lan.get(f"/visits/{visit_id}/case").text
    assert "about=chung-thuc-ban-sao" in page and "about=so-goc" in page


def test_a_finished_visit_asks_nothing(lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    lan.act(f"/visits/{visit_id}/finish")
    assert lan.get(f"/visits/{visit_id}/case").status_code == 303
    answer = lan.post(f"/visits/{visit_id}/case", about="huu-tri-xa-hoi")
    assert answer.status_code == 409
