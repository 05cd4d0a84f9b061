"""This file proves the board of notices: hung on chosen houses, told by each, taken down once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk

FORM = {"houses": "nha-*", "title": "Lịch tiếp dân", "text": "Thứ Ba\r\nhằng tuần", "days": "5"}


def hang(desk: Desk, **changes: str) -> Any:
    return desk.as_("officer").post("/notices", data={**FORM, **changes}, headers=OWN)


def job_of(desk: Desk, house: str = HOUSE) -> dict[str, Any]:
    (row,) = desk.store.all("SELECT * FROM jobs WHERE house = ? AND op = 'post_notice'", house)
    return row


def test_it_hangs_at_each_house_and_each_tells(desk: Desk) -> None:
    desk.says("hello", "nha-18", name=f"Tổ 18 {NASTY}")
    assert hang(desk).status_code == 303
    job = job_of(desk)
    assert json.loads(job["args"]) == {
        "title": "Lịch tiếp dân", "text": "Thứ Ba\nhằng tuần", "days": 5,
    }  # fmt: skip
    assert job["expires_at"] == "2026-12-01T02:00:00Z"  # a house that is off gets a week
    desk.event("ops", type="command", job=job["job"], op="post_notice", state="done", code="",
               answer={"posting": 3, "last_on": "2026-12-01"})  # fmt: skip
    other = job_of(desk, "nha-18")["job"]
    desk.event("ops", "nha-18", type="command", job=other, op="post_notice", state="rejected",
               code="too_many_postings")  # fmt: skip
    page = desk.as_("officer").get("/notices").text
    assert "đang treo, đến hết 01/12/2026" in page and "too_many_postings" in page
    assert page.count("Gỡ xuống") == 1 and "<script>alert" not in page
    assert desk.store.value("SELECT count(*) FROM audit WHERE what = 'post_notice'") == 2


def test_it_is_taken_down_once(desk: Desk) -> None:
    hang(desk, houses=HOUSE)
    job = job_of(desk)["job"]
    officer = desk.as_("officer")
    down = {"data": {"job": job}, "headers": OWN}
    assert officer.post("/notices/down", **down).status_code == 409  # it does not hang yet
    desk.event("ops", type="command", job=job, op="post_notice", state="done", code="",
               answer={"posting": 3, "last_on": "2026-12-01"})  # fmt: skip
    for _ in range(2):
        assert officer.post("/notices/down", **down).status_code == 303
    (args,) = desk.store.all("SELECT args FROM jobs WHERE op = 'take_down_notice'")
    assert json.loads(args["args"]) == {"posting": 3}
    page = officer.get("/notices").text
    assert "đã cho gỡ" in page and "Gỡ xuống" not in page


@pytest.mark.parametrize(
    "changes",
    [{"houses": "nowhere"}, {"houses": ""}, {"title": "x"}, {"title": "x" * 81}, {"text": ""},
     {"days": "0"}, {"days": "61"}, {"days": "٣"}, {"days": "9" * 50}, {"title": "a\x00bcd"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_written_stays(
    desk: Desk, changes: dict[str, str]
) -> None:
    answer = hang(desk, **changes)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert changes.get("text", "hằng tuần") in answer.text
    assert desk.store.value("SELECT count(*) FROM jobs") == 0


def test_who_may_not_hangs_nothing(desk: Desk) -> None:
    client = desk.as_("read-only")
    assert "Treo thông báo mới" not in client.get("/notices").text
    assert client.post("/notices", data=FORM, headers=OWN).status_code == 403
    assert client.post("/notices/down", data={"job": "x"}, headers=OWN).status_code == 403
