"""This file proves commands that houses answer: asked, confirmed, answered, and only as text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk
from ward.accounts.roles import Role


def give(desk: Desk, op: str, **form: str) -> str:
    """The job of a command given from the house's page by IT."""
    answer = desk.as_("it").post(
        f"/house/{HOUSE}/do/{op}", data={"sure": "yes", **form}, headers=OWN
    )
    assert answer.status_code == 303
    found = desk.store.value("SELECT job FROM jobs WHERE op = ? ORDER BY created_at DESC", op)
    assert answer.location.endswith(f"/house/{HOUSE}/job/{found}") or op not in ("logs", "wall")
    return str(found)


def told(desk: Desk, job: str, state: str = "done", code: str = "", **answer: Any) -> str:
    more = {"answer": answer} if answer else {}
    desk.event("ops", type="command", job=job, op="x", state=state, code=code, **more)
    page = desk.as_("it").get(f"/house/{HOUSE}/job/{job}")
    assert page.status_code == 200 and "<script>alert" not in page.text
    assert not re.search(r"<(script|style)>|\sstyle=|\son\w+=", page.text)
    return page.text


def test_the_log_comes_back_as_text(desk: Desk) -> None:
    job = give(desk, "logs")
    waiting = desk.as_("it").get(f"/house/{HOUSE}/job/{job}").text
    assert 'http-equiv="refresh"' in waiting and "đang chờ" not in waiting.split("<main")[0]
    page = told(desk, job, lines=["2026 web INFO ok", NASTY, 7])
    assert "2026 web INFO ok" in page and "again.js" not in page
    assert "xem nhật ký máy" in desk.as_("it").get("/audit").text


def test_the_wall_is_drawn_from_its_numbers_and_says_so(desk: Desk) -> None:
    page = told(
        desk, give(desk, "wall"), at="2026-11-24T02:00:00.000Z", called=[[12, 2], [11, 1], "x"],
        next=[13, NASTY], waiting=3, help=1, notice=NASTY, notices=2,
    )  # fmt: skip
    assert "Màn hình tường lúc 09:00" in page and "không phải ảnh chụp" in page
    assert '<p class="number">12</p>' in page and "11 · bàn 1" in page
    assert "<b>3</b> người đang đợi" in page
    assert "Chưa gọi số nào" in told(desk, give(desk, "wall"), called=NASTY, waiting=None)


def test_set_aside_items_are_shown_and_decided(desk: Desk) -> None:
    items = [{"id": 4, "kind": "dossier", "reason": "not_ours", "tries": 2, "at": "x"}, NASTY]
    page = told(desk, give(desk, "aside_list"), items=items)
    assert "Hồ sơ đã niêm phong" in page and "phường không nhận hồ sơ từ nhà này (2 lần)" in page
    assert f"/house/{HOUSE}/do/aside_retry?item=4" in page
    ask = desk.as_("it").get(f"/house/{HOUSE}/do/aside_discard?item=4").text
    assert 'name="item" value="4"' in ask and "không lấy lại được" in ask
    give(desk, "aside_discard", item="4")
    args = desk.store.value("SELECT args FROM jobs WHERE op = 'aside_discard'")
    assert json.loads(args) == {"item": 4}
    bad = desk.as_("it").post(
        f"/house/{HOUSE}/do/aside_discard", data={"sure": "yes", "item": "x"}, headers=OWN
    )
    assert bad.status_code == 400


def test_a_restart_warns_and_tells_why_it_was_not_done(desk: Desk) -> None:
    assert "Khởi động lại dù đang có khách" in desk.as_("it").get(f"/house/{HOUSE}/do/reboot").text
    page = told(desk, give(desk, "reboot"), "rejected", "busy")
    assert "nhà không nhận. Đang có khách" in page
    give(desk, "reboot", even_if_busy="yes")
    args = desk.store.all("SELECT args FROM jobs WHERE op = 'reboot' ORDER BY created_at, args")
    assert {a["args"] for a in args} == {"{}", '{"even_if_busy": 1}'}


@pytest.mark.parametrize("role", ["officer", "read-only"])
def test_answers_are_for_those_who_may_ask(desk: Desk, role: Role) -> None:
    job = give(desk, "logs")
    client = desk.as_(role)
    assert client.get(f"/house/{HOUSE}/job/{job}").status_code == 403
    for op in ("reboot", "logs", "wall", "aside_list"):
        answer = client.post(f"/house/{HOUSE}/do/{op}", data={"sure": "yes"}, headers=OWN)
        assert answer.status_code == 403


def test_another_houses_job_is_not_shown(desk: Desk) -> None:
    job = give(desk, "logs")
    assert desk.as_("it").get(f"/house/nha-18/job/{job}").status_code == 404
    assert desk.as_("it").get(f"/house/{HOUSE}/job/nothing").status_code == 404
