"""This file proves corners by hand on the server's side: taps without scripts, and refusals."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import unquote

import pytest
from PIL import Image

from appliance.service import visits as visit_service
from appliance.store import visits

from ..at_desk import BLURRED, GOOD, Volunteer, jpeg, photograph
from ..conftest import House

NO_SHEET = {
    name: {"state": "unknown", "value": None, "code": "no_sheet"}
    for name in ("sharp", "complete", "unharmed")
}
FOUR = "10,20;80,15;90,90;5,85"


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


@pytest.fixture
def visit(lan: Volunteer) -> str:
    return lan.open_visit()


def taken(house: House, visit: str, checks: object = NO_SHEET) -> str:
    """A page whose photograph is 800 x 600 on a table that is not white."""
    page_id = photograph(house, visit, checks)  # type: ignore[arg-type]
    house.parts.ram.put_photo(visit, page_id, jpeg("grey", (800, 600)), None)
    return f"/visits/{visit}/pages/{page_id}"


def newest(house: House, visit: str) -> dict[str, object]:
    row = visits.newest_capture(house.store, visit)
    assert row is not None
    return row


def test_a_page_without_a_sheet_asks_for_its_corners(
    house: House, lan: Volunteer, visit: str
) -> None:
    """The one primary action leads to the handles; kept as it is, the page is marked."""
    at = taken(house, visit)
    page = lan.get(f"/visits/{visit}").text
    assert "bạn chỉ giúp bốn góc" in page and "do-corners.svg" in page
    assert "Còn 1 trang chưa đạt" in page
    primary = re.search(r'<a class="button primary"[^>]*href="([^"]+)"', page)
    assert primary and primary[1] == f"{at}/corners"
    lan.act(f"{at}/keep")
    page = lan.get(f"/visits/{visit}").text
    assert "vẫn dùng" in page and "chưa đạt" not in page


def test_four_taps_make_four_corners(house: House, lan: Volunteer, visit: str) -> None:
    """Without scripts: each tap is a request, read at the width the picture was drawn; the back
    button takes one back. Then each corner can be nudged, and the form holds what is seen."""
    at = f"{taken(house, visit)}/corners"
    text = lan.get(at).text
    assert "Đã chạm 0 trong 4 góc" in text
    for number, (x, y) in enumerate([(30, 45), (240, 33), (270, 202), (15, 191)], 1):
        said = re.search(r'name="c" value="([^"]*)"', text.split("<noscript>")[-1])
        text = lan.get(f"{at}?c={said[1] if said else ''}&at300.x={x}&at300.y={y}").text
        if number < 4:
            assert f"Đã chạm {number} trong 4 góc" in text
    assert "Đường viền đã đúng mép tờ giấy chưa?" in text
    said = re.search(r'name="c" value="([^"]*)"', text.split("<noscript>")[-1])
    assert said and said[1] == "10,20;80,14.67;90,89.78;5,84.89"
    nudge = re.search(r'href="\?c=([^"]+)" aria-label="Góc trên bên trái: sang phải"', text)
    assert nudge and unquote(nudge[1]).startswith("10.5,20;80,")
    answer = lan.act(at, c=said[1])
    assert answer.location.endswith(f"/visits/{visit}")
    row = newest(house, visit)
    assert (row["kind"], row["state"]) == ("crop", "queued")
    assert json.loads(str(row["task"]))["corners"][0] == [0.1, 0.2]


def test_a_tap_is_read_at_the_width_it_was_made(house: House, lan: Volunteer, visit: str) -> None:
    """And what is no tap is no tap."""
    at = f"{taken(house, visit)}/corners"
    for wide in (300, 600, 900):
        text = lan.get(f"{at}?at{wide}.x={wide // 2}&at{wide}.y={wide * 3 // 8}").text
        assert re.search(r'name="c" value="50,(50|49.[0-9]+)"', text)
    odds = ["c=x", "c=" + "1,1;" * 500, "at300.x=-5&at300.y=1e9", "at300.x=99999999&at300.y=1"]
    for odd in odds:
        assert lan.get(f"{at}?{odd}").status_code == 200


def test_four_points_that_are_no_sheet(house: House, lan: Volunteer, visit: str) -> None:
    """The page says so and begins anew; the form refuses them, and the page stays."""
    at = f"{taken(house, visit)}/corners"
    page = lan.get(f"{at}?c=10,10;50,50;90,90;30,30").text
    assert "chưa thành hình tờ giấy" in page and "Đã chạm 0" in page
    for wrong in ("", "1,1", "10,10;50,50;90,90;30,30", "10,10;80,15;90,190;5,85", "a;b;c;d"):
        answer = lan.post(at, key=house.new_key(), c=wrong)
        assert answer.status_code == 400, wrong
    assert newest(house, visit)["kind"] == "page"


def test_a_double_tap_is_one_crop(house: House, lan: Volunteer, visit: str) -> None:
    at, key = f"{taken(house, visit)}/corners", house.new_key()
    answers = {lan.post_json(at, key=key, c=FOUR).get_json()["capture"] for _ in range(2)}
    assert len(answers) == 1


def test_the_photo_is_shown_as_it_lies_and_with_what_was_tapped(
    house: House, lan: Volunteer, visit: str
) -> None:
    """EXIF orientation is followed, only known widths are drawn, and it is kept nowhere."""
    at = taken(house, visit)
    out = io.BytesIO()
    picture = Image.new("RGB", (800, 600), "grey")
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(out, "JPEG", exif=exif)
    house.parts.ram.put_photo(visit, at.rsplit("/", 1)[1], out.getvalue(), None)
    answer = lan.get(f"{at}/photo.jpg?w=300&c={FOUR}")
    assert answer.headers["Cache-Control"] == "no-store"
    shown = Image.open(io.BytesIO(answer.data))
    assert shown.size == (300, 400) and not shown.getexif()
    assert len(set(shown.convert("L").tobytes())) > 20
    assert Image.open(io.BytesIO(lan.get(f"{at}/photo.jpg?w=31337").data)).size == (600, 800)
    assert 'width="600" height="800"' in lan.get(f"{at}/corners").text
    for path in ("photo.jpg", "corners"):
        assert house.client.get(f"{at}/{path}").status_code == 303


def test_a_page_is_turned(house: House, lan: Volunteer, visit: str) -> None:
    at = taken(house, visit, GOOD)
    assert "Xoay trang 1 sang phải" in lan.get(f"/visits/{visit}").text
    assert "Xoay trang 1 sang phải" in lan.get(at).text
    lan.act(f"{at}/turn", by="3")
    row = newest(house, visit)
    assert (row["kind"], json.loads(str(row["task"]))) == ("turn", {"turns": 3})
    for by in ("0", "4", "x"):
        assert lan.post(f"{at}/turn", key=house.new_key(), by=by).status_code == 400


def test_after_the_visit_nothing_of_it_is_shown(house: House, lan: Volunteer, visit: str) -> None:
    """Whoever goes back finds no photo, no page and no handles."""
    at = taken(house, visit, BLURRED)
    visit_service.finish(
        house.store, house.parts.ram, house.clock.now(), visit, catalogue=house.parts.catalogue
    )
    for path in (f"{at}.jpg", f"{at}/small.jpg", f"{at}/photo.jpg", f"{at}/corners"):
        assert lan.get(path).status_code == 404, path
    assert lan.post(f"{at}/corners", key=house.new_key(), c=FOUR).status_code == 409
    assert ".jpg" not in lan.get(at).text


def test_the_drawings_stand_beside_the_advice(house: House, lan: Volunteer, visit: str) -> None:
    at = taken(house, visit, BLURRED)
    for path in (f"/visits/{visit}", at):
        page = lan.get(path).text
        assert "do-still.svg" in page and "Ảnh bị mờ" in page, path


def test_more_pages_of_one_paper(house: House, lan: Volunteer, visit: str) -> None:
    """Aimed at one paper the next page is of it too, until it is said to have no more."""
    at = taken(house, visit, GOOD)
    paper = visits.page(house.store, at.rsplit("/", 1)[1])
    assert paper is not None
    answer = lan.act(f"/visits/{visit}/papers/{paper['paper_id']}/photo", aim=paper["paper_id"])
    assert f"aim={paper['paper_id']}" in answer.location
    house.store.connection.execute("UPDATE captures SET state = 'failed', code = 'x' WHERE id > 1")
    house.store.connection.execute("DELETE FROM captures WHERE id > 1")
    page = lan.get(answer.location).text
    assert "Chụp trang nữa" in page and "Giấy này hết trang" in page
    assert "Chụp trang nữa" not in lan.get(f"/visits/{visit}?aim=<script>").text


def test_the_switch_of_the_shutter(house: House, lan: Volunteer, visit: str) -> None:
    """On as the box is set; each screen can choose, and only who has signed in."""
    on = 'data-by-itself="1"'
    assert on in lan.get(f"/visits/{visit}").text
    answer = lan.act("/shutter", on="0", back=f"/visits/{visit}")
    assert answer.location.endswith(f"/visits/{visit}")
    assert on not in lan.get(f"/visits/{visit}").text
    lan.act("/shutter", on="1", back="https://evil.example/")
    assert on in lan.get(f"/visits/{visit}").text
    assert house.post("/shutter", on="0").status_code == 403


def test_the_box_can_be_set_to_taps_alone(make_house: object) -> None:
    house: House = make_house(**{"web.auto_shutter": "off"})  # type: ignore[operator]
    lan = Volunteer(house)
    assert 'data-by-itself="0"' in lan.get(f"/visits/{lan.open_visit()}").text


def test_the_shutters_photograph_is_one(house: House, lan: Volunteer, visit: str) -> None:
    """Two screens that see the same sheet at the same time ask for one photograph."""
    path = f"/visits/{visit}/papers/giay-chung-sinh/photo"
    asked = {
        lan.post_json(path, key=house.new_key(), sheet="0123abcd-7").get_json()["capture"]
        for _ in range(2)
    }
    assert len(asked) == 1
    for wrong in ("1", "../../x", "0123abcd-7' --"):
        assert lan.post(path, key=house.new_key(), sheet=wrong).status_code == 400


def test_the_hint_comes_with_the_live_picture(house: House, lan: Volunteer) -> None:
    """Also when nothing but the hint is new: the frame is not sent again for it."""
    ram = house.parts.ram
    ram.put_preview(jpeg())
    ram.put_hint({"code": "glare", "sheet": "", "left_ms": 0, "taken_in": []})
    answer = lan.get("/preview.jpg")
    assert json.loads(answer.headers["X-Hint"])["code"] == "glare"
    seen = answer.headers["X-Frame-At-Ms"]
    answer = lan.get(f"/preview.jpg?after={seen}&hint=moving.")
    assert answer.status_code == 304 and json.loads(answer.headers["X-Hint"])["code"] == "glare"


def test_a_page_kept_anyway_is_marked_in_the_list_of_dossiers(
    house: House, lan: Volunteer, visit: str
) -> None:
    at = taken(house, visit, BLURRED)
    taken(house, visit, GOOD)
    lan.act(f"{at}/keep")
    visit_service.finish(
        house.store, house.parts.ram, house.clock.now(), visit,
        catalogue=house.parts.catalogue, done=("submitted",),
    )  # fmt: skip
    for path in ("/desk/dossiers", f"/desk/dossiers/{visit}"):
        assert "1 trang vẫn dùng dù chưa đạt" in lan.get(path).text, path
