"""This file proves the steps of setting up a printer: what is seen is kept, and used from then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.core.calibration import Calibration
from appliance.service import printer_facts
from appliance.store import print_jobs
from tests.web.at_desk import Volunteer
from tests.web.conftest import House

PRINTER = "tcp://10.0.0.9:9100"


@pytest.fixture
def lan(make_house: Any) -> Volunteer:
    house = make_house(**{"devices.printer": PRINTER})
    _room_says(house)
    return Volunteer(house, "Chị Lan", "2468")


def _room_says(house: House, **printer: str) -> None:
    house.parts.ram.put_room(
        "devices",
        {
            "room": "devices",
            "at_mono_ms": house.clock.now().mono_ms,
            "checks": [{"name": "printer", "state": "ok", "code": ""}],
            "printer": {"identity": PRINTER, "language": "escpos"} | printer,
        },
    )


def jobs(lan: Volunteer) -> list[dict[str, Any]]:
    return [json.loads(row["payload"]) for row in print_jobs.queued(lan.house.store)]


def test_from_the_first_slip_to_what_is_kept(lan: Volunteer) -> None:
    """Width, then the page at that width, then the answers; the next slip proves them."""
    asked = lan.act("/desk/printer/width")
    assert "/desk/printer/width?job=" in asked.headers["Location"]
    assert "sắp được in" in lan.get(asked.headers["Location"]).text
    looked = lan.act("/desk/printer/look", width="384")
    assert "width=384" in looked.headers["Location"]
    assert jobs(lan) == [{"page": "width", "width": 576}, {"page": "page", "width": 384}]
    page = lan.get(looked.headers["Location"]).text
    assert "Hàng A" in page
    kept = lan.act(
        "/desk/printer", width="384", darkness="faint", letters="B", code=["2", "3"], cut="no"
    )
    assert kept.headers["Location"].endswith("said=kept")
    tuned = printer_facts.calibration(lan.house.store, PRINTER)
    assert tuned == Calibration(384, "faint", cuts=False, least_dots=28, code_dots=6)
    assert jobs(lan)[-1] == {}
    shown = lan.get("/desk/printer").text
    assert "48 mm" in shown
    assert "in nhạt" in shown


def test_the_screen_shows_slips_as_the_printer_draws_them(lan: Volunteer) -> None:
    ticket = lan.house.take("co-em-be")
    before = lan.house.client.get(f"/tickets/{ticket['id']}/slip.png").data
    printer_facts.calibrate(lan.house.store, PRINTER, Calibration(384, least_dots=28))
    after = lan.house.client.get(f"/tickets/{ticket['id']}/slip.png").data
    assert before != after
    assert int.from_bytes(after[16:20], "big") == 384


def test_a_question_left_out_is_asked_again_and_nothing_is_kept(lan: Volunteer) -> None:
    answer = lan.post(
        "/desk/printer", key="one", width="576", darkness="heavy", code=["1"], cut="yes"
    )
    assert answer.status_code == 400
    assert "Còn câu chưa chọn" in answer.text
    assert answer.text.count(" checked") == 3
    assert printer_facts.calibration(lan.house.store, PRINTER) is None


def test_no_code_read_is_told_and_the_largest_is_used(lan: Volunteer) -> None:
    kept = lan.act("/desk/printer", width="576", darkness="right", letters="A", cut="yes")
    assert kept.headers["Location"].endswith("said=no_code")
    assert "lau đầu in" in lan.get(kept.headers["Location"]).text
    tuned = printer_facts.calibration(lan.house.store, PRINTER)
    assert tuned is not None
    assert tuned.code_dots == 7


def test_back_to_the_settings(lan: Volunteer) -> None:
    printer_facts.calibrate(lan.house.store, PRINTER, Calibration(384))
    lan.act("/desk/printer/forget")
    assert printer_facts.calibration(lan.house.store, PRINTER) is None


def test_a_silent_room_keeps_nothing_and_an_a4_printer_needs_nothing(lan: Volunteer) -> None:
    _room_says(lan.house, language="pdf")
    assert "A4 này không cần chỉnh" in lan.get("/desk/printer").text
    lan.house.parts.ram.put_room("devices", {"room": "devices", "at_mono_ms": 0})
    assert "Chưa thấy máy in" in lan.get("/desk/printer").text
    kept = lan.act("/desk/printer", width="576", darkness="right", letters="A", cut="yes")
    assert kept.headers["Location"].endswith("said=silent")


def test_only_volunteers(lan: Volunteer) -> None:
    house = lan.house
    assert house.client.get("/desk/printer").status_code == 303
    for path in ("/desk/printer", "/desk/printer/width", "/desk/printer/look"):
        assert house.client.get(path).status_code in (303, 405)


@pytest.mark.parametrize("width", ["500", "", "x", "384384"])
def test_a_wrong_width_is_refused(lan: Volunteer, width: str) -> None:
    assert lan.post("/desk/printer/look", key="one", width=width).status_code == 400
