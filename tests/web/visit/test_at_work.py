"""This file proves who counts as somebody at work on a visit, and what the wall shows meanwhile."""

from __future__ import annotations

import pytest

from appliance.service import at_work, postings
from appliance.store import visits
from appliance.web.snapshot import snapshot

from ..at_desk import Volunteer
from ..conftest import House

HTML = "text/html,*/*"


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def is_parked_after(house: House, minutes: float) -> bool:
    house.clock.ahead_s += minutes * 60
    return at_work.park_forgotten(house.store, house.parts.ram, house.clock.now()) == 1


def test_a_person_keeps_a_visit_open_and_a_screen_does_not(house: House, lan: Volunteer) -> None:
    """Opening its page, or pressing something, is somebody. A page that draws itself anew after
    news and fetches its pictures again is nobody."""
    visit_id = lan.open_visit()
    house.clock.ahead_s += 50 * 60
    lan.get(f"/visits/{visit_id}", Accept=HTML)
    assert not is_parked_after(house, 50)
    lan.post(f"/visits/{visit_id}/papers/can-cuoc-cha-me/shown", shown="1")
    assert not is_parked_after(house, 50)
    lan.get(f"/visits/{visit_id}", Accept="text/html", **{"X-Drawn-Anew": "1"})
    lan.get(f"/visits/{visit_id}/pages/nope/small.jpg", Accept="image/webp,*/*")
    house.client.get(f"/visits/{visit_id}", headers={"Accept": HTML})  # nobody who may come in
    assert is_parked_after(house, 15)
    row = visits.get(house.store, visit_id)
    assert row is not None and row["state"] == "parked"
    assert "để sau" in lan.get("/desk").text  # there to be gone on with


def test_a_number_laid_aside_is_not_shown_as_being_helped(house: House, lan: Volunteer) -> None:
    """It stays on the wall's list; notices that must hang for all to see are shown meanwhile."""
    postings.put_up(
        house.store, house.clock.now(), key="k-1", title="Danh sách niêm yết",
        text="Hộ số 12, hộ số 15", working_days=3, zone=house.parts.house.zone,
    )  # fmt: skip
    visit_id = lan.open_visit()
    assert "Đang tiếp số" in house.client.get("/wall").text
    assert house.store.value("SELECT count(*) FROM posting_hours") == 0
    lan.act(f"/visits/{visit_id}/aside")
    page = house.client.get("/wall").text
    assert "Đang tiếp số" not in page and "Danh sách niêm yết" in page
    assert '<span class="no">1</span>' in page
    assert house.store.value("SELECT count(*) FROM posting_hours") == 1
    state = snapshot(house.parts, house.store, house.clock.now())
    assert state["current"] is None and [row["number"] for row in state["others"]] == [1]
