"""This file proves the page of what is kept: for everybody to read, for volunteers to forget."""

from __future__ import annotations

from pathlib import Path

from appliance.store import visits
from tests.web.at_desk import Volunteer, photograph
from tests.web.conftest import House

CODE = "H15.50.05.13-261008-0975"


def _finished(house: House, lan: Volunteer) -> tuple[int, str]:
    """(number on the slip, id) of a visit with a page, done."""
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    lan.post(f"/visits/{visit_id}/finish", done="submitted", dossier_code=CODE, read_back="1")
    row = visits.get(house.store, visit_id)
    assert row and row["state"] == "closed"
    number = house.store.value("SELECT number FROM tickets WHERE id = ?", row["ticket_id"])
    return int(number), visit_id


def test_anybody_may_read_what_is_kept(house: House) -> None:
    """Without signing in, and without the form; the hours are the house's own setting."""
    answer = house.client.get("/kept")
    assert answer.status_code == 200 and "48 giờ" in answer.text
    assert "/desk/kept/erase" not in answer.text
    assert house.client.get("/desk/kept").status_code == 303
    assert house.post("/desk/kept/erase", number="1", day="2026-11-23").status_code == 403


def test_one_step_and_it_is_gone_and_told(house: House) -> None:
    """By number and day of the slip; nothing of it is in the table, and the ward gets a count."""
    lan = Volunteer(house)
    number, visit_id = _finished(house, lan)
    today = house.store.value("SELECT day_on FROM tickets WHERE number = ?", number)
    answer = lan.post("/desk/kept/erase", number=str(number), day=today)
    assert (answer.status_code, answer.location) == (303, "/desk/kept?gone=1-0")
    assert "Đã xoá: 1 trang giấy" in lan.get(answer.location).text
    row = visits.get(house.store, visit_id)
    assert row and row["dossier_code"] is None and visits.pages(house.store, visit_id) == []
    told = [r["body"] for r in house.store.all("SELECT * FROM outbox ORDER BY ord")][-1]
    assert "erased" in told and CODE not in told
    data = Path(house.parts.config["data.dir"])
    assert not list((data / "sealed").glob("*/*"))
    again = lan.post("/desk/kept/erase", number=str(number), day=today)
    assert again.location == "/desk/kept?gone=0-0", "twice is once"


def test_what_is_not_there_deletes_nothing(house: House) -> None:
    """A wrong number, a wrong day, a visit at the desk: told in words, and all of it stays."""
    lan = Volunteer(house)
    number, visit_id = _finished(house, lan)
    today = house.store.value("SELECT day_on FROM tickets WHERE number = ?", number)
    lan.open_visit()
    for form, status, words in (
        ({"number": "77", "day": today}, 409, "Không có lượt này"),
        ({"number": "x", "day": today}, 400, "Số trên phiếu chưa đúng"),
        ({"number": str(number), "day": "hôm nay"}, 400, "Ngày chưa đúng"),
        ({"number": str(number + 1), "day": today}, 409, "đang mở ở bàn trực"),
    ):
        answer = lan.post("/desk/kept/erase", **form)
        assert (answer.status_code, words in answer.text) == (status, True), form
    assert len(visits.pages(house.store, visit_id)) == 1
