"""This file proves the page of all houses: what somebody must see to is seen, found and sorted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.sync.protocol import utc_text
from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk
from ward.store import aside, boots


def copied_card(desk: Desk, house: str = HOUSE) -> None:
    with desk.store.write() as db:
        for boot in ("boot-a", "boot-b", "boot-a"):
            boots.seen(db, house, boot, utc_text(desk.now))


@pytest.fixture
def fleet(desk: Desk) -> Desk:
    """Six houses, each with a trouble of its own, and one without."""
    desk.says("health", "nha-paper", printer_ok=0, printer_code="paper_out")
    desk.says("health", "nha-low", printer_ok=1, printer_code="paper_low")
    desk.says("health", "nha-cover", printer_ok=0, printer_code="cover_open")
    desk.says("health", "nha-camera", camera_ok=0, camera_code="camera_none")
    desk.says("health", "nha-aside", set_aside=3)
    desk.board.status("nha-off", "offline")
    copied_card(desk)
    return desk


def shown(desk: Desk, query: str) -> set[str]:
    page = desk.client.get(f"/?{query}").text
    return {h for h, _, _ in ((h.house, p, s) for h, p, s in desk.board.houses())
            if f'data-key="house-{h}"' in page}  # fmt: skip


@pytest.mark.parametrize(
    ("show", "houses"),
    [("paper", {"nha-paper", "nha-low"}), ("printer", {"nha-paper", "nha-cover"}),
     ("camera", {"nha-camera"}), ("aside", {"nha-aside"}), ("silent", {"nha-off"}),
     ("twice", {HOUSE}), ("help", set())],
)  # fmt: skip
def test_filters_find_exactly_those(fleet: Desk, show: str, houses: set[str]) -> None:
    assert shown(fleet, f"show={show}") == houses
    assert f'value="{show}" selected' in fleet.client.get(f"/?show={show}").text


def test_two_boxes_under_one_name_are_said_loudly_for_a_day(fleet: Desk) -> None:
    page = fleet.client.get("/").text
    assert "Hai máy cùng dùng một tên" in page and "! hai máy cùng một tên" in page
    assert "Hai máy cùng dùng tên này</b>, lần cuối thấy lúc 09:00" in (
        fleet.client.get(f"/house/{HOUSE}").text
    )
    assert "Hai máy cùng một tên" in fleet.client.get("/conflicts").text
    fleet.now += timedelta(hours=25)
    assert "Hai máy cùng dùng một tên" not in fleet.client.get("/").text


def test_what_was_set_aside_leads_to_a_decision(fleet: Desk) -> None:
    page = fleet.as_("it").get("/house/nha-aside").text
    assert "/house/nha-aside/do/aside_list" in page and "Mục để riêng</dt>" in page
    assert "Có mục nhà chưa gửi được" not in fleet.as_("officer").get("/house/nha-aside").text


def test_refused_messages_are_counted_and_only_text(fleet: Desk) -> None:
    with fleet.store.write() as db:
        aside.keep(db, [aside.refuse(f"houses/v1/{NASTY}", "bad_json", b"x")], utc_text(fleet.now))
    page = fleet.client.get("/conflicts").text
    assert "<b>1</b> bad_json" in page and "<script>alert" not in page


def test_longest_silent_comes_first(fleet: Desk) -> None:
    fleet.now += timedelta(minutes=10)
    fleet.says("health", "nha-back", printer_ok=1)
    page = fleet.client.get("/?order=silent").text
    assert page.index("house-nha-paper") < page.index("house-nha-back")


def test_roles_see_only_the_doors_they_may_open(fleet: Desk) -> None:
    for role, may in (("officer", False), ("read-only", False), ("it", True)):
        page = fleet.as_(role).get("/").text  # type: ignore[arg-type]
        assert ('href="/conflicts"' in page.split("</nav>")[0]) is may
        assert ('href="/wishes"' in page) is may
    assert fleet.as_("it").post("/notices", headers=OWN).status_code == 422
