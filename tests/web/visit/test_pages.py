"""This file proves the pictures: live, small, full; their order; and that nobody else gets them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from appliance.store import visits

from ..at_desk import BLURRED, PHOTO, Volunteer, jpeg, photograph
from ..conftest import House


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def order(house: House, visit_id: str) -> list[str]:
    return [row["id"] for row in visits.pages(house.store, visit_id)]


def test_the_live_picture_is_asked_for_and_shown(house: House, lan: Volunteer) -> None:
    """Looking tells the camera to send; the same frame is not sent twice; no frame is said so."""
    assert lan.get("/preview.jpg").status_code == 204
    assert (house.parts.ram.root / "preview" / "wanted").exists()
    house.parts.ram.put_preview(jpeg())
    answer = lan.get("/preview.jpg")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "no-store"
    seen = answer.headers["X-Frame-At-Ms"]
    assert lan.get(f"/preview.jpg?after={seen}").status_code == 304
    assert lan.get("/preview.jpg?after=nonsense").status_code == 200


def test_an_old_frame_is_not_live(house: House, lan: Volunteer) -> None:
    """A camera that stalled: its last frame would show a paper that is not there any more."""
    import os

    house.parts.ram.put_preview(jpeg())
    path = house.parts.ram.root / "preview" / "latest.jpg"
    os.utime(path, (path.stat().st_mtime - 10,) * 2)
    assert lan.get("/preview.jpg").status_code == 204
    house.room_says("devices")  # which takes the frame away itself when the camera stops
    assert lan.get("/preview.jpg").status_code == 200


def test_pages_are_for_volunteers_and_not_kept(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id)
    at = f"/visits/{visit_id}/pages/{page_id}"
    for path in (f"{at}.jpg", f"{at}/small.jpg", at):
        answer = lan.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        assert house.client.get(path).status_code == 303, path
    assert lan.get(f"{at}.jpg").data == house.parts.ram.page(visit_id, page_id)
    small = Image.open(io.BytesIO(lan.get(f"{at}/small.jpg").data))
    assert max(small.size) <= 480


def test_a_page_belongs_to_its_visit(house: House, lan: Volunteer) -> None:
    one, two = lan.open_visit(), lan.open_visit()
    page_id = photograph(house, one)
    for path in (f"/visits/{two}/pages/{page_id}", f"/visits/{two}/pages/{page_id}.jpg"):
        assert lan.get(path).status_code == 404
    for action in ("again", "remove", "keep", "move"):
        form = {"key": house.new_key(), "by": "up", "place": "1"}
        assert lan.post(f"/visits/{two}/pages/{page_id}/{action}", **form).status_code == 404
        assert lan.post(f"/visits/{one}/pages/nothing/{action}", **form).status_code == 404
    assert order(house, one) == [page_id]


def test_a_locked_page_is_said_to_be_locked(house: House, lan: Volunteer) -> None:
    """After a power cut the table knows the page, RAM does not have it."""
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id)
    house.parts.ram.wipe_visit(visit_id)
    assert "đang khóa" in lan.get(f"/visits/{visit_id}/pages/{page_id}").text
    assert lan.get(f"/visits/{visit_id}/pages/{page_id}.jpg").status_code == 404
    assert "Đang khóa" in lan.get(f"/visits/{visit_id}").text


def test_pages_change_places(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    one, two, three = (photograph(house, visit_id) for _ in range(3))
    path = f"/visits/{visit_id}/pages"
    answer = lan.act(f"{path}/{three}/move", by="up", place="3", at="pages")
    assert answer.location.endswith("#pages")
    assert order(house, visit_id) == [one, three, two]
    lan.act(f"{path}/{three}/move", by="up", place="3", at="pages")  # the same tap again
    assert order(house, visit_id) == [one, three, two]
    lan.act(f"{path}/{one}/move", by="down", place="1")
    assert order(house, visit_id) == [three, one, two]
    lan.act(f"{path}/{three}/move", by="up", place="1")  # there is nothing above
    assert order(house, visit_id) == [three, one, two]
    for form in ({"by": "sideways", "place": "1"}, {"by": "up", "place": "x"}, {"by": "up"}):
        answer = lan.post(f"{path}/{one}/move", key=house.new_key(), **form)
        assert answer.status_code == 400


def test_a_page_is_taken_out_once(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    one, two = photograph(house, visit_id), photograph(house, visit_id)
    for _ in range(2):
        lan.act(f"/visits/{visit_id}/pages/{one}/remove")
    assert order(house, visit_id) == [two]
    assert house.parts.ram.page(visit_id, one) is None
    assert lan.get(f"/visits/{visit_id}/pages/{one}.jpg").status_code == 404


def test_a_page_kept_anyway_stays_marked(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id, BLURRED)
    lan.act(f"/visits/{visit_id}/pages/{page_id}/keep")
    page = lan.get(f"/visits/{visit_id}").text
    assert "vẫn dùng, chưa rõ nét" in page and "trang chưa đạt" not in page


def test_more_pages_of_a_paper_are_one_tap(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    page = lan.get(f"/visits/{visit_id}").text
    assert "Thêm trang: Giấy chứng sinh" in page and "đã chụp 1 trang" in page
    assert page.count(f"/papers/{PHOTO}/photo") == 2  # beside the camera, and in the list
