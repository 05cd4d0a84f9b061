"""This file proves the page of one house, and that a command is confirmed, named and once."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk
from ward.store import history
from ward.store.history import Step

DO = f"/house/{HOUSE}/do/test_slip"


def test_four_states(desk: Desk) -> None:
    """Nothing yet; normal; silent, when no old value is shown as present; and unknown: 404."""
    page = desk.client.get(f"/house/{HOUSE}").text
    assert "Tổ 17" in page and "Chưa có gì để vẽ" in page and "Nhà này chưa báo gì" in page
    desk.says("queue", waiting=3, longest_wait_s=60)
    desk.says("health", printer_ok=1, soc_temp_c=55.5, undervolt_now=0, undervolt_count_boot=2)
    desk.event("queue", type="taken", number=12, service="cccd")
    page = desk.client.get(f"/house/{HOUSE}").text
    assert "3 người" in page and "đã yếu 2 lần" in page and "Lấy số" in page
    desk.now += timedelta(hours=1)
    page = desk.client.get(f"/house/{HOUSE}").text
    assert "3 người" not in page and "mất liên lạc từ 09:00" in page
    assert desk.client.get("/house/nha-99").status_code == 404


@pytest.mark.parametrize(
    ("said", "word"),
    [({"undervolt_now": 1, "undervolt_count_boot": 1}, "đang yếu"),
     ({"undervolt_now": 0, "undervolt_count_boot": 4}, "đã yếu 4 lần"),
     ({"undervolt_now": 0, "undervolt_count_boot": 0}, "ổn"), ({"printer_ok": 1}, "không rõ")],
)  # fmt: skip
def test_power_in_its_classes(desk: Desk, said: dict[str, int], word: str) -> None:
    desk.says("health", **said)
    page = desk.client.get(f"/house/{HOUSE}").text
    assert re.search(rf"Nguồn điện</dt><dd class=\"\w+\"><span>{word}", page)


def test_what_a_house_says_is_only_text(desk: Desk) -> None:
    desk.says("hello", name=NASTY, sw=NASTY, os=NASTY, roster_ver=NASTY)
    desk.says("health", printer_ok=0, printer_code=NASTY, wifi_rssi_dbm=1e300)
    for d in ({"type": NASTY, "code": NASTY}, {"type": ["x"], "number": {"a": 1}}, {"x": None}):
        desk.event("ops", **d)  # type: ignore[arg-type]
    desk.event("help", type="called", call=NASTY, source=NASTY)
    page = desk.client.get(f"/house/{HOUSE}")
    assert page.status_code == 200 and "<script>alert" not in page.text
    assert not re.search(r"<(script|style)>|\sstyle=|\son\w+=", page.text)


def test_an_unset_clock_is_said(desk: Desk) -> None:
    desk.event("queue", sync="none", type="taken", number=1)
    assert "khoảng 09:00" in desk.client.get(f"/house/{HOUSE}").text


def test_charts_are_drawn_of_what_was_seen(desk: Desk) -> None:
    at = history.minutes(desk.now)
    with desk.store.write() as db:
        history.keep(db, [Step(HOUSE, at - m, waiting=m % 9, temp_c=50.0) for m in range(60)])
    page = desk.client.get(f"/house/{HOUSE}").text
    assert page.count("<polyline") == 2 and 'aria-label="Người đang chờ: nhiều nhất 8' in page
    assert "Bảy ngày qua" in desk.client.get(f"/house/{HOUSE}?days=7").text
    assert desk.client.get(f"/house/{HOUSE}?days=x").status_code == 200


def test_a_command_is_asked_twice_named_and_once(desk: Desk) -> None:
    """Not by a GET, not without the second yes; a second tap is the same command."""
    it = desk.as_("it")
    assert "sẽ in một phiếu thử" in it.get(DO).text
    assert it.post(DO, headers=OWN).location == DO
    assert desk.store.value("SELECT count(*) FROM jobs") == 0
    for _ in range(2):
        assert it.post(DO, data={"sure": "yes"}, headers=OWN).status_code == 303
    (job,) = desk.store.all("SELECT * FROM jobs")
    assert (job["op"], job["house"], job["by"], json.loads(job["args"])) == (
        "test_slip", HOUSE, "it", {},
    )  # fmt: skip
    assert job["expires_at"] == "2026-11-24T02:10:00Z"
    (note,) = desk.store.all("SELECT * FROM audit")
    assert (note["who"], note["what"], note["house"]) == ("it", "test_slip", HOUSE)
    assert "chưa gửi được" in it.get(f"/house/{HOUSE}").text


@pytest.mark.parametrize("role", ["officer", "read-only"])
def test_who_may_not_command_cannot(desk: Desk, role: str) -> None:
    client = desk.as_(role)  # type: ignore[arg-type]
    assert client.get(DO).status_code == 403
    assert client.post(DO, data={"sure": "yes"}, headers=OWN).status_code == 403
    assert DO not in client.get(f"/house/{HOUSE}").text
    assert desk.store.value("SELECT count(*) FROM jobs") == 0


def test_an_officer_says_that_a_draft_is_back(desk: Desk) -> None:
    """The officer's to say, by the portal's code; who keeps the machines has no part in it. What
    is no code is not sent."""
    draft = f"/house/{HOUSE}/do/proof_draft"
    officer = desk.as_("officer")
    assert draft in officer.get(f"/house/{HOUSE}").text and DO not in officer.get(draft).text
    assert "Mã hồ sơ" in officer.get(draft).text
    for wrong in ("", "x", "<b>", "H15.50 " * 20):
        form = {"sure": "yes", "code": wrong}
        assert officer.post(draft, data=form, headers=OWN).status_code == 400
    form = {"sure": "yes", "code": " h15.50.05.13-261008-0975 "}
    assert officer.post(draft, data=form, headers=OWN).status_code == 303
    (job,) = desk.store.all("SELECT * FROM jobs")
    assert (job["op"], json.loads(job["args"])) == (
        "proof_draft", {"code": "H15.50.05.13-261008-0975"},
    )  # fmt: skip
    for role in ("it", "read-only"):
        assert desk.as_(role).post(draft, data=form, headers=OWN).status_code == 403  # type: ignore[arg-type]


@pytest.mark.parametrize("op", ["format", "answer_help", "../x", "TEST_SLIP"])
def test_only_what_a_house_can_do_is_offered(desk: Desk, op: str) -> None:
    answer = desk.client.post(f"/house/{HOUSE}/do/{op}", data={"sure": "yes"}, headers=OWN)
    assert answer.status_code == 404


def test_help_given_is_told_to_the_house(desk: Desk) -> None:
    """And back one goes to where the button was."""
    desk.event("help", type="called", call="c1")
    desk.event("help", type="answered", call="c1", who="Cô Hạnh", eta_min=5)
    assert "Đã giúp xong" in desk.client.get(f"/house/{HOUSE}").text
    form = {"house": HOUSE, "call": "c1", "back": "house"}
    assert desk.client.post("/close", data=form, headers=OWN).location == f"/house/{HOUSE}"
    assert desk.store.value("SELECT op FROM jobs") == "close_help"
    assert desk.as_("read-only").post("/close", data=form, headers=OWN).status_code == 403
