"""This file proves that one person's screen is never the next one's, and that nobody is thrown out.

A real Chromium with a clock of its own: typing (also composing a letter, as Telex does) is never
interrupted; after the reset "back" and "forward" show nothing of the person before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from appliance.store import visits as kept
from tests.web.served import Served, served_house

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
TABLET = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served_house(**{"devices.panel": "virtual:"}) as served:
        yield served


@pytest.fixture
def tablet(browser: Any, house: Served) -> Iterator[Any]:
    """The shared tablet, its clock in the test's hands."""
    context = browser.new_context(viewport=TABLET, screen=TABLET)
    page = context.new_page()
    page.clock.install()
    page.goto(house.url)
    yield page
    context.close()


def at_the_start(tablet: Any, house: Served) -> None:
    sync_api.expect(tablet).to_have_url(f"{house.url}/")
    tablet.get_by_role("heading", name="Bác cần làm việc gì?").wait_for()


def test_back_shows_nothing_of_the_person_before(tablet: Any, house: Served) -> None:
    """Answers in the guide, a number, remarks begun: after the reset every step back, and the
    steps forward again, are the start page; nothing is drawn on the way."""
    tablet.goto(f"{house.url}/guide/1.001193")
    tablet.goto(f"{house.url}/guide/2.000635?a=")
    tablet.goto(f"{house.url}/voice")
    tablet.locator("#text").fill("Đường ngõ tối quá, xin thêm đèn")
    tablet.goto(house.url)
    tablet.get_by_role("link", name="English").click()
    tablet.locator("button.service").first.click()
    tablet.wait_for_url("**/tickets/*")
    tablet.clock.fast_forward(61_000)
    tablet.get_by_role("dialog").wait_for()
    tablet.clock.fast_forward(31_000)
    tablet.wait_for_url(f"{house.url}/")
    tablet.get_by_role("heading", name="Bác cần làm việc gì?").wait_for()
    for way in ("back", "back", "back", "back", "back", "forward", "forward", "forward"):
        tablet.evaluate(f"history.{way}()")
        at_the_start(tablet, house)
        assert tablet.evaluate("sessionStorage.getItem('hien:place')") is None


@pytest.mark.slow
def test_the_start_page_forgets_too(tablet: Any, house: Served) -> None:
    """Somebody goes home by the button and leaves: a minute later "back" leads nowhere."""
    tablet.locator("button.service").first.click()
    tablet.wait_for_url("**/tickets/*")
    tablet.get_by_role("link", name="Về trang đầu").click()
    tablet.wait_for_url(f"{house.url}/")
    tablet.clock.fast_forward(61_000)
    at_the_start(tablet, house)
    tablet.evaluate("history.back()")
    at_the_start(tablet, house)


def test_whoever_types_is_never_interrupted(tablet: Any, house: Served) -> None:
    """Five minutes of slow Telex, a letter every 50 s: keys at first, then composition only (a
    soft keyboard sends no keys). The question never comes, and no letter is lost."""
    tablet.goto(f"{house.url}/voice")
    tablet.locator("#text").click()
    for letter in ("D", "D", "u"):
        tablet.keyboard.type(letter)
        tablet.clock.fast_forward(50_000)
        assert tablet.get_by_role("dialog").count() == 0
    keyboard = tablet.context.new_cdp_session(tablet)
    for composed in ("n", "ng", "ngo", "ngõ"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
        tablet.clock.fast_forward(50_000)
        assert tablet.get_by_role("dialog").count() == 0
    keyboard.send("Input.insertText", {"text": "ngõ tối"})
    tablet.clock.fast_forward(170_000)
    assert tablet.get_by_role("dialog").count() == 0
    assert tablet.locator("#text").input_value().endswith("ngõ tối")
    # Then nothing for three minutes: it asks; a letter composed meanwhile is an answer.
    tablet.clock.fast_forward(11_000)
    tablet.get_by_role("dialog").wait_for()
    button = tablet.get_by_role("button", name="Tôi vẫn đang xem")
    box = button.bounding_box()
    assert box["height"] >= 96
    button.click()
    assert tablet.locator("#text").input_value().endswith("ngõ tối")
    assert tablet.get_by_role("dialog").count() == 0


@pytest.mark.slow
def test_a_visit_left_open_is_laid_aside(tablet: Any, house: Served) -> None:
    """Nobody touches an open visit on the shared tablet for five minutes: it asks, lays the visit
    aside (the slip opens it again) and shows the desk."""
    house.volunteer("Lan")
    tablet.goto(f"{house.url}/desk/sign-in")
    tablet.fill("input[name=pin]", "2468")
    tablet.get_by_role("button", name="Vào bàn trực").click()
    tablet.wait_for_url("**/desk")
    house.take()
    tablet.reload()
    tablet.get_by_text("Mời số").first.click()
    tablet.get_by_role("button", name="đã đến").first.click()
    tablet.wait_for_url("**/visits/*")
    visit = tablet.url.rsplit("/", 1)[1].split("?")[0].split("#")[0]
    tablet.clock.fast_forward(301_000)
    tablet.get_by_role("dialog").wait_for()
    assert (kept.get(house.store, visit) or {})["state"] == "open"
    tablet.clock.fast_forward(31_000)
    tablet.wait_for_url("**/desk**")
    assert (kept.get(house.store, visit) or {})["state"] == "parked"
