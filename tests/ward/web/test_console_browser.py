"""This file looks at every page of the console in a real Chromium: axe, targets, contrast, widths,
and nothing that the content policy would forbid. HIEN_SHOTS=FOLDER keeps pictures of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.ward.web.conftest import HOUSE, OWN
from tests.ward.web.lived_in import LivedIn
from tests.ward.web.test_dossiers import DOSSIER

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
MEASURE = (Path(__file__).parents[2] / "web" / "measure.js").read_text("utf-8")
LEAST_PX = 14


@pytest.fixture
def console(tmp_path: Path) -> Iterator[tuple[LivedIn, str]]:
    lived = LivedIn(tmp_path)
    opened = lived.client.post(f"/dossiers/{HOUSE}/{DOSSIER}/open", headers=OWN)
    assert opened.status_code == 303
    server = make_server("127.0.0.1", 0, lived.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield lived, f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join(10)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 800)])
def test_every_page_is_easy_to_use(console: tuple[LivedIn, str], width: int, height: int) -> None:
    """No axe finding, nothing sideways, targets of 48 px, text of 7:1, no complaint of the browser
    about scripts or styles."""
    from axe_playwright_python.sync_playwright import Axe

    lived, url = console
    shots = Path(os.environ["HIEN_SHOTS"]) if "HIEN_SHOTS" in os.environ else None
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
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
                found = Axe().run(page).response["violations"]
                assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], path
            page.close()
        browser.close()


def _is_easy(seen: Any, path: str, width: int) -> None:
    assert seen["width"] <= width, f"{path} scrolls sideways"
    assert seen["targets"] and seen["texts"]
    small = [t for t in seen["targets"] if t["h"] < 47.5]
    assert small == [], path
    for text in seen["texts"]:
        assert text["ratio"] >= 7 and text["size"] >= LEAST_PX - 0.5, (path, text)
