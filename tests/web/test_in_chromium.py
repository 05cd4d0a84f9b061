"""This file walks the resident's screens in a real Chromium: with and without scripts, measured.

Targets, letters, contrast and widths are read from the page as drawn, at tablet and phone size;
axe-core looks at every screen. Skipped, with the reason, where Chromium is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.service import call_next, slips
from appliance.store import print_jobs
from tests.in_browser import MEASURE, barriers
from tests.web.served import Served, served_house

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

TABLET, PHONE, WALL = (1280, 800), (360, 800), (1920, 1080)
SETTINGS = {"devices.printer": "tcp://127.0.0.1:9", "devices.panel": "virtual:"}


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served_house(**SETTINGS) as served:
        yield served


@pytest.fixture
def look(browser: Any, house: Served) -> Iterator[Any]:
    """look(path, size, **context) opens a page; any error in its console fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def open_page(path: str, size: tuple[int, int] = TABLET, **more: Any) -> Any:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.goto(house.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_start_to_a_number(look: Any, house: Served, scripts: bool) -> None:
    """One tap from the start page; the number, the papers and the way to help are there."""
    page = look("/", java_script_enabled=scripts)
    before = house.store.value("SELECT count(*) FROM tickets")
    page.get_by_role("button", name="Có em bé").click()
    page.wait_for_url("**/tickets/*")
    assert page.locator(".huge").inner_text() == str(before + 1)
    assert "Giấy chứng sinh" in page.locator("main").inner_text()
    page.get_by_role("button", name="Gọi giúp").click()
    page.wait_for_url(re.compile("/help"))
    assert "Đã gọi, đang chờ người nhận" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Xem lại số của bác").click()
    page.wait_for_url("**/tickets/*")
    page.go_back()
    page.get_by_role("button", name="Không cần nữa").click()
    page.get_by_text("Chưa gọi ai").wait_for()
    page.get_by_role("link", name="Về trang đầu").click()
    page.get_by_role("heading", name="Bác cần làm việc gì?").wait_for()
    assert house.store.value("SELECT count(*) FROM tickets") == before + 1


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_tap(look: Any, house: Served, scripts: bool) -> None:
    """Two quick taps on the same choice, with scripts and without: one number."""
    page = look("/", java_script_enabled=scripts)
    before = house.store.value("SELECT count(*) FROM tickets")
    page.get_by_role("button", name="Kết hôn").dblclick(no_wait_after=True)
    page.wait_for_url("**/tickets/*")
    assert house.store.value("SELECT count(*) FROM tickets") == before + 1


def test_the_screens_follow(look: Any, house: Served) -> None:
    """A call reaches the resident's screen and the wall without a reload; the wall chimes once
    for each call; after a lost line it catches up by itself."""
    lan = house.volunteer("Chị Lan", shows_name=True)
    house.store.connection.execute("UPDATE tickets SET state = 'done'")
    ticket = house.take()
    mine = look(f"/tickets/{ticket['id']}", PHONE)
    wall = look("/wall", WALL)
    wall.get_by_text("Sắp gọi số").wait_for()
    mine.get_by_text("Sắp đến lượt bác").wait_for()
    call_next.call_next(house.store, house.clock.now(), key=house.new_key(), volunteer=lan)
    mine.get_by_text("Mời bác vào bàn").wait_for()
    number = wall.locator("[data-number]")
    playwright_api.expect(number).to_have_text(str(ticket["number"]))
    playwright_api.expect(wall.locator("html")).to_have_attribute("data-chimes", "1")
    height = wall.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.number')).fontSize)"
    )
    assert height >= 0.2 * WALL[1]
    wall.context.set_offline(True)
    call_next.call_again(
        house.store, house.clock.now(), key=house.new_key(), volunteer=lan, ticket_id=ticket["id"]
    )
    wall.context.set_offline(False)
    playwright_api.expect(wall.locator("html")).to_have_attribute(
        "data-chimes", "2", timeout=20_000
    )


def test_a_screen_without_a_stream_polls(browser: Any, look: Any, house: Served) -> None:
    """Where the stream is refused the screen asks every few seconds instead."""
    page = look("/help")
    page.context.route("**/live", lambda route: route.fulfill(status=204, body=""))
    page.reload()
    page.get_by_text("Chưa gọi ai").wait_for()
    house.post("/help", key=house.new_key())
    page.get_by_text("Đã gọi, đang chờ người nhận").wait_for()
    house.post("/help/withdraw")


def test_the_shared_tablet_asks_and_goes_home(look: Any, house: Served) -> None:
    """Nobody touches the ticket's screen: it asks, then goes to the start, and "back" does not
    bring the ticket again. A touch on the answer stays. English goes the same way."""
    ticket = house.take()
    page = look("/", screen={"width": 1280, "height": 800})
    page.clock.install()
    page.goto(f"{house.url}/tickets/{ticket['id']}")
    page.clock.fast_forward(61_000)
    page.get_by_role("button", name="Tôi vẫn đang xem").click()
    page.clock.fast_forward(50_000)
    assert "/tickets/" in page.url
    page.clock.fast_forward(11_000)
    page.get_by_role("dialog").wait_for()
    page.clock.fast_forward(31_000)
    page.wait_for_url(f"{house.url}/")
    page.go_back()
    assert "/tickets/" not in page.url
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="What do you need?").wait_for()
    page.clock.fast_forward(61_000)
    page.get_by_role("heading", name="Bác cần làm việc gì?").wait_for()


def screens(house: Served) -> list[str]:
    """Each of the resident's screens, in its quiet and its troubled form."""
    waiting, broken = house.take(), house.take("cho-o")
    job = print_jobs.newest_of_ticket(house.store, broken["id"])
    assert job is not None
    now = house.clock.now()
    slips.begin_sending(house.store, job["id"])
    slips.finish(house.store, house.parts.ram, now, job["id"], "failed_clean", code="paper_out")
    fixed = ["/", "/help", "/t", "/desk/sign-in", "/nope", "/wall"]
    return [*fixed, *(f"/tickets/{t['id']}" for t in (waiting, broken))]


@pytest.mark.parametrize(("size", "letters"), [(TABLET, "1"), (TABLET, "2"), (PHONE, "3")])
def test_measured(browser: Any, house: Served, size: tuple[int, int], letters: str) -> None:
    """Targets >= 48 px (96 px for the main ones on the tablet) and 8 px apart, body letters
    >= 24 / 18 px, contrast >= 7, our own letters, no sideways scrolling: also at A+ and A++."""
    house.post("/help", key=house.new_key())
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": "hien_size", "value": letters, "url": house.url}])
    page = context.new_page()
    for path in screens(house):
        page.goto(house.url + path)
        page.evaluate("document.fonts.ready")
        assert page.evaluate("document.fonts.check('16px \"Be Vietnam Pro\"')"), path
        seen = page.evaluate(MEASURE)
        assert seen["width"] <= size[0], f"{path} scrolls sideways"
        assert seen["targets"] or path == "/wall"
        check_targets(path, seen["targets"], main_px=96 if size == TABLET else 48)
        least_px = 24 if size == TABLET else 18
        for text in seen["texts"]:
            assert text["ratio"] >= 7, (path, text)
            assert text["size"] >= least_px - 0.5 or path == "/wall", (path, text)
            assert "mono" not in text["family"].lower()
        assert seen["texts"]
    context.close()
    house.post("/help/withdraw")


def check_targets(path: str, targets: list[dict[str, Any]], main_px: int) -> None:
    for t in targets:
        assert t["h"] >= (main_px if t["primary"] else 48) - 0.5, (path, t)
        assert t["w"] >= 47.5, (path, t)
    # The bar at the bottom lies over what scrolls beneath it.
    free = [t for t in targets if t["text"] not in ("Gọi giúp", "Về trang đầu", "Nghe")]
    for i, a in enumerate(free):
        for b in free[i + 1 :]:
            apart_x = max(a["x"], b["x"]) - min(a["x"] + a["w"], b["x"] + b["w"])
            apart_y = max(a["y"], b["y"]) - min(a["y"] + a["h"], b["y"] + b["h"])
            assert max(apart_x, apart_y) >= 7.5, (path, a, b)


@pytest.mark.parametrize("size", [TABLET, PHONE, WALL])
def test_axe(browser: Any, house: Served, size: tuple[int, int]) -> None:
    """axe-core finds nothing: every screen at tablet size, the main ones at the others."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    paths = {TABLET: screens(house), PHONE: [screens(house)[-1]], WALL: ["/wall"]}[size]
    for path in paths:
        page.goto(house.url + path)
        assert barriers(page) == [], path
    context.close()
