"""This file proves that what could not be sent is seen and decided once, and answers are read."""

from __future__ import annotations

from appliance.service import results, set_aside
from appliance.service.report import tell
from appliance.store import set_aside as kept

from ..at_desk import Volunteer
from ..conftest import House


def aside(house: House) -> int:
    now = house.clock.now()
    with house.store.write():
        tell(house.store, now, "health", {"type": "x"})
    seq = house.store.value("SELECT max(seq) FROM outbox WHERE stream = 'health'")
    set_aside.set_report_aside(
        house.store, now, epoch=now.epoch, stream="health", seq=seq, reason="too_large"
    )
    return int(kept.waiting(house.store)[0]["id"])


def test_what_was_set_aside_is_shown_and_tried_again_once(house: House) -> None:
    lan = Volunteer(house)
    item = aside(house)
    assert "Tin dài quá mức gửi được." in lan.get("/desk/ward").text
    for _ in range(2):
        assert lan.post(f"/desk/ward/{item}/retry").status_code == 303
    assert kept.count(house.store) == 0
    assert house.store.value("SELECT count(*) FROM outbox WHERE stream = 'health'") == 2
    assert "Không có mục nào." in lan.get("/desk/ward").text


def test_it_can_be_let_go(house: House) -> None:
    lan = Volunteer(house)
    item = aside(house)
    assert lan.post(f"/desk/ward/{item}/discard").status_code == 303
    row = kept.get(house.store, item)
    assert row is not None and (row["state"], row["ended_by"]) == ("discarded", lan.row["id"])
    assert lan.post("/desk/ward/999/discard").status_code == 404


def test_the_wards_answer_is_read_at_the_desk(house: House) -> None:
    lan = Volunteer(house)
    results.take_result(
        house.store, house.clock.now(), epoch="w", seq=1, dossier="d1", state="supplement",
        note="Thiếu <b>bản sao</b>", at="2026-11-22T05:00:00Z",
    )  # fmt: skip
    page = lan.get("/desk/ward").text
    assert "Phường cần bổ sung" in page and "&lt;b&gt;" in page


def test_nobody_else_comes_here(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/desk/ward").status_code in (302, 303, 401, 403)
    assert client.post("/desk/ward/1/discard").status_code in (302, 303, 401, 403)
