"""This file proves the desk's answers: who comes, whether a slip came out, what is broken."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.service import help as help_service
from appliance.store import help_calls, print_jobs, tickets

from ..at_desk import Volunteer, prints
from ..conftest import House

REAL = {
    "devices.printer": "tcp://10.0.0.9:9100",
    "devices.camera": "v4l2:/dev/video0",
    "devices.panel": "gpio:?button=17&lamp=27",
    "sync.broker": "mqtt://127.0.0.1:1883",
}


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def call_help(house: House) -> str:
    row = help_service.call_help(
        house.store, house.clock.now(), key=house.new_key(), source="button"
    )
    return str(row["id"])


def test_help_is_answered_in_one_tap_and_closed(house: House, lan: Volunteer) -> None:
    call_id = call_help(house)
    page = lan.get("/desk").text
    assert "Có người gọi giúp" in page and "từ nút trên tường" in page
    assert lan.post(f"/desk/help/{call_id}/answer", eta_min="10").status_code == 303
    row = help_calls.get(house.store, call_id)
    assert row is not None and (row["state"], row["who"]) == ("answered", "Lan")
    assert "Lan đang đến" in lan.get("/desk").text
    assert lan.post(f"/desk/help/{call_id}/close").status_code == 303
    assert help_calls.still_on(house.store) == []


def test_who_answers_is_named_only_with_consent(house: House) -> None:
    """No consent: the wall says that somebody comes, not who."""
    lan = Volunteer(house)
    house.store.connection.execute("UPDATE volunteers SET shows_name = 0")
    call_id = call_help(house)
    lan.post(f"/desk/help/{call_id}/answer", eta_min="5")
    row = help_calls.get(house.store, call_id)
    assert row is not None and row["who"] == ""


def test_a_time_that_is_none_is_refused(house: House, lan: Volunteer) -> None:
    call_id = call_help(house)
    for eta in ("", "-1", "9999", "năm", "5.5", "👵"):
        assert lan.post(f"/desk/help/{call_id}/answer", eta_min=eta).status_code == 400
    row = help_calls.get(house.store, call_id)
    assert row is not None and row["state"] == "open"


def test_a_call_that_is_over_is_said_kindly(house: House, lan: Volunteer) -> None:
    call_id = call_help(house)
    help_service.withdraw(house.store, house.clock.now())
    answer = lan.post(f"/desk/help/{call_id}/answer", eta_min="5")
    assert "đã xong rồi" in lan.get(answer.location).text
    assert lan.post("/desk/help/nobody/close").status_code == 404


@pytest.mark.parametrize(("answer", "printed"), [("came-out", True), ("print-again", False)])
def test_a_slip_in_doubt_is_asked_about(
    house: House, lan: Volunteer, answer: str, printed: bool
) -> None:
    """A job the printer broke off: yes counts it as on paper, no prints it once more."""
    house.take()
    prints(house, "needs_operator", "stalled")
    job = print_jobs.questions(house.store)[0]
    assert "Phiếu số 1 có ra không?" in lan.get("/desk").text
    for _ in range(2):  # a double tap
        assert lan.post(f"/desk/slips/{job['id']}/{answer}").status_code == 303
    assert "Phiếu số 1 có ra không?" not in lan.get("/desk").text
    assert tickets.waiting(house.store)[0]["printed"] is printed
    assert len(print_jobs.queued(house.store)) == (0 if printed else 1)


def test_an_unknown_slip_is_not_found(lan: Volunteer) -> None:
    for path in ("/desk/slips/999/came-out", "/desk/slips/999/print-again"):
        assert lan.post(path).status_code == 404
    assert lan.post("/desk/slips/-1/came-out").status_code == 404


def test_the_way_back_stays_in_the_house(house: House, lan: Volunteer) -> None:
    house.take()
    prints(house, "needs_operator")
    job = print_jobs.questions(house.store)[0]
    answer = lan.post(f"/desk/slips/{job['id']}/came-out", back="//evil.example/x")
    assert answer.location == "/desk"


def machine_words(house: House, lan: Volunteer, **rooms: Any) -> str:
    checks = {"printer": ("ok", ""), "camera": ("ok", ""), "panel": ("ok", ""), **rooms}
    house.room_says(
        "devices",
        checks=[{"name": k, "state": s, "code": c} for k, (s, c) in checks.items()],
    )
    page: str = lan.get("/desk").text
    return page[page.index('id="desk-machines"') :]


def test_each_machine_says_what_to_do(make_house: Any) -> None:
    house = make_house(**REAL)
    lan = Volunteer(house)
    assert "không trả lời" in lan.get("/desk").text  # nothing heard of the machines yet
    house.room_says("sync", link="up")
    assert "tốt cả" in machine_words(house, lan)
    assert "đặt cuộn giấy mới" in machine_words(house, lan, printer=("bad", "paper_out"))
    assert "sắp hết giấy" in machine_words(house, lan, printer=("ok", "paper_low"))
    assert "Cắm lại dây máy ảnh" in machine_words(house, lan, camera=("bad", "camera_none"))
    assert "trên màn hình vẫn được" in machine_words(house, lan, panel=("bad", "off"))
    house.room_says("sync", link="down")
    assert "Có mạng lại thì máy tự gửi" in machine_words(house, lan)
    house.room_says("sync", link="down", cert_ended=True)  # no cable would help
    assert "giấy phép nối đã hết hạn" in (said := machine_words(house, lan))
    assert "Nhờ phường cấp lại cho nhà này" in said


def test_a_test_machine_is_called_one(make_house: Any) -> None:
    """A virtual device is never shown as a real one."""
    house = make_house(**{**REAL, "devices.camera": "virtual:"})
    lan = Volunteer(house)
    assert "máy thử, không phải máy thật" in machine_words(house, lan)
