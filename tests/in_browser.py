"""This file lets tests use an app as people do: on a port of its own, in a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

CHROMIUM = Path("/usr/bin/chromium")
# A script that measures a page as drawn: targets, letters, contrast, width.
MEASURE = (Path(__file__).parent / "web" / "measure.js").read_text("utf-8")


@contextmanager
def chromium(*args: str) -> Iterator[Any]:
    """A browser of Playwright's, started with `args`; the test is skipped where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM} (apt)")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(args))
        try:
            yield browser
        finally:
            browser.close()


def barriers(page: Any) -> list[tuple[str, list[str]]]:
    """What axe-core finds wrong on the page as it is: [(rule, [element])], empty when nothing."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response
    assert len(found["passes"]) > 5, "axe looked at an empty page"
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]


@contextmanager
def opened(app: Flask) -> Iterator[str]:
    """The address of an app served by a thread of this process, whose clock a test can move."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
