"""This file proves the boxes of a dossier's code: pasted or typed, read back, then kept."""

from __future__ import annotations

import pytest

from appliance.web.visit.code_boxes import Boxes, boxes_of, day_of_code
from tests.web.at_desk import Volunteer
from tests.web.conftest import House

CODE = "H15.50.05.13-261008-0975"
IN_BOXES = {"dossier_code": "h15.50.05.13 ", "code_day": "261008", "code_number": "0975"}


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def kept(house: House) -> object:
    return house.store.value("SELECT dossier_code FROM visits")


@pytest.mark.parametrize("sent", [IN_BOXES, {"dossier_code": "H15.50.05.13–261008–0975"}])
def test_read_back_before_it_is_kept(house: House, lan: Volunteer, sent: dict[str, str]) -> None:
    """In boxes or pasted in one, without scripts: shown group by group, kept at the second tap."""
    visit = lan.open_visit()
    path = f"/visits/{visit}/finish"
    asked = lan.post(path, done="submitted", code_read="", **sent)
    assert asked.status_code == 200 and kept(house) is None
    for group in CODE.split("-"):
        assert f"<span>{group}</span>" in asked.text
    assert f'name="code_read" value="{CODE}"' in asked.text
    assert "Ô giữa là thứ Năm, ngày 8 tháng 10." in asked.text
    assert 'value="submitted" checked' in asked.text  # nothing filled in is lost
    assert lan.post(path, done="submitted", code_read=CODE, **sent).status_code == 303
    assert kept(house) == CODE


def test_a_changed_code_is_read_back_again(house: House, lan: Volunteer) -> None:
    path = f"/visits/{lan.open_visit()}/finish"
    changed = IN_BOXES | {"code_number": "0976"}
    assert lan.post(path, code_read=CODE, **changed).status_code == 200
    assert kept(house) is None


def test_a_wrong_code_stays_in_its_boxes(house: House, lan: Volunteer) -> None:
    path = f"/visits/{lan.open_visit()}/finish"
    answer = lan.post(path, code_read="", **(IN_BOXES | {"code_day": "26108"}))
    assert answer.status_code == 400 and 'value="26108"' in answer.text
    assert "Mã chưa đúng" in answer.text


def test_at_the_dossiers_page(house: House, lan: Volunteer) -> None:
    """The same boxes, the same reading back; a program's single field goes straight through."""
    visit = lan.open_visit()
    lan.post(f"/visits/{visit}/finish", done="submitted")
    path = f"/desk/dossiers/{visit}/code"
    assert lan.post(path, code_read="", **IN_BOXES).status_code == 200 and kept(house) is None
    assert lan.post(path, code_read="", dossier_code="x").status_code == 400
    assert lan.post(path, code_read=CODE, **IN_BOXES).status_code == 303 and kept(house) == CODE
    assert lan.post(path, code="H15.50.05.13-261008-0001").status_code == 303


def test_groups() -> None:
    assert boxes_of(CODE) == Boxes("H15.50.05.13", "261008", "0975")
    assert boxes_of("Nguyễn") == Boxes("Nguyễn") and boxes_of("") == Boxes("")
    assert boxes_of(CODE).text == CODE
    assert [day_of_code(c) for c in ("H15-261399-0975", "x", "")] == ["", "", ""]
