"""This file proves that the virtual room does with its real parts what its page offers."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from appliance.core.slip_texts import test_slip as a_test_slip
from appliance.demo import room as rooms
from appliance.demo.network_switch import NetworkSwitch
from appliance.demo.printer import VirtualPrinter
from appliance.demo.room import SAMPLES, Room
from appliance.demo.room_pages import create_room_app
from appliance.demo.room_words import WORDS
from appliance.errors import BadInput, NotFound
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.raster import to_escpos

ADDRESS = "http://192.0.2.7:8080/"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A room with a printer of its own, a cable to nowhere, and no waiting."""
    with VirtualPrinter(port=0, speed_mm_s=float("inf")) as printer:
        switch = NetworkSwitch(("127.0.0.1", 9))
        yield Room(
            tmp_path / "scene.jpg", tmp_path / "panel", printer, switch, sleep=lambda s: None
        )
        switch.close()


@pytest.fixture
def page(room: Room) -> FlaskClient:
    links = {"host": "127.0.0.1", "tablet": "/", "desk": "/", "wall": "/", "ward": "/"}
    return create_room_app(room, links, {"names": "Chị Lan", "pin": "2468"}).test_client()


def print_slip(room: Room) -> None:
    """Send a real slip to the printer's port."""
    count = room.printer.papers_made
    data = to_escpos(draw_slip(a_test_slip("Nhà văn hóa", ADDRESS), 576))
    with socket.create_connection(("127.0.0.1", room.printer.port)) as line:
        line.sendall(data)
        assert room.printer.wait_for_papers(count + 1)


def test_every_sample_is_a_photo_of_a_paper_on_a_table(room: Room) -> None:
    """Each can be laid, has the photo's size, and its corner shows the table: wood, but for one."""
    for name in SAMPLES:
        room.lay_sample(name)
        jpeg = room.scene()
        assert jpeg is not None
        with Image.open(io.BytesIO(jpeg)) as photo:
            assert photo.size == (3280, 2464)
            red, green, blue = photo.convert("RGB").getpixel((3200, 60))  # type: ignore[misc]
            if name == "white-table":
                assert min(red, green, blue) > 150
            else:
                assert red < 140 and red > green > blue
    with pytest.raises(NotFound):
        room.lay_sample("thẻ căn cước")


def test_the_papers_name_nobody_and_say_that_they_are_samples() -> None:
    """A sheet carries the watermark: grey letters where the paper is otherwise white. The card is
    of a colour no real one has, and says in its own letters that it is a sample of nobody."""
    from appliance.demo import papers

    for name, draw in papers.DRAWN.items():
        if name == "card":
            continue
        colours = draw().getcolors(1 << 24)
        assert colours is not None
        assert sum(count for count, colour in colours if colour == papers.STAMP) > 5000
    fields = papers.CARD_CODE.split("|")
    assert "Mẫu" in fields[2] and "Ví Dụ" in fields[5]


def test_a_printed_slip_is_a_key_under_the_camera(room: Room) -> None:
    """Printed by bytes over TCP, photographed on the table, its QR is read by zxing-cpp."""
    print_slip(room)
    room.lay_slip(room.slips()[0].number)
    jpeg = room.scene()
    assert jpeg is not None
    with Image.open(io.BytesIO(jpeg)) as photo:
        assert [code.text for code in zxingcpp.read_barcodes(photo)] == [ADDRESS]


def test_a_picture_of_any_usual_kind_is_taken_and_anything_else_refused(room: Room) -> None:
    """PNG becomes JPEG, JPEG stays as it is to the byte, and a refused file changes nothing."""
    picture = Image.new("RGB", (400, 300), (200, 190, 180))
    ImageDraw.Draw(picture).rectangle((50, 50, 350, 250), "white")
    for kind in ("PNG", "JPEG"):
        file = io.BytesIO()
        picture.save(file, kind)
        room.lay_picture(file.getvalue())
        laid = room.scene()
        assert laid is not None and laid[:2] == b"\xff\xd8"
    assert laid == file.getvalue()
    for bad in (b"", b"no picture", file.getvalue()[:200]):
        with pytest.raises(BadInput):
            room.lay_picture(bad)
    assert room.scene() == laid
    room.clear_table()
    assert room.scene() is None and room.scene_version() == "0"


def test_the_button_goes_down_and_comes_up_again(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """press() and hold() end up; a finger that never comes off is taken off."""
    button = tmp_path / "panel" / "button"
    seen: list[tuple[str, float]] = []
    room._sleep = lambda s: seen.append((button.read_text(), s))  # what stands there, how long
    room.press()
    room.hold()
    assert [word for word, _ in seen] == ["1", "0", "1", "0"]
    assert seen[0][1] >= 0.1 and seen[2][1] > 3
    monkeypatch.setattr(rooms, "STUCK_S", 0.01)
    room.button_down()
    assert room._let_go is not None
    room._let_go.join(10)
    assert button.read_text() == "0"


def test_lamp_and_buzzer_are_what_the_panel_wrote(room: Room, tmp_path: Path) -> None:
    """Nothing written yet, or nonsense, is shown as not known."""
    assert room.lamp() == "unknown" and room.buzzes() == 0
    (tmp_path / "panel").mkdir()
    (tmp_path / "panel" / "lamp").write_text("blink")
    (tmp_path / "panel" / "buzzer").write_text("3")
    assert room.lamp() == "blink" and room.buzzes() == 3
    (tmp_path / "panel" / "lamp").write_text("<script>")
    assert room.lamp() == "unknown"


def test_the_page_moves_each_thing_without_javascript(page: FlaskClient, room: Room) -> None:
    """Every form of the page, posted as a browser would, does what its label says."""
    assert page.get("/").status_code == 200
    own = {"Origin": "http://localhost"}
    for path in ("/paper/out", "/network/cut", "/scene/sample/list"):
        assert page.post(path, headers=own).status_code == 303
    state = page.get("/state.json").get_json()
    assert (state["paper"], state["network"]) == ("no_paper", "cut") and state["scene"] != "0"
    for path in ("/paper/in", "/network/restore", "/scene/clear"):
        assert page.post(path, headers=own).status_code == 303
    state = page.get("/state.json").get_json()
    assert (state["paper"], state["network"], state["scene"]) == ("has_paper", "connected", "0")


def test_printed_slips_are_shown_newest_first(page: FlaskClient, room: Room) -> None:
    """Both slips are on the page as pictures, the later one above."""
    print_slip(room)
    print_slip(room)
    numbers = page.get("/state.json").get_json()["slips"]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) == 2
    body = page.get("/").get_data(as_text=True)
    first, second = (body.index(f'data-slip="{number}"') for number in numbers)
    assert first < second
    answer = page.get(f"/slips/{numbers[0]}.png")
    with Image.open(io.BytesIO(answer.data)) as paper:
        assert paper.width == 576


def test_what_is_wrong_is_said_in_words(page: FlaskClient) -> None:
    """A file that is no picture, a forgotten slip, an unknown move: a sentence, never a crash."""
    answer = page.post(
        "/scene/upload", data={"picture": (io.BytesIO(b"x"), "x.jpg")}, follow_redirects=True
    )
    assert WORDS["not_an_image"][0] in answer.get_data(as_text=True)
    answer = page.post("/scene/slip/99", follow_redirects=True)
    assert WORDS["no_slip"][0] in answer.get_data(as_text=True)
    assert page.post("/button/jump", follow_redirects=True).status_code == 200
    assert page.get("/slips/99.png").status_code == 404
    assert page.get("/samples/x.jpg").status_code == 404


def test_a_foreign_page_cannot_move_anything(page: FlaskClient, room: Room) -> None:
    """A POST with another Origin, or a foreign Host, is refused."""
    assert page.post("/network/cut", headers={"Origin": "http://evil.example"}).status_code == 403
    assert page.post("/network/cut", headers={"Origin": "null"}).status_code == 403
    assert page.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert not room.network.is_cut


def test_both_languages_are_complete() -> None:
    """No word is empty, and the page in English has no Vietnamese left in its labels."""
    assert all(vi and en for vi, en in WORDS.values())
    assert all(vi.count("{") == en.count("{") for vi, en in WORDS.values()), (
        "a placeholder is missing in one language"
    )
