"""This file reads every screen at 200 % zoom and walks it by keyboard alone, in a real Chromium.

200 % of the tablet is 640 × 400 CSS px at two device pixels each (WCAG 1.4.4, 1.4.10): nothing goes
sideways, is cut off, or lies over something else. Tab meets every control, in the order it is read
in, with a ring that stands out 3:1 and is not covered (2.1.1, 2.1.2, 2.4.3, 2.4.7, 2.4.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.in_browser import opened
from tests.web.conftest import House
from tests.web.lived_in import live_in

ZOOMED, STOP = (
    Path(__file__).with_name(name).read_text("utf-8") for name in ("zoomed.js", "stop.js")
)
TWICE: Any = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
SETTINGS = {"devices.printer": "tcp://127.0.0.1:9", "devices.panel": "virtual:"}
# Read from afar: nobody zooms them, and they have nothing to reach.
WALLS = {"wall.page", "postings.board"}
LEAST_RING = 3.0
FOCUSED = """(() => {
  const e = document.activeElement;
  return e === document.body ? "" : (e.closest("label") || e).textContent;
})()"""
NAMES = """[...document.querySelectorAll("a[href], button, summary")]
  .filter((e) => e.checkVisibility())
  .map((e) => [(e.ariaLabel || e.textContent).trim(), e.closest("[lang]").lang])"""


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(**TWICE)
    yield context.new_page()
    context.close()


def test_key_screens_of_residents(page: Any, make_house: Any) -> None:
    """The start, a number and the questions about a birth."""
    house: House = make_house(**SETTINGS)
    number = house.take()["id"]
    with opened(house.app) as address:
        wrong = []
        for path in ("/", f"/tickets/{number}", "/guide/khai-sinh"):
            page.goto(address + path)
            wrong += [(path, *one) for one in look(page)]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_screen(page: Any, make_house: Any) -> None:
    """All screens of a lived-in house, those of the volunteers too."""
    lived_in = live_in(make_house(**SETTINGS))
    cookie = lived_in.lan.client.get_cookie("hien_session")
    assert cookie is not None
    wrong, met = [], 0
    with opened(lived_in.house.app) as address:
        lan = {"name": "hien_session", "value": cookie.value, "url": address}
        for endpoint, _n, path in lived_in.listed():
            if endpoint in WALLS:
                continue
            page.context.clear_cookies()
            if endpoint not in lived_in.of_residents:
                page.context.add_cookies([lan])
            page.goto(address + path)
            wrong += [(path, *one) for one in look(page)]
            met += page.evaluate("window.hienStops.length")
    print(f"\n200 % by keyboard: {met} controls met")
    assert not wrong, "\n".join(map(str, wrong))


def look(page: Any) -> list[tuple[Any, ...]]:
    """What is wrong with the page as it is: (what, where) each."""
    page.evaluate("document.fonts.ready")
    seen = page.evaluate(ZOOMED)
    wrong: list[tuple[Any, ...]] = [("sideways", seen["sideways"])] if seen["sideways"] > 0 else []
    wrong += [("cut off", one) for one in seen["cut"]]
    wrong += [("lies over", one) for one in seen["over"]]
    wrong += [("out of order", one) for one in seen["ahead"]]
    return wrong + walk(page, seen["stops"])


def walk(page: Any, stops: list[str]) -> list[tuple[Any, ...]]:
    """Tab through the page once; a page that keeps the focus in a circle is caught, too."""
    wrong: list[tuple[Any, ...]] = []
    met: list[int] = []
    before: dict[str, Any] | None = None
    for _ in range(4 * len(stops) + 8):
        page.keyboard.press("Tab")
        at = page.evaluate(STOP)
        if at is None or (met and at["skip"]):
            break
        # A date has a stop for day, month, year and the calendar.
        if before and at["stop"] == before["stop"] and at["parts"]:
            continue
        # Buttons inside the browser's own player have the browser's own ring.
        if at["ring"] < LEAST_RING and not at["player"]:
            wrong.append(("no ring that stands out", at["name"], at["ring"]))
        if not at["bare"]:
            wrong.append(("the focus is covered", at["name"]))
        if at["skip"] or at["stop"] < 0:
            continue
        if at["stop"] in met:
            wrong.append(("again", at["name"]))
            break
        met.append(at["stop"])
        # The corners of a sheet go round it.
        if before and goes_back(before, at) and not at["corner"]:
            wrong.append(("goes back", before["name"], at["name"]))
        before = at
    else:
        wrong.append(("a trap", len(stops)))
    return wrong + [("never met", name) for n, name in enumerate(stops) if n not in met]


def goes_back(before: dict[str, Any], at: dict[str, Any]) -> bool:
    """Up without being further right (as the next column is), or left on the same line."""
    if at["b"] <= before["t"] + 2:
        return bool(at["l"] < before["r"] - 2)
    same_line = at["t"] < before["b"] - 2 and before["t"] < at["b"] - 2
    higher = at["t"] <= before["t"] + 2
    return bool(same_line and higher and at["r"] <= before["l"] + 2)


def tab_to(page: Any, words: str) -> None:
    """Tab on until the focus is on what is called so."""
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(FOCUSED)
        if words in " ".join(name.split()):
            return
    raise AssertionError(f"Tab never came to {words!r}")


def answer_all(page: Any) -> None:
    """The questions of the guide: Space takes the first answer, an arrow the next one."""
    for _ in range(6):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "radio":
                before = page.locator("input[type=radio]:checked").count()
                page.keyboard.press("Space")
                if page.locator("input[type=radio]:checked").count() > before:
                    page.keyboard.press("ArrowDown")
                    assert page.evaluate("document.activeElement.checked")
            elif "Xem giấy cần có" in page.evaluate(FOCUSED):
                break
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        if page.locator(".questions").count() == 0:
            return
    raise AssertionError("the questions never end")


def test_without_a_finger(page: Any, make_house: Any) -> None:
    """Enter takes a number, Space chooses an answer, arrows another, Enter shows the papers; Enter
    calls help. Nothing is touched."""
    house: House = make_house(**SETTINGS)
    with opened(house.app) as address:
        page.goto(address)
        tab_to(page, "Có em bé")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tickets/*")
        assert house.store.value("SELECT count(*) FROM tickets") == 1
        page.goto(f"{address}/guide/khai-sinh")
        answer_all(page)
        page.locator(".need").first.wait_for()
        tab_to(page, "Gọi giúp")
        page.keyboard.press("Space")
        page.wait_for_url("**/help**")
        assert house.store.value("SELECT count(*) FROM help_calls") == 1


def test_said_by_a_screen_reader(page: Any, make_house: Any) -> None:
    """Each control has a name in the language of the page; what is in the other one says so. What
    changes by itself, on the wall and with a number, is announced politely."""
    house: House = make_house(**SETTINGS)
    number = house.take()["id"]
    vietnamese = re.compile("[ăâđêôơưằẵợữạảấầẩẫậắẳặẹẻẽếềểễệịọỏốồổỗộớờởỡụủứừửựỳỵỷỹ]", re.I)
    with opened(house.app) as address:
        for language in ("vi", "en"):
            page.goto(f"{address}/set/language/{language}")
            for path in ("/", f"/tickets/{number}", "/guide/khai-sinh"):
                page.goto(address + path)
                assert page.locator("html").get_attribute("lang") == language
                for name, said_in in page.evaluate(NAMES):
                    assert name, path
                    if said_in == "en":
                        assert not vietnamese.search(name), (path, name)
        for path in ("/wall", f"/tickets/{number}"):
            page.goto(address + path)
            assert page.locator("[aria-live=polite], [role=status]").count() >= 1, path
