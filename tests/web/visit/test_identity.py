"""This file proves the screen of a card's code: on request, for volunteers, and then gone."""

from __future__ import annotations

import os

import pytest

from appliance.core.identity_code import read_identity_code
from appliance.service import capture
from appliance.service import visits as visit_service
from appliance.store import visits

from ..at_desk import Volunteer
from ..conftest import House

CODE = "079198012345||Nguyễn Thị Mẫu|14071998|Nữ|Tổ 5, phường Bến Hiên, tỉnh Ví Dụ|25122024||||"
WORDS = ("079198012345", "Nguyễn Thị Mẫu", "14/07/1998", "Tổ 5, phường")


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def read(house: House, lan: Volunteer, visit: str, code: str = CODE) -> str:
    """The card has been read as the devices room does it; the text of its screen."""
    lan.act(f"/visits/{visit}/card/read")
    row = visits.newest_capture(house.store, visit)
    assert row is not None and (row["kind"], row["paper_id"]) == ("card", "")
    house.parts.ram.put_card(visit, read_identity_code(code).as_dict())
    capture.card_done(house.store, house.clock.now(), row["id"])
    return str(lan.get(f"/visits/{visit}/card").text)


def test_nothing_is_read_before_it_is_asked_for(house: House, lan: Volunteer) -> None:
    """The screen says first what will happen; looking at it asks for nothing."""
    visit = lan.open_visit()
    assert f"/visits/{visit}/card" in lan.get(f"/visits/{visit}").text
    page = lan.get(f"/visits/{visit}/card").text
    assert "Không lưu ảnh thẻ, không lưu chữ nào." in page and "Bác đồng ý" in page
    assert visits.newest_capture(house.store, visit) is None


def test_the_fields_are_large_and_each_can_be_copied(house: House, lan: Volunteer) -> None:
    visit = lan.open_visit()
    page = read(house, lan, visit)
    assert all(word in page for word in WORDS)
    assert page.count("data-copy=") == 6 and "không có trên thẻ" in page
    assert "Tự xóa sau 5 phút" in page and "không khớp" not in page
    # The visit's own screen goes on as if nothing had been read.
    assert not any(word in lan.get(f"/visits/{visit}").text for word in WORDS)
    assert "Chụp:" in lan.get(f"/visits/{visit}").text


def test_a_number_that_does_not_agree_is_said(house: House, lan: Volunteer) -> None:
    page = read(house, lan, lan.open_visit(), CODE.replace("14071998", "14071999"))
    assert "không khớp ngày sinh" in page


def test_others_see_nothing(house: House, lan: Volunteer) -> None:
    """Neither the tablet, nor another visit; and the answer is kept by no browser."""
    one, two = lan.open_visit(), lan.open_visit()
    read(house, lan, one)
    assert house.client.get(f"/visits/{one}/card").status_code == 303
    for action in ("read", "more", "erase"):
        assert house.post(f"/visits/{one}/card/{action}", key="k").status_code == 403
    assert WORDS[0] not in lan.get(f"/visits/{two}/card").text
    assert lan.get(f"/visits/{one}/card").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("way", ["button", "time", "end", "aside"])
def test_it_goes(house: House, lan: Volunteer, way: str) -> None:
    """By its button, by itself, with the visit's end or aside; the table never had a word of it."""
    visit = lan.open_visit()
    read(house, lan, visit)
    path = house.parts.ram.root / "pages" / visit / "card.json"
    if way == "button":
        lan.act(f"/visits/{visit}/card/erase")
    elif way == "time":
        os.utime(path, (path.stat().st_mtime - 301,) * 2)
    elif way == "end":
        visit_service.finish(
            house.store, house.parts.ram, house.clock.now(), visit, catalogue=house.parts.catalogue
        )
    else:
        lan.act(f"/visits/{visit}/aside")
    page = lan.get(f"/visits/{visit}/card").text
    assert not any(word in page for word in WORDS) and not path.exists()
    table = "\n".join(house.store.connection.iterdump())
    assert not any(word in table for word in WORDS)


def test_more_time_is_one_tap(house: House, lan: Volunteer) -> None:
    visit = lan.open_visit()
    read(house, lan, visit)
    path = house.parts.ram.root / "pages" / visit / "card.json"
    os.utime(path, (path.stat().st_mtime - 200,) * 2)
    assert "Tự xóa sau 2 phút" in lan.get(f"/visits/{visit}/card").text
    lan.act(f"/visits/{visit}/card/more")
    assert "Tự xóa sau 5 phút" in lan.get(f"/visits/{visit}/card").text


@pytest.mark.parametrize("code", ["no_card_code", "not_a_card", "camera_none", "never_heard_of"])
def test_what_went_wrong_is_said_with_the_way_on(house: House, lan: Volunteer, code: str) -> None:
    visit = lan.open_visit()
    lan.act(f"/visits/{visit}/card/read")
    assert "Đang đọc mã" in lan.get(f"/visits/{visit}/card").text
    row = visits.newest_capture(house.store, visit)
    assert row is not None
    capture.failed(house.store, house.clock.now(), row["id"], code)
    page = lan.get(f"/visits/{visit}/card").text
    assert "Chưa đọc được." in page and "Bác đồng ý" in page and code not in page
    # A card that was not read is no trouble of the visit.
    assert "Chưa chụp được" not in lan.get(f"/visits/{visit}").text
