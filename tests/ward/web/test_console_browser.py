"""This file looks at every page of the console in a real Chromium: axe, targets, contrast, widths,
and nothing that the content policy would forbid. HIEN_SHOTS=FOLDER keeps pictures of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.in_browser import MEASURE, barriers, chromium, opened
from tests.ward.web.conftest import HOUSE, OWN
from tests.ward.web.lived_in import LivedIn
from tests.ward.web.test_dossiers import DOSSIER

LEAST_PX = 14


@pytest.fixture
def console(tmp_path: Path) -> Iterator[tuple[LivedIn, str]]:
    lived = LivedIn(tmp_path)
    answer = lived.client.post(f"/dossiers/{HOUSE}/{DOSSIER}/open", headers=OWN)
    assert answer.status_code == 303
    with opened(lived.client.application) as address:
        yield lived, address.replace("127.0.0.1", "localhost")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 800)])
def test_every_page_is_easy_to_use(console: tuple[LivedIn, str], width: int, height: int) -> None:
    """No axe finding, nothing sideways, targets of 48 px, text of 7:1, no complaint of the browser
    about scripts or styles."""
    lived, url = console
    shots = Path(os.environ["HIEN_SHOTS"]) if "HIEN_SHOTS" in os.environ else None
    with chromium() as browser:
        for name, path in lived.pages().items():
            page = browser.new_page(viewport={"width": width, "height": height})
            said: list[str] = []
            page.on("console", lambda m, s=said: s.append(m.text) if m.type == "error" else None)
            answer = page.goto(url + path)
            assert answer is not None and answer.status == 200, path
            if shots:
                page.screenshot(path=shots / f"ward-{name}-{width}.png", full_page=True)
            _is_easy(page.evaluate(MEASURE), path, width)
            assert said == [], path
            if width < 700:  # the same page either way; axe takes most of the time
                assert barriers(page) == [], path
            page.close()


def _is_easy(seen: Any, path: str, width: int) -> None:
    assert seen["width"] <= width, f"{path} scrolls sideways"
    assert seen["targets"] and seen["texts"]
    small = [t for t in seen["targets"] if t["h"] < 47.5]
    assert small == [], path
    for text in seen["texts"]:
        assert text["ratio"] >= 7 and text["size"] >= LEAST_PX - 0.5, (path, text)
