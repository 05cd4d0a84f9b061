"""This file proves the visit: papers asked for in one tap, shown not copied, aside and on again."""

from __future__ import annotations

import re

import pytest

from appliance.service import capture
from appliance.store import print_jobs, visits

from ..at_desk import BLURRED, CARD, ODD_TEXTS, PHOTO, Volunteer, deliver, photograph, prints
from ..conftest import House


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def newest(house: House, visit_id: str) -> dict[str, object]:
    row = visits.newest_capture(house.store, visit_id)
    assert row is not None
    return row


def test_opening_leads_to_the_papers(lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    page = lan.get(f"/visits/{visit_id}").text
    assert "Giấy chứng sinh" in page and "Chụp: Giấy chứng sinh" in page
    assert "đang tiếp ở bàn 1" in lan.get("/desk").text


def test_one_tap_asks_for_one_photograph(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    key = house.new_key()
    for _ in range(2):
        answer = lan.post(f"/visits/{visit_id}/papers/{PHOTO}/photo", key=key)
        assert answer.status_code == 303
    assert len(house.store.all("SELECT * FROM captures")) == 1
    page = lan.get(f"/visits/{visit_id}").text
    assert "Đang chụp" in page and 'http-equiv="refresh"' in page  # without a script it looks again


def test_a_paper_that_is_only_shown_is_never_photographed(house: House, lan: Volunteer) -> None:
    """No button for it, and a request made by hand is refused."""
    visit_id = lan.open_visit()
    page = lan.get(f"/visits/{visit_id}").text
    assert f"/papers/{CARD}/photo" not in page and "không chụp" in page
    answer = lan.post_json(f"/visits/{visit_id}/papers/{CARD}/photo", key=house.new_key())
    assert (answer.status_code, answer.get_json()["error"]) == (400, "never_captured")
    assert (
        lan.post(f"/visits/{visit_id}/papers/{CARD}/photo", key=house.new_key()).status_code == 400
    )
    for shown, pressed in (("1", "true"), ("0", "false")):
        lan.post(f"/visits/{visit_id}/papers/{CARD}/shown", shown=shown)
        assert f'aria-pressed="{pressed}"' in lan.get(f"/visits/{visit_id}").text


def test_the_camera_is_followed_in_words(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    lan.act(f"/visits/{visit_id}/papers/{PHOTO}/photo")
    house.clock.ahead_s = 20
    assert "Máy ảnh chưa trả lời" in lan.get(f"/visits/{visit_id}").text
    capture.failed(
        house.store, house.clock.now(), int(str(newest(house, visit_id)["id"])), "camera_stalled"
    )
    page = lan.get(f"/visits/{visit_id}").text
    assert "Chưa chụp được" in page and "Thử lại" in page
    lan.act(f"/visits/{visit_id}/papers/{PHOTO}/photo")
    deliver(house, int(str(newest(house, visit_id)["id"])))
    page = lan.get(f"/visits/{visit_id}").text
    assert "Xong trang 1" in page and "rõ nét, đầy đủ, toàn vẹn" in page


def test_a_blurred_page_says_why_and_is_one_tap_to_redo(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id, BLURRED)
    page = lan.get(f"/visits/{visit_id}").text
    assert "Trang 1 chưa đạt" in page and "Ảnh bị mờ" in page
    assert "Còn 1 trang chưa đạt" in page
    lan.act(f"/visits/{visit_id}/pages/{page_id}/again")
    better = deliver(house, int(str(newest(house, visit_id)["id"])))
    assert [row["id"] for row in visits.pages(house.store, visit_id)] == [better]
    assert house.parts.ram.page(visit_id, page_id) is None
    assert "chưa đạt" not in lan.get(f"/visits/{visit_id}").text


def test_a_full_camera_asks_for_patience(house: House, lan: Volunteer) -> None:
    """Taps beyond what the camera can follow: 429, the page says to wait, nothing is lost."""
    visit_id = lan.open_visit()
    for _ in range(3):
        lan.act(f"/visits/{visit_id}/papers/{PHOTO}/photo")
    answer = lan.post(f"/visits/{visit_id}/papers/{PHOTO}/photo", key=house.new_key())
    assert answer.status_code == 429 and "Máy ảnh còn đang chụp" in answer.text


def test_the_service_can_be_changed(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    lan.act(f"/visits/{visit_id}/service", service="ket-hon")
    page = lan.get(f"/visits/{visit_id}").text
    assert "Tờ khai đăng ký kết hôn" in page
    assert "Trang 1" in page and "Giấy chứng sinh" in page  # what was photographed stays
    for odd in ODD_TEXTS.values():
        answer = lan.post(f"/visits/{visit_id}/service", key=house.new_key(), service=odd)
        assert answer.status_code in (400, 413)


def test_aside_wipes_the_screen_and_the_slip_opens_it_again(house: House, lan: Volunteer) -> None:
    """Laid aside, no pixel is left in RAM; going on asks for the resident's slip."""
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id)
    answer = lan.act(f"/visits/{visit_id}/aside")
    assert "để sau" in lan.get(answer.location).text
    assert house.parts.ram.page(visit_id, page_id) is None
    assert "đang để sau" in lan.get(f"/visits/{visit_id}").text
    lan.act(f"/visits/{visit_id}/go-on")
    page = lan.get(f"/visits/{visit_id}").text
    assert "1 trang đang khóa" in page and "Tiếp tục bằng phiếu" in page
    assert "papers.pdf" not in page
    lan.act(f"/visits/{visit_id}/slip-key")
    row = newest(house, visit_id)
    assert row["kind"] == "key"
    capture.failed(house.store, house.clock.now(), int(str(row["id"])), "wrong_key")
    assert "Phiếu này là của số khác" in lan.get(f"/visits/{visit_id}").text


def test_a_finished_visit_shows_its_slip_and_takes_no_more(house: House, lan: Volunteer) -> None:
    """Every change is answered 409 with the finished visit itself, which leads on."""
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id)
    lan.act(f"/visits/{visit_id}/finish", done="advised")
    for path, form in (
        (f"papers/{PHOTO}/photo", {}), (f"papers/{CARD}/shown", {"shown": "1"}),
        ("service", {"service": "ket-hon"}), ("slip-key", {}), ("aside", {}), ("go-on", {}),
        ("phone", {}), (f"pages/{page_id}/again", {}), (f"pages/{page_id}/remove", {}),
        (f"pages/{page_id}/keep", {}), (f"pages/{page_id}/move", {"by": "up", "place": "1"}),
    ):  # fmt: skip
        answer = lan.post(f"/visits/{visit_id}/{path}", key=house.new_key(), **form)
        assert answer.status_code == 409, path
        assert "đã xong" in answer.text and 'href="/desk"' in answer.text
        answer = lan.post_json(f"/visits/{visit_id}/{path}", key=house.new_key(), **form)
        assert (answer.status_code, answer.get_json()["error"]) == (409, "visit_closed"), path
    assert lan.get(f"/visits/{visit_id}/papers.pdf").status_code == 409


def test_the_slip_is_followed_in_words_and_printed_again(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    prints(house)
    lan.act(f"/visits/{visit_id}/finish", done="advised")
    assert "Phiếu sắp được in" in lan.get(f"/visits/{visit_id}").text
    prints(house, "failed_clean", "paper_out")
    page = lan.get(f"/visits/{visit_id}").text
    assert "Phiếu chưa in được" in page and "Máy in hết giấy" in page
    assert "Phiếu hẹn của số 1 chưa in được" in lan.get("/desk").text
    for _ in range(2):
        lan.post(f"/visits/{visit_id}/slip", key=house.new_key())
    assert len(print_jobs.queued(house.store)) == 1
    prints(house, "needs_operator", "stalled")
    page = lan.get(f"/visits/{visit_id}").text
    job = re.search(r"/desk/slips/(\d+)/came-out", page)
    assert "xem phiếu có ra không" in page and job is not None
    answer = lan.post(f"/desk/slips/{job[1]}/came-out", back=f"/visits/{visit_id}")
    assert answer.location == f"/visits/{visit_id}"
    assert "Phiếu đã in xong" in lan.get(f"/visits/{visit_id}").text


def test_unknown_ids_are_not_found(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    for path in ("/visits/nobody", "/visits/nobody/finish", "/visits/nobody/phone",
                 "/visits/nobody/papers.pdf", "/visits/nobody/slip.png",
                 f"/visits/{visit_id}/slip.png", "/visits/..%2f..%2fetc/papers.pdf"):  # fmt: skip
        assert lan.get(path).status_code == 404, path
        assert lan.get(path, Accept="application/json").get_json()["error"]
    for path in ("/visits/nobody/aside", f"/visits/{visit_id}/papers/nothing/photo",
                 f"/visits/{visit_id}/papers/nothing/shown",
                 f"/visits/{visit_id}/slip"):  # fmt: skip
        form = {"key": house.new_key(), "shown": "1"}
        assert lan.post(path, **form).status_code == 404, path
