"""This file proves alarms, conflicts and audit at the console: seen by all, done by some, noted."""

from __future__ import annotations

import pytest

from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk
from ward.store import alarms, audit


@pytest.fixture
def alarm(desk: Desk) -> str:
    with desk.store.write() as db:
        alarms.begin(db, "paper_out", HOUSE, "", desk.now, desk.now)
        alarms.turn(db, 1, "Chị Hạnh", None, desk.now)
        alarms.said(db, alarms.claim(db, desk.now), True, desk.now)
    return "1"


def test_an_alarm_is_taken_once_by_somebody_with_a_name(desk: Desk, alarm: str) -> None:
    assert "1 báo động chưa ai nhận" in desk.client.get("/").text
    officer = desk.as_("officer")
    page = officer.get("/alarms").text
    assert "Máy in hết giấy" in page and "Chị Hạnh 09:00" in page and "Tôi lo việc này" in page
    assert officer.post("/alarms/take", data={"alarm": alarm}, headers=OWN).status_code == 303
    assert officer.post("/alarms/take", data={"alarm": alarm}, headers=OWN).status_code == 409
    assert "officer đã nhận lúc 09:00" in officer.get("/alarms").text
    assert "báo động chưa ai nhận" not in desk.client.get("/").text
    assert desk.store.value("SELECT who FROM audit WHERE what = 'alarm_taken'") == "officer"


def test_read_only_takes_nothing(desk: Desk, alarm: str) -> None:
    client = desk.as_("read-only")
    assert "Tôi lo việc này" not in client.get("/alarms").text
    assert client.post("/alarms/take", data={"alarm": alarm}, headers=OWN).status_code == 403


@pytest.mark.parametrize(("number", "status"), [("", 400), ("x", 400), ("-1", 400), ("9" * 99, 400),
                                                ("99", 409), ("１", 400)])  # fmt: skip
def test_what_is_no_alarm(desk: Desk, number: str, status: int) -> None:
    answer = desk.client.post("/alarms/take", data={"alarm": number}, headers=OWN)
    assert answer.status_code == status


def test_who_was_told_stands_on_the_call(desk: Desk) -> None:
    desk.event("help", type="called", call="c1")
    with desk.store.write() as db:
        alarms.begin(db, "help", HOUSE, "c1", desk.now, desk.now)
        alarms.turn(db, 1, "Chị Hạnh", None, desk.now)
        alarms.said(db, alarms.claim(db, desk.now), True, desk.now)
    for path in ("/", f"/house/{HOUSE}"):
        assert "Đã báo ra ngoài: Chị Hạnh 09:00" in desk.client.get(path).text


def conflict(desk: Desk, n: int, said: str) -> None:
    desk.seq[HOUSE, "queue"] = n
    desk.event("queue", type="taken", number=1)
    desk.seq[HOUSE, "queue"] = n
    desk.event("queue", type=said)


def test_a_conflict_is_acknowledged_and_a_new_one_rings_again(desk: Desk) -> None:
    """The banner goes, the row stays, the name is kept; what came after the look is new."""
    conflict(desk, 0, NASTY)
    assert "1 báo cáo trùng số" in desk.client.get("/").text
    it = desk.as_("it")
    page = it.get("/conflicts").text
    assert "<script>alert" not in page
    upto = desk.store.value("SELECT max(last_at) FROM conflicts")
    assert it.post("/conflicts", data={"upto": upto}, headers=OWN).status_code == 303
    assert "báo cáo trùng số nhưng" not in desk.client.get("/").text
    assert "cất lời nhắc" not in it.get("/conflicts").text
    assert desk.store.value("SELECT count(*) FROM conflicts") == 1
    assert audit.newest(desk.store, 1)[0]["what"] == "conflicts_looked_into"
    desk.now = desk.now.replace(minute=5)
    conflict(desk, 10, "other")
    assert "1 báo cáo trùng số" in desk.client.get("/").text


def test_conflicts_are_it_business(desk: Desk) -> None:
    officer = desk.as_("officer")
    assert officer.get("/conflicts").status_code == 200
    form = {"upto": "2026-11-24T02:00:00Z"}
    assert officer.post("/conflicts", data=form, headers=OWN).status_code == 403
    assert desk.client.post("/conflicts", data={"upto": "x"}, headers=OWN).status_code == 400


def test_the_audit_is_read_by_it_alone_and_told_in_words(desk: Desk) -> None:
    with desk.store.write() as db:
        audit.note(db, desk.now, NASTY, "answer_help", HOUSE, NASTY)
    assert desk.as_("officer").get("/audit").status_code == 403
    page = desk.as_("it").get("/audit").text
    assert "trả lời lời gọi giúp" in page and "<script>alert" not in page


def test_empty_pages_say_what_will_come(desk: Desk) -> None:
    assert "Không có gì đáng lo" in desk.client.get("/alarms").text
    assert "Không có báo cáo nào trùng số" in desk.client.get("/conflicts").text
    assert "Chưa có gì" in desk.client.get("/audit").text
