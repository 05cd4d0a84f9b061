"""This file looks at every screen of the house in a real Chromium: three sizes, with and without
scripts, measured in the page as drawn, with axe-core. The list of screens is held to the app's own.

The figures are printed at the end (`-s` shows them); HIEN_PICTURES names a folder to keep pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.in_browser import MEASURE, barriers, chromium, opened
from tests.web.lived_in import NOT_SCREENS, LivedIn, live_in

SIZES = {"tablet": (1280, 800), "phone": (360, 800), "wall": (1920, 1080)}
# Read from afar, nothing to touch.
WALLS = {"/wall", "/board"}
# Panels of the wall whose content is higher than they are: nobody scrolls there.
RUNS_OVER = """[...document.querySelectorAll(".now, .side, .last, .foot")]
  .filter((e) => e.scrollHeight > e.clientHeight + 2).map((e) => e.className)"""
BODY_PX = {"tablet": 24.0, "phone": 18.0, "wall": 24.0}
KEY_PX = {"tablet": 32.0, "phone": 24.0, "wall": 32.0}


@pytest.fixture
def lived_in(make_house: Any) -> LivedIn:
    return live_in(
        make_house(**{"devices.printer": "tcp://127.0.0.1:9", "devices.panel": "virtual:"})
    )


def test_every_page_of_the_app_is_on_the_list(lived_in: LivedIn) -> None:
    """A page that is added and not looked at here fails; each one listed opens."""
    get = {
        rule.endpoint
        for rule in lived_in.house.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }
    assert get - set(lived_in.screens) - set(NOT_SCREENS) == set(), "screens nobody looks at"
    assert (set(lived_in.screens) | set(NOT_SCREENS)) - get == set(), "screens that are gone"
    for endpoint, paths in lived_in.screens.items():
        outside = endpoint in lived_in.of_residents
        client = lived_in.house.client if outside else lived_in.lan.client
        for path in paths:
            answer = client.get(path)
            assert (answer.status_code, answer.mimetype) == (200, "text/html"), path


@pytest.fixture
def address(lived_in: LivedIn) -> Iterator[str]:
    with opened(lived_in.house.app) as at:
        yield at


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_is_easy_to_use(lived_in: LivedIn, address: str, size: str) -> None:
    """No axe finding, nothing sideways, targets of 48 px (96 px the main one on the tablet), text
    of 7:1, body and key letters large enough: on each screen, at each size, scripts or none."""
    cookie = lived_in.lan.client.get_cookie("hien_session")
    assert cookie is not None
    width, height = SIZES[size]
    wrong: list[tuple[str, str, Any]] = []
    figures: dict[str, Any] = {"screens": 0, "axe": 0, "target": 999.0, "contrast": 99.0}
    with chromium() as browser:
        for scripts in (True, False):
            pages = {}
            for inside in (True, False):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, java_script_enabled=scripts
                )
                if inside:
                    context.add_cookies(
                        [{"name": "hien_session", "value": cookie.value, "url": address}]
                    )
                pages[inside] = context.new_page()
            for endpoint, n, path in lived_in.listed():
                page = pages[endpoint not in lived_in.of_residents]
                page.goto(address + path)
                page.evaluate("document.fonts.ready")
                name = f"{path}{'' if scripts else ' without scripts'}"
                _keep_picture(page, f"{endpoint}-{n}-{size}", scripts)
                found = _look(page.evaluate(MEASURE), path, size, width, figures)
                if path == "/wall" and width > height and page.evaluate(RUNS_OVER):
                    found.append(("runs over", page.evaluate(RUNS_OVER)))
                # The same page with scripts or without: axe takes most of the time.
                if scripts:
                    violations = barriers(page)
                    figures["axe"] += len(violations)
                    found += violations
                wrong += [(name, *one) for one in found]
                figures["screens"] += 1
    print(f"\n{size}: {figures}")
    assert not wrong, "\n".join(str(one) for one in wrong)


def _look(
    seen: dict[str, Any], path: str, size: str, width: int, figures: dict[str, Any]
) -> list[tuple[str, Any]]:
    wrong: list[tuple[str, Any]] = []
    if seen["width"] > width:
        wrong.append(("sideways", seen["width"]))
    if not seen["texts"] or not (seen["targets"] or path in WALLS):
        wrong.append(("empty", path))
    for t in seen["targets"]:
        least = 96 if t["primary"] and size == "tablet" else 48
        smallest = min(t["h"], t["w"])
        figures["target"] = min(figures["target"], smallest)
        if t["h"] < least - 0.5 or t["w"] < 47.5:
            wrong.append(("target", t))
    for text in seen["texts"]:
        figures["contrast"] = min(figures["contrast"], text["ratio"])
        least_px = KEY_PX[size] if text["key"] else BODY_PX[size]
        if text["ratio"] < 7 or text["size"] < least_px - 0.5:
            wrong.append(("text", text))
    return wrong


def _keep_picture(page: Any, name: str, scripts: bool) -> None:
    folder = os.environ.get("HIEN_PICTURES")
    if folder and scripts:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
