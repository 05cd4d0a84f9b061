"""This file proves the end of a visit: what is ticked, typed and dated, and the slip it makes."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from appliance.store import print_jobs, visits

from ..at_desk import BLURRED, CARD, ODD_TEXTS, PHOTO, Volunteer, photograph
from ..conftest import House

CODE = "H15.50.05.13-261008-0975"


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def payload(house: House, visit_id: str) -> dict[str, Any]:
    job = print_jobs.newest_of_visit(house.store, visit_id)
    assert job is not None
    found: dict[str, Any] = json.loads(job["payload"])
    return found


def day(house: House, ahead: int) -> str:
    today = house.clock.now().local(house.parts.house.zone).date()
    return (today + timedelta(days=ahead)).isoformat()


def ticked(page: str, name: str) -> set[str]:
    return set(re.findall(rf'name="{name}" value="([^"]+)" checked', page))


def test_papers_neither_taken_nor_shown_are_missing_beforehand(
    house: House, lan: Volunteer
) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    page = lan.get(f"/visits/{visit_id}/finish").text
    assert ticked(page, "missing") == {CARD, "giay-cu-tru"}
    lan.post(f"/visits/{visit_id}/papers/{CARD}/shown", shown="1")
    assert ticked(lan.get(f"/visits/{visit_id}/finish").text, "missing") == {"giay-cu-tru"}


def test_a_paper_whose_page_nobody_would_accept_is_still_missing(
    house: House, lan: Volunteer
) -> None:
    """Else the slip would say "Giấy tờ đã đủ" of a blurred page. A page kept anyway is there."""
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id, BLURRED)
    assert PHOTO in ticked(lan.get(f"/visits/{visit_id}/finish").text, "missing")
    lan.post(f"/visits/{visit_id}/pages/{page_id}/keep")
    assert PHOTO not in ticked(lan.get(f"/visits/{visit_id}/finish").text, "missing")


def test_no_paper_is_both_there_and_missing_on_the_slip(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    photograph(house, visit_id, BLURRED)
    lan.act(f"/visits/{visit_id}/finish", done=["guided"], missing=[PHOTO])
    told = payload(house, visit_id)
    assert told["missing"] == ["Giấy chứng sinh"]
    assert not any("Giấy chứng sinh" in line for line in told["done"])


def test_the_slip_says_what_was_ticked(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    page_id = photograph(house, visit_id)
    due_on = day(house, 7)
    answer = lan.act(
        f"/visits/{visit_id}/finish", done=["submitted", "guided"], missing=["giay-cu-tru"],
        due_on=due_on, dossier_code=" h15.50.05.13-261008-0975 ",
    )  # fmt: skip
    assert answer.location == f"/visits/{visit_id}"
    told = payload(house, visit_id)
    assert told["missing"] == ["Giấy tờ về nơi ở"]
    assert (told["due_on"], told["dossier_code"]) == (due_on, CODE)
    assert told["done"][0] == "Đã nộp hồ sơ trên Cổng Dịch vụ công"
    row = visits.get(house.store, visit_id)
    assert row is not None and (row["state"], row["dossier_code"]) == ("closed", CODE)
    assert house.parts.ram.page(visit_id, page_id) is None


def test_the_picture_is_the_slip_itself(house: House, lan: Volunteer) -> None:
    """Black and white dots of the printer's width, for volunteers only."""
    visit_id = lan.open_visit()
    lan.act(f"/visits/{visit_id}/finish", done="advised")
    answer = lan.get(f"/visits/{visit_id}/slip.png")
    picture = Image.open(io.BytesIO(answer.data)).convert("L")
    assert (answer.mimetype, picture.width) == ("image/png", 576)
    assert {level for _count, level in picture.getcolors() or []} == {0, 255}
    assert house.client.get(f"/visits/{visit_id}/slip.png").status_code == 303


def test_a_double_tap_makes_one_slip(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    for _ in range(2):
        lan.act(f"/visits/{visit_id}/finish", done="advised")
    count = house.store.value("SELECT count(*) FROM print_jobs WHERE kind = 'visit'")
    assert count == 1


def test_a_code_that_is_none_keeps_what_was_typed(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    for typed in ("H15-123", *ODD_TEXTS.values()):
        answer = lan.post(
            f"/visits/{visit_id}/finish", done="submitted", missing=CARD,
            due_on=day(house, 3), dossier_code=typed,
        )  # fmt: skip
        assert answer.status_code in (400, 413)
        if answer.status_code == 400 and len(typed) < 60:
            assert "Mã chưa đúng" in answer.text and day(house, 3) in answer.text
            assert ticked(answer.text, "done") == {"submitted"}
            assert ticked(answer.text, "missing") == {CARD}
            assert "<script>alert" not in answer.text
    assert 'value="H15-123"' in lan.post(f"/visits/{visit_id}/finish", dossier_code="H15-123").text
    row = visits.get(house.store, visit_id)
    assert row is not None and row["state"] == "open"


def test_a_next_day_is_a_day_to_come(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    for typed, words in (
        (day(house, -1), "Ngày này đã qua"), (day(house, 365 * 3), "xa quá hai năm"),
        ("2026-02-30", "Chưa đọc được ngày"), ("24/11/2026", "Chưa đọc được ngày"),
        ("2026-W05-1", "Chưa đọc được ngày"), ("٢٠٢٦-١١-٢٤", "Chưa đọc được ngày"),
        ("hôm nào cũng được 👵", "Chưa đọc được ngày"),
    ):  # fmt: skip
        answer = lan.post(f"/visits/{visit_id}/finish", due_on=typed)
        assert answer.status_code == 400 and words in answer.text, typed
        answer = lan.post_json(f"/visits/{visit_id}/finish", due_on=typed)
        assert answer.get_json()["error"] == "bad_due_on"
    lan.act(f"/visits/{visit_id}/finish", due_on=day(house, 0))
    assert payload(house, visit_id)["due_on"] == day(house, 0)


def test_ticks_are_of_our_lists(house: House, lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    for form in (
        {"done": "something-else"}, {"missing": "giay-bao-tu"}, {"done": ["advised"] * 50},
        {"missing": ODD_TEXTS["nfd"]}, {"done": ODD_TEXTS["emoji"]},
        {"missing": ODD_TEXTS["control"]}, {"done": ODD_TEXTS["long"]},
    ):  # fmt: skip
        answer = lan.post(f"/visits/{visit_id}/finish", **form)
        assert answer.status_code in (400, 413), form
    row = visits.get(house.store, visit_id)
    assert row is not None and row["state"] == "open"


def test_a_finished_visit_has_no_form_any_more(lan: Volunteer) -> None:
    visit_id = lan.open_visit()
    lan.act(f"/visits/{visit_id}/finish")
    answer = lan.get(f"/visits/{visit_id}/finish")
    assert (answer.status_code, answer.location) == (303, f"/visits/{visit_id}")


def test_nobody_is_named_in_the_table(house: House, lan: Volunteer) -> None:
    """The only field that is typed takes a code and nothing else."""
    visit_id = lan.open_visit()
    lan.post(f"/visits/{visit_id}/finish", dossier_code="Nguyễn Văn A", done="advised")
    lan.act(f"/visits/{visit_id}/finish", dossier_code=CODE, missing=PHOTO)
    everything = "\n".join(house.store.connection.iterdump())
    assert CODE in everything and "Nguyễn Văn A" not in everything
