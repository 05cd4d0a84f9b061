"""This file proves the guide's pages: found, asked, listed, printed, as a leaflet; odd input."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pikepdf
import pytest

from appliance.service import catalogue, slips
from appliance.service.slip_content import slip_of

from ..at_desk import Volunteer
from ..conftest import House

BIRTH = {
    "cach-nop": "mang", "chung-sinh": "co", "sinh-dac-biet": "khong", "ai-di": "cha-me",
    "noi-o": "roi",
}  # fmt: skip
QUERY = "&".join(f"{k}={v}" for k, v in BIRTH.items())


def text(house: House, path: str) -> str:
    answer = house.client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def jobs(house: House) -> list[dict[str, Any]]:
    return house.store.all("SELECT * FROM print_jobs WHERE kind = 'checklist' ORDER BY id")


def test_the_way_from_words_to_papers(house: House) -> None:
    """Search, the questions, then exactly the papers, with what they cost and take."""
    assert 'href="/guide/khai-sinh"' in house.client.get("/guide?q=giay+khai+sinh").text
    asked = text(house, "/guide/khai-sinh")
    assert "Có giấy chứng sinh của bệnh viện không?" in asked and "Tôi có" not in asked
    listed = text(house, f"/guide/khai-sinh?{QUERY}")
    assert "Giấy chứng sinh" in listed and "không chụp – chỉ đưa ra xem" in listed
    assert "Giấy ủy quyền" not in listed
    assert "Trong ngày, nếu nộp trước 3 giờ chiều" in listed
    assert "Hỏi phường" in listed and "Bác làm trong 60 ngày" in listed
    assert "Quyết định 163/QĐ-BTP" in listed


def test_an_answer_left_out_is_asked_for_again(house: House) -> None:
    """What was answered stays answered; what was not is pointed at."""
    page = house.client.get("/guide/khai-sinh?cach-nop=mang&chung-sinh=co").text
    assert "Bác chọn một câu trả lời" in page
    assert re.search(r'name="chung-sinh" value="co" checked', page)


def test_answers_can_be_changed(house: House) -> None:
    page = house.client.get(f"/guide/khai-sinh?{QUERY}&change=1").text
    assert page.count(" checked") == len(BIRTH) and "Xem giấy cần có" in page


@pytest.mark.parametrize(
    "path",
    [
        "/guide", "/guide?q=xyzzy", "/guide?q=%F0%9F%99%82", "/guide?q=" + "a" * 3000,
        "/guide?q=%00", "/guide/for/ban-sao", "/guide/for/viec-khac", "/guide/1.001193",
        "/guide/khai-sinh?cach-nop=<script>", "/guide/khai-sinh?a=🙂9x", "/guide/khai-sinh?a=",
        "/guide/huu-tri-xa-hoi?printed=99999999999", "/guide/huu-tri-xa-hoi?printed=-1",
    ],
)  # fmt: skip
def test_odd_addresses_show_a_page(house: House, path: str) -> None:
    answer = house.client.get(path, follow_redirects=True)
    if path == "/guide/for/viec-khac":
        assert "Mở quán" in answer.text
    assert answer.status_code == 200 and "<script>alert" not in answer.text


@pytest.mark.parametrize("path", ["/guide/nope", "/guide/for/nope", "/guide/nope/leaflet.pdf",
                                  "/guide/khai-sinh/leaflet.pdf"])  # fmt: skip
def test_what_is_not_there_says_so(house: House, path: str) -> None:
    answer = house.client.get(path)
    assert answer.status_code == 404 and "Về trang đầu" in answer.text


def test_every_procedure_has_its_page(house: House) -> None:
    for procedure in house.parts.guide.procedures:
        page = text(house, f"/guide/{procedure.id}")
        assert procedure.everyday.vi in page


def test_a_service_of_the_start_screen_leads_on(house: House) -> None:
    for service in house.parts.catalogue.services:
        answer = house.client.get(f"/guide/for/{service.id}")
        assert answer.status_code in (200, 303), service.id
    assert house.client.get("/guide/for/ket-hon").location == "/guide/ket-hon"


def test_the_slip(house: House) -> None:
    """Two taps are one slip; it names the papers not yet there; its QR leads back to the list."""
    form = {**BIRTH, "have": "giay-chung-sinh", "key": house.new_key()}
    for _ in range(2):
        answer = house.post("/guide/khai-sinh/slip", **form)
        assert answer.status_code == 303
    (job,) = jobs(house)
    back = urlsplit(answer.location)
    assert parse_qs(back.query)["printed"] == [str(job["id"])]
    assert "Đang in phiếu" in text(house, f"{back.path}?{back.query}")
    payload = json.loads(job["payload"])
    assert payload["have"] == ["Giấy chứng sinh"] and payload["bring"] == []
    assert payload["show"] == ["Căn cước, VNeID hoặc hộ chiếu"]
    slip = slip_of(job, house.parts.house, None)
    address = next(block.content for block in slip.blocks if hasattr(block, "content"))
    assert address == "http://localhost/guide/khai-sinh?a=11111"
    again = house.client.get(urlsplit(address).path + "?" + urlsplit(address).query)
    assert parse_qs(urlsplit(again.location).query) == {k: [v] for k, v in BIRTH.items()}


def test_a_slip_of_open_questions_is_refused(house: House) -> None:
    answer = house.post("/guide/khai-sinh/slip", key=house.new_key(), **{"cach-nop": "mang"})
    assert answer.status_code == 400 and "chưa có câu trả lời" in answer.text
    assert jobs(house) == []


def test_nobody_empties_the_roll(house: House) -> None:
    """Six a minute; a repeated request is still answered with its own slip."""
    keys = [house.new_key() for _ in range(7)]
    codes = [house.post("/guide/huu-tri-xa-hoi/slip", key=key).status_code for key in keys]
    assert codes == [303] * 6 + [429]
    assert house.post("/guide/huu-tri-xa-hoi/slip", key=keys[0]).status_code == 303
    house.clock.ahead_s += 61
    assert house.post("/guide/huu-tri-xa-hoi/slip", key=keys[6]).status_code == 303


def test_a_house_without_a_printer_offers_no_slip(make_house: Any) -> None:
    house = make_house(**{"devices.printer": "none:"})
    page = text(house, "/guide/huu-tri-xa-hoi")
    assert "In phiếu này" not in page and "Tờ A4 để in" in page


def test_the_leaflet(house: House) -> None:
    """One A4 page of real text in the screen's language, nothing of a person in it."""
    answer = house.client.get(f"/guide/khai-sinh/leaflet.pdf?{QUERY}&have=giay-chung-sinh")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.docinfo["/Title"]) == "Giấy cần mang: Làm giấy khai sinh"
    house.client.get("/set/language/en")
    answer = house.client.get(f"/guide/khai-sinh/leaflet.pdf?{QUERY}")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert str(pdf.docinfo["/Title"]).startswith("What to bring")


def test_english_is_one_tap(house: House) -> None:
    house.client.get("/set/language/en")
    page = text(house, f"/guide/khai-sinh?{QUERY}")
    assert "Birth notification" in page and "The same day" in page and "Ask the ward" in page


def test_the_wards_word_is_shown_as_theirs(house: House) -> None:
    fee = {"vnd": 15000, "per": "lần", "per_en": "time", "exempt": "hộ nghèo",
           "exempt_en": "the poor"}  # fmt: skip
    contact = {"name": "Chị Hạnh", "phone": "0236 3555 999"}
    entry = {"code": "1.014027", "from": "2026-01-01", "fee": fee, "contact": contact}
    catalogue.apply_override(
        house.store, house.clock.now(), house.parts.guide, {"version": 1, "procedures": [entry]}
    )
    page = text(house, "/guide/huu-tri-xa-hoi")
    assert "15.000 đồng mỗi lần" in page and "theo phường, từ ngày 1 tháng 1 năm 2026" in page
    assert "Không phải trả: hộ nghèo." in page and "Chị Hạnh, 0236 3555 999" in page


def test_a_number_is_taken_from_the_guide(house: House) -> None:
    """The list leads to a number for the right service of the start screen."""
    page = house.client.get(f"/guide/khai-sinh?{QUERY}").text
    assert re.search(r'name="service" value="co-em-be"', page)
    page = house.client.get("/guide/the-bhyt?doi-thong-tin=khong").text
    assert 'name="service" value="tro-cap"' in page


def test_too_many_ticks(house: House) -> None:
    many = "&".join(f"have=p{n}" for n in range(100))
    assert house.client.get(f"/guide/huu-tri-xa-hoi?{many}").status_code == 400


def test_a_slip_in_doubt_is_asked_about_at_the_desk(house: House) -> None:
    """The printer stopped half-way: the desk names this slip for what it is; again is one tap."""
    lan = Volunteer(house)
    house.post("/guide/huu-tri-xa-hoi/slip", key=house.new_key())
    (job,) = jobs(house)
    now = house.clock.now()
    slips.begin_sending(house.store, job["id"])
    slips.finish(house.store, house.parts.ram, now, job["id"], "needs_operator", code="stalled")
    assert "Phiếu giấy cần mang có ra không?" in lan.get("/desk").text
    page = text(house, f"/guide/huu-tri-xa-hoi?printed={job['id']}")
    assert "Chưa in phiếu" in page
    slips.print_again(house.store, now, job["id"])
    assert [row["copy_no"] for row in jobs(house)] == [0, 1]
