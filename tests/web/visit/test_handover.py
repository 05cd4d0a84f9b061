"""This file proves the hand-over: the PDF, and the link for a telephone that works once."""

from __future__ import annotations

import io
import re
import threading
from typing import Any

import pikepdf
import pytest

from appliance.web.visit.links import LINK_S, Links

from ..at_desk import Volunteer, jpeg, photograph
from ..conftest import ORIGIN, House


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def token_of(lan: Volunteer, visit_id: str) -> str:
    lan.act(f"/visits/{visit_id}/phone")
    found = re.search(r"/get/([A-Za-z0-9_-]+)", lan.get(f"/visits/{visit_id}/phone").text)
    assert found is not None
    return found[1]


def test_the_pdf_has_the_pages_in_order(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id, picture=jpeg("white", (620, 877)))
    last = photograph(house, visit_id, picture=jpeg("white", (877, 620)))
    lan.act(f"/visits/{visit_id}/pages/{last}/move", by="up", place="2")
    answer = lan.get(f"/visits/{visit_id}/papers.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ho-so-so-1.pdf" in answer.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        wide = [float(page.mediabox[2]) > float(page.mediabox[3]) for page in pdf.pages]
        title = str(pdf.docinfo["/Title"])
    assert wide == [True, False]
    assert re.fullmatch(r"Hồ sơ số 1, ngày \d{4}-\d{2}-\d{2}", title)  # nothing personal
    assert lan.get(f"/visits/{visit_id}/papers.pdf").data == answer.data


def test_no_pdf_with_a_page_missing(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    answer = lan.get(f"/visits/{visit_id}/papers.pdf")
    assert answer.status_code == 409 and "Chưa có trang nào để giao" in answer.text
    photograph(house, visit_id)
    page_id = photograph(house, visit_id)
    house.parts.ram.drop_page(visit_id, page_id)
    answer = lan.get(f"/visits/{visit_id}/papers.pdf")
    assert answer.status_code == 409 and "đang khóa" in answer.text
    answer = lan.get(f"/visits/{visit_id}/papers.pdf", Accept="application/json")
    assert answer.get_json()["error"] == "pages_locked"
    assert lan.post(f"/visits/{visit_id}/phone", key=house.new_key()).status_code == 409


def test_the_telephone_gets_the_papers_once(house: House, lan: Volunteer) -> None:
    """Opening the link, also by a preview, takes nothing; the button takes it; then it is over."""
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    token = token_of(lan, visit_id)
    phone = house.app.test_client()
    for _ in range(3):
        page = phone.get(f"/get/{token}")
        assert page.status_code == 200 and "Lấy giấy tờ" in page.text
    assert phone.head(f"/get/{token}").status_code == 200
    answer = phone.post(f"/get/{token}", headers=ORIGIN)
    assert answer.mimetype == "application/pdf"
    assert answer.data == lan.get(f"/visits/{visit_id}/papers.pdf").data
    again = phone.post(f"/get/{token}", headers=ORIGIN)
    assert again.status_code == 404 and "không dùng được nữa" in again.text
    assert phone.get(f"/get/{token}").status_code == 404
    assert "Hiện mã" in lan.get(f"/visits/{visit_id}/phone").text


def test_a_foreign_page_cannot_take_it(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    token = token_of(lan, visit_id)
    evil = {"Origin": "http://evil.example"}
    assert house.app.test_client().post(f"/get/{token}", headers=evil).status_code == 403
    assert house.app.test_client().get(f"/get/{token}").status_code == 200


def test_a_link_ends_after_ten_minutes_and_with_the_visit(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    token = token_of(lan, visit_id)
    phone = house.app.test_client()
    house.clock.ahead_s = LINK_S + 1
    assert phone.get(f"/get/{token}").status_code == 404
    token = token_of(lan, visit_id)
    lan.act(f"/visits/{visit_id}/aside")
    assert phone.post(f"/get/{token}", headers=ORIGIN).status_code == 404
    for made_up in ("x", "x" * 22, "../../etc", "👵" * 8):
        assert phone.get(f"/get/{made_up}").status_code == 404


def test_a_new_code_ends_the_old_one(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    old, new = token_of(lan, visit_id), token_of(lan, visit_id)
    phone = house.app.test_client()
    assert old != new
    assert phone.get(f"/get/{old}").status_code == 404
    assert phone.get(f"/get/{new}").status_code == 200


def test_a_link_is_for_the_network_not_for_this_machine(make_house: Any) -> None:
    """A screen that calls the house "localhost" still shows an address others can reach; one that
    knows it by another name shows that name."""
    house = make_house(**{"house.address": "http://192.168.7.20:8080"})
    lan = Volunteer(house)
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    lan.act(f"/visits/{visit_id}/phone")
    page = lan.get(f"/visits/{visit_id}/phone").text
    assert "http://192.168.7.20:8080/get/" in page and "<svg" in page
    token = lan.client.get_cookie("hien_session")
    assert token is not None
    lan.client.set_cookie("hien_session", token.value, domain="hien.local")
    by_name = lan.client.get(f"/visits/{visit_id}/phone", base_url="http://hien.local").text
    assert "http://hien.local/get/" in by_name


def test_of_many_who_take_one_gets_it() -> None:
    links = Links()
    link = links.make("visit", 0, key="key-key-1")
    assert links.make("visit", 0, key="key-key-1") == link
    got: list[object] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        got.append(links.take(link.token, 1000))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert got.count(None) == 7
