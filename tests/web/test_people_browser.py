"""This file measures the pages about people in a real Chromium: axe, targets, contrast, widths.

Duty, appointments, dossiers, notices, voices and the report, at tablet and telephone size.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from appliance.service import appointments, dossiers, postings, proof_watch, rota
from tests.web.at_desk import Volunteer
from tests.web.conftest import House

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed")
MEASURE = Path(__file__).with_name("measure.js").read_text("utf-8")
ZONE = "Asia/Ho_Chi_Minh"


@pytest.fixture
def pages(house: House) -> Iterator[tuple[str, Volunteer, list[tuple[str, bool]]]]:
    """(address, who is signed in, [(path, for volunteers only)]) of a house in use."""
    lan, now = Volunteer(house, "Chị Lan"), house.clock.now()
    rota.set_hours(house.store, now, dict.fromkeys(range(7), "7:30-11:30, 13:30-17:00"))
    rota.put_on_call(house.store, lan.row["id"], "0905 123 456")
    visit = lan.open_visit()
    code = "H15.50.05.13-261008-0975"
    assert (
        lan.post(f"/visits/{visit}/finish", done="submitted", dossier_code=code).status_code == 303
    )
    proof_watch.begin(house.store, now, visit)
    text = "Danh sách niêm yết của phường, xem trong ba ngày."
    postings.put_up(
        house.store, now, key="k", title="Thông báo", text=text, working_days=3, zone=ZONE
    )
    day = rota_day(house)
    booked = appointments.book(
        house.store, now, key="a", service_id="ket-hon", day=day, from_min=480, channel="desk",
        catalogue=house.parts.catalogue, zone=ZONE,
    )  # fmt: skip
    ticket = dossiers.get(house.store, visit)["ticket_id"]
    public = [
        "/appointments", "/appointments/for/ket-hon", f"/appointments/for/ket-hon/{day}",
        f"/appointments/{booked['id']}", "/follow", f"/tickets/{ticket}", "/notices", "/voice",
    ]  # fmt: skip
    inside = [
        "/desk/rota", "/desk/hours", "/desk/month", f"/desk/month/{lan.row['id']}",
        "/desk/appointments", "/desk/dossiers", f"/desk/dossiers/{visit}", "/desk/postings",
        "/desk/postings/1/proof", "/desk/report",
    ]  # fmt: skip
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    listed = [(path, False) for path in public] + [(path, True) for path in inside]
    yield f"http://127.0.0.1:{server.server_port}", lan, listed
    server.shutdown()
    thread.join(10)


def rota_day(house: House) -> Any:
    from datetime import timedelta

    return house.clock.now().local(ZONE).date() + timedelta(days=2)


@pytest.mark.timeout(240)
# The tablet is the slow run's, as is every other screen (test_every_screen.py).
@pytest.mark.parametrize(
    ("width", "height"), [pytest.param(1280, 800, marks=pytest.mark.slow), (360, 800)]
)
def test_every_page_is_easy_to_use(
    pages: tuple[str, Volunteer, list[tuple[str, bool]]], width: int, height: int
) -> None:
    """No axe finding, nothing sideways, targets of 48 px, text of 7:1 and large enough."""
    from axe_playwright_python.sync_playwright import Axe

    url, lan, listed = pages
    cookie = lan.client.get_cookie("hien_session")
    assert cookie is not None
    least_px = 24 if width > 700 else 18
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM))
        outside = browser.new_context(viewport={"width": width, "height": height})
        inside = browser.new_context(viewport={"width": width, "height": height})
        inside.add_cookies([{"name": "hien_session", "value": cookie.value, "url": url}])
        for path, signed_in in listed:
            page = (inside if signed_in else outside).new_page()
            answer = page.goto(url + path)
            assert answer is not None and answer.status == 200, path
            seen = page.evaluate(MEASURE)
            assert seen["width"] <= width, f"{path} scrolls sideways"
            assert seen["targets"] and seen["texts"]
            for target in seen["targets"]:
                assert target["h"] >= 47.5 and target["w"] >= 47.5, (path, target)
            for text in seen["texts"]:
                assert text["ratio"] >= 7 and text["size"] >= least_px - 0.5, (path, text)
            if width < 700:  # the same page either way; axe takes most of the time
                found = Axe().run(page).response["violations"]
                assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], path
            page.close()
        browser.close()
