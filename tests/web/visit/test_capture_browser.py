"""This file proves the screens of taking papers in a real browser: fingers, keys, and neither.

The camera is played: its live picture and its hints lie in RAM as the devices room leaves them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw

from appliance.core.identity_code import read_identity_code
from appliance.service import capture
from appliance.store import visits
from tests.in_browser import MEASURE, barriers, opened

from ..at_desk import BLURRED, Volunteer, deliver, photograph
from ..conftest import House
from .test_corners import NO_SHEET
from .test_identity import CODE

sync_api = pytest.importorskip("playwright.sync_api")
PHONE, TABLET = {"width": 360, "height": 800}, {"width": 1280, "height": 800}
SHEET = [(0.2, 0.1), (0.7, 0.12), (0.75, 0.9), (0.18, 0.88)]


class Screens:
    """A visit at a house that is served, and browsers of the volunteer who opened it."""

    def __init__(self, house: House, browser: Any, url: str) -> None:
        self.house, self.browser, self.url = house, browser, url
        self.lan = Volunteer(house)
        self.visit = self.lan.open_visit()
        self.errors: list[str] = []
        self.contexts: list[Any] = []

    def page(self, path: str = "", size: dict[str, int] = PHONE, **more: Any) -> Any:
        context = self.browser.new_context(viewport=size, **more)
        self.contexts.append(context)
        cookie = self.lan.client.get_cookie("hien_session")
        assert cookie is not None
        context.add_cookies([{"name": "hien_session", "value": cookie.value, "url": self.url}])
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self.url}/visits/{self.visit}{path}")
        return page

    def unsure_page(self) -> str:
        page_id = photograph(self.house, self.visit, NO_SHEET)
        self.house.parts.ram.put_photo(self.visit, page_id, table(), None)
        return page_id

    def camera_says(self, code: str, sheet: str = "", taken: bool = False) -> None:
        taken_in = [self.visit] if taken else []
        left_ms = 900 if code == "steady" else 0
        self.house.parts.ram.put_hint(
            {"code": code, "sheet": sheet, "left_ms": left_ms, "taken_in": taken_in}
        )

    def newest(self) -> Any:
        return visits.newest_capture(self.house.store, self.visit)


@pytest.fixture
def screens(house: House, browser: Any) -> Iterator[Screens]:
    house.room_says("devices", checks=[])
    house.parts.ram.put_preview(table())
    with opened(house.app) as address:
        house.hub.start()
        made = Screens(house, browser, address)
        yield made
        for context in made.contexts:
            context.close()
        house.hub.stop()
    assert made.errors == []


def table() -> bytes:
    """A light sheet at SHEET on a dark table."""
    picture = Image.new("RGB", (1200, 900), (60, 46, 38))
    spots = [(x * 1200, y * 900) for x, y in SHEET]
    ImageDraw.Draw(picture).polygon(spots, fill=(240, 238, 232))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def no_barriers(page: Any, primary_px: int) -> None:
    """axe finds nothing; every target >= 48 px, contrast >= 7, nothing scrolls sideways."""
    assert barriers(page) == []
    seen = page.evaluate(MEASURE)
    assert seen["width"] <= page.viewport_size["width"]
    for target in seen["targets"]:
        least = primary_px if target["primary"] else 48
        assert target["h"] >= least - 0.5 and target["w"] >= 47.5, target
    assert [text for text in seen["texts"] if text["ratio"] < 7] == []


def drag(page: Any, which: int, to: tuple[float, float]) -> None:
    photo = page.locator(".stage img").bounding_box()
    box = page.locator(".handle").nth(which).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(photo["x"] + to[0] * photo["width"], photo["y"] + to[1] * photo["height"])
    assert page.locator(".lens").is_visible()
    page.mouse.up()
    assert not page.locator(".lens").is_visible()


def corners_asked(screens: Screens) -> list[list[float]]:
    row = screens.newest()
    assert row["kind"] == "crop"
    found: list[list[float]] = json.loads(row["task"])["corners"]
    return found


def test_a_camera_that_opens_slowly_is_no_trouble(screens: Screens) -> None:
    """The first looks bring no picture: the screen says that the camera is being opened. Only
    when none comes for a while does it speak of the cable."""
    page = screens.page()
    opening, lost = page.locator("[data-preview-opening]"), page.locator("[data-preview-lost]")
    page.route("**/preview.jpg*", lambda route: route.fulfill(status=204))
    opening.wait_for()
    assert not lost.is_visible()
    lost.wait_for()
    assert not opening.is_visible()
    assert not screens.errors


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_four_handles_are_dragged(screens: Screens, size: dict[str, int]) -> None:
    """A photo asked for on this screen, and no sheet in it: the handles come by themselves."""
    page = screens.page(size=size)
    page.get_by_role("button", name="Chụp: Giấy chứng sinh").click()
    page.locator("#visit-status.working").wait_for()
    asked = screens.newest()
    page_id = deliver(screens.house, asked["id"], NO_SHEET, table())
    screens.house.parts.ram.put_photo(screens.visit, page_id, table(), None)
    page.wait_for_url(f"**/pages/{page_id}/corners")
    page.wait_for_function("document.querySelector('.stage img').naturalWidth > 0")
    boxes = [page.locator(".handle").nth(i).bounding_box() for i in range(4)]
    assert all(min(box["width"], box["height"]) >= 48 for box in boxes)
    no_barriers(page, 96 if size == TABLET else 48)
    for i, to in enumerate(SHEET):
        drag(page, i, to)
    page.get_by_role("button", name="Xong, cắt theo bốn góc").click()
    page.get_by_text("Đang làm lại trang.").wait_for()
    for got, want in zip(corners_asked(screens), SHEET, strict=True):
        assert got == pytest.approx(want, abs=0.01)


def test_a_finger_and_the_arrow_keys(screens: Screens) -> None:
    """Touch drags, arrows move by little, Shift by more, never out of the photo; each is told."""
    page_id = screens.unsure_page()
    page = screens.page(f"/pages/{page_id}/corners", has_touch=True)
    first = page.locator(".handle").nth(0)
    first.focus()
    at = [0.1, 0.1]
    for key, by in [
        ("ArrowRight", (0.002, 0)),
        ("Shift+ArrowDown", (0, 0.02)),
        ("ArrowUp", (0, -0.002)),
    ]:
        page.keyboard.press(key)
        at = [at[0] + by[0], at[1] + by[1]]
    assert first.get_attribute("aria-valuetext") == "cách trái 10.2, cách trên 11.8 phần trăm"
    for _ in range(12):
        page.keyboard.press("Shift+ArrowLeft")
    assert first.get_attribute("aria-valuenow") == "0"
    photo = page.locator(".stage img").bounding_box()
    box = page.locator(".handle").nth(2).bounding_box()
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    to = {"x": photo["x"] + 0.6 * photo["width"], "y": photo["y"] + 0.7 * photo["height"]}
    touch = "Input.dispatchTouchEvent"
    session.send(touch, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    session.send(touch, {"type": "touchMove", "touchPoints": [to]})
    session.send(touch, {"type": "touchEnd", "touchPoints": []})
    field = page.locator("[data-corners-field]").input_value()
    placed = [[float(n) for n in point.split(",")] for point in field.split(";")]
    assert placed[0] == pytest.approx([0, 11.8], abs=0.01)
    assert placed[2] == pytest.approx([60, 70], abs=1)
    page.get_by_role("button", name="Đặt lại như lúc đầu").click()
    assert page.locator("[data-corners-field]").input_value() == "10,10;90,10;90,90;10,90"


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_without_scripts_the_photo_is_tapped(screens: Screens, size: dict[str, int]) -> None:
    page_id = screens.unsure_page()
    page = screens.page(size=size, java_script_enabled=False)
    page.get_by_role("link", name="Chỉnh bốn góc").click()
    for x, y in SHEET:
        photo = page.locator(".tap:visible")
        assert photo.count() == 1
        box = photo.bounding_box()
        assert box["x"] + box["width"] <= size["width"]
        photo.click(position={"x": 3 + x * (box["width"] - 6), "y": 3 + y * (box["height"] - 6)})
    page.get_by_role("link", name="Góc trên bên trái: sang phải").click()
    page.get_by_role("button", name="Xong, cắt theo bốn góc").click()
    page.wait_for_url(f"**/visits/{screens.visit}")
    assert screens.newest()["replaces"] == page_id
    for i, (got, want) in enumerate(zip(corners_asked(screens), SHEET, strict=True)):
        assert got == pytest.approx((want[0] + (0.005 if i == 0 else 0), want[1]), abs=0.012)


def test_hints_and_the_shutter_that_goes_off_once(screens: Screens) -> None:
    """What lies there when the screen opens needs a finger; a new sheet is counted and taken, once
    for all screens; what was taken is said to be; switched off, nothing goes off."""
    screens.camera_says("ready", "0123abcd-1")
    page, other = screens.page(), screens.page()
    hint = page.locator("[data-hint]")
    for one in (page, other):
        one.get_by_text("Tốt rồi. Bấm chụp.").wait_for()
    screens.camera_says("glare", "0123abcd-1")
    hint.get_by_text("Lóa đèn. Xoay đèn đi một chút.").wait_for()
    assert hint.locator("img").get_attribute("src").startswith("/static/do-lamp.svg")
    no_barriers(page, 48)
    screens.camera_says("a-code-of-tomorrow", "0123abcd-2")
    hint.get_by_text("Xem lại tờ giấy").wait_for()
    assert screens.newest() is None
    screens.camera_says("steady", "0123abcd-2")
    hint.get_by_text("Giữ yên. Máy tự chụp ngay.").wait_for()
    assert hint.locator(".count").is_visible() and screens.newest() is None
    screens.camera_says("ready", "0123abcd-2")
    for one in (page, other):
        one.locator("#visit-status.working").wait_for()
    assert screens.house.store.value("SELECT count(*) FROM captures") == 1
    screens.camera_says("ready", "0123abcd-2", taken=True)
    deliver(screens.house, screens.newest()["id"])
    for one in (page, other):
        one.get_by_text("Xong trang 1").wait_for()
        one.get_by_text("Tờ này chụp rồi.").wait_for()
    # A page that was not good waits for a person: the next sheet must not take its place.
    page.get_by_role("button", name="Tự chụp khi giấy nằm yên").click()
    page.locator('.tick[aria-pressed="false"]').first.wait_for()
    other.context.close()
    screens.camera_says("ready", "0123abcd-3")
    page.get_by_text("Tốt rồi. Bấm chụp.").wait_for()
    assert screens.house.store.value("SELECT count(*) FROM captures") == 1


def test_a_bad_page_waits_for_a_person(screens: Screens) -> None:
    screens.camera_says("no_sheet")
    page = screens.page()
    page.get_by_text("Chưa thấy giấy").wait_for()
    page_id = photograph(screens.house, screens.visit, BLURRED)
    page.get_by_text("Trang 1 chưa đạt.").wait_for()
    assert page.locator("#visit-status .advice img").is_visible()
    screens.camera_says("ready", "0123abcd-9")
    page.locator("[data-hint]").wait_for(state="hidden")
    assert screens.newest()["page_id"] == page_id
    no_barriers(page, 48)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_cards_fields(screens: Screens, scripts: bool) -> None:
    """Copied by a button; by marking without scripts; gone by a button, and not behind "back"."""
    page = screens.page(java_script_enabled=scripts)
    page.get_by_role("link", name="Đọc mã trên thẻ căn cước").click()
    page.get_by_role("button", name="Bác đồng ý, đọc mã trên thẻ").click()
    page.get_by_text("Đang đọc mã.").wait_for()
    ram = screens.house.parts.ram
    ram.put_card(screens.visit, read_identity_code(CODE).as_dict())
    capture.card_done(screens.house.store, screens.house.clock.now(), screens.newest()["id"])
    number = page.locator("#field-number")
    number.wait_for()
    assert number.input_value() == "079198012345" and not number.is_editable()
    wide = number.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert wide or not scripts
    if scripts:
        no_barriers(page, 48)
        page.evaluate("addEventListener('copy', () => { window.copied = String(getSelection()); })")
        page.get_by_role("button", name="Chép: Số căn cước").click()
        page.get_by_text("Đã chép: Số căn cước").wait_for()
    page.get_by_role("button", name="Xóa ngay").click()
    page.wait_for_url(f"**/visits/{screens.visit}")
    page.go_back()
    page.get_by_role("button", name="Bác đồng ý, đọc mã trên thẻ").wait_for()
    assert "079198012345" not in page.content()


def test_back_after_the_end_shows_nothing_of_the_visit(
    screens: Screens, make_house: Callable[..., House]
) -> None:
    """Page, handles and list: the browser asks again and the house has nothing any more."""
    page_id = screens.unsure_page()
    page = screens.page()
    page.goto(f"{screens.url}/visits/{screens.visit}/pages/{page_id}")
    page.goto(f"{screens.url}/visits/{screens.visit}/pages/{page_id}/corners")
    page.goto(f"{screens.url}/visits/{screens.visit}/finish")
    page.get_by_role("button", name="Kết thúc và in phiếu").click()
    page.get_by_role("heading", name="đã xong").wait_for()
    for _ in range(4):
        page.go_back()
        page.wait_for_load_state()
        shown = page.evaluate(
            "[...document.images].filter(i => /pages|photo|preview/.test(i.src) && i.naturalWidth)"
            ".length"
        )
        assert shown == 0, page.url
