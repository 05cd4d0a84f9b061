"""This file measures the pages about people in a real Chromium: axe, targets, contrast, widths.

Duty, appointments, dossiers, notices, voices and the report, at tablet and telephone size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from appliance.service import appointments, dossiers, postings, proof_watch, rota
from tests.in_browser import MEASURE, barriers, chromium, opened
from tests.web.at_desk import Volunteer
from tests.web.conftest import House

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
    listed = [(path, False) for path in public] + [(path, True) for path in inside]
    with opened(house.app) as address:
        yield address, lan, listed


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
    url, lan, listed = pages
    cookie = lan.client.get_cookie("hien_session")
    assert cookie is not None
    least_px = 24 if width > 700 else 18
    with chromium() as browser:
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
                assert barriers(page) == [], path
            page.close()
