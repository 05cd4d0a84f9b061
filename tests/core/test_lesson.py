"""This file proves that lessons are short sentences as people wrote them, or refused by key."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import appliance
from appliance.core.lesson import Lessons, parse
from appliance.core.lesson_slip import DOUBT, content_of, lesson_slip
from appliance.core.slip import Qr, Text
from appliance.errors import BadInput, NotFound
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.metrics import MAX_HEIGHT_DOTS, WIDTHS, WidthDots

FILE = Path(appliance.__file__).parent / "data/lessons/skills.toml"


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


@pytest.fixture(scope="module")
def lessons(table: dict[str, Any]) -> Lessons:
    return parse(table, FILE.name)


def test_every_sentence_is_short(lessons: Lessons) -> None:
    """At most 15 words a sentence in Vietnamese, whatever stands on a resident's card."""
    for lesson in lessons.lessons:
        said = [lesson.name.vi, lesson.why.vi, *(w.vi for w in lesson.need)]
        said += [w.vi for c in lesson.cards for w in (c.do, c.see, c.care)]
        for sentence in (s for text in said for s in re.split(r"[.!?:]\s", text)):
            assert len(sentence.split()) <= 15, sentence


def test_what_is_not_sure_says_so(lessons: Lessons) -> None:
    """A lesson below high confidence carries its doubt onto paper."""
    assert {lesson.confidence for lesson in lessons.lessons} <= {"medium", "low", "high"}
    for lesson in lessons.lessons:
        assert content_of(lesson)["doubt"] == ("" if lesson.is_sure else DOUBT)


def test_no_lesson_asks_for_a_secret(lessons: Lessons) -> None:
    """Where a password or code is typed, the resident types it alone and is warned."""
    warned = lessons.get("kich-hoat-muc-2").cards
    assert "Không đọc cho ai nghe" in warned[3].care.vi and "Tự gõ" in warned[3].do.vi


def test_the_slip_has_every_card(lessons: Lessons) -> None:
    """All steps in order, what to have at hand, and the way back to the screen."""
    for lesson in lessons.lessons:
        content: Any = content_of(lesson)
        slip = lesson_slip(
            title=content["title"], need=content["need"], cards=content["cards"],
            doubt=content["doubt"], house_name="Nhà văn hóa", phone="0236 3555 123",
            qr=f"http://hien.local/learn/{lesson.id}",
        )  # fmt: skip
        steps = [b.text for b in slip.blocks if isinstance(b, Text) and b.text[:1].isdigit()]
        assert len(steps) == len(lesson.cards)
        for n, (step, card) in enumerate(zip(steps, lesson.cards, strict=True), 1):
            assert step.startswith(f"{n}. {card.do.vi}") and card.care.vi in step
        (needed,) = [b.text for b in slip.blocks if isinstance(b, Text) and "Cần có" in b.text]
        assert all(one.vi in needed for one in lesson.need)
        assert isinstance(slip.blocks[-1], Qr)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_lesson_fits_15_cm_of_paper(lessons: Lessons, width: WidthDots) -> None:
    """On paper of 80 and 58 mm, with all its steps, a doubt and a telephone."""
    for lesson in lessons.lessons:
        content: Any = content_of(lesson)
        slip = lesson_slip(
            title=content["title"], need=content["need"], cards=content["cards"],
            doubt=content["doubt"], house_name="Nhà văn hóa thôn Phú Đa", phone="0236 3555 123",
            qr=f"http://192.168.100.200:8080/learn/{lesson.id}",
        )  # fmt: skip
        assert draw_slip(slip, width).height <= MAX_HEIGHT_DOTS, lesson.id


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("name", ""), ("name", "x" * 61), ("why", "a\u0007b"), ("need_en", []), ("cards", []),
        ("confidence", "sure"), ("seen_on", "2026-02-30"), ("seen_on", None), ("id", "Cài VNeID"),
        ("colour", "green"), ("cards", [{"do": "a"}]),
    ],
)  # fmt: skip
def test_a_broken_lesson_is_named(table: dict[str, Any], where: str, value: Any) -> None:
    """Nothing is taken from a file with one fault; the error names the key."""
    broken = copy.deepcopy(table)
    broken["lessons"][1][where] = value
    with pytest.raises(BadInput) as e:
        parse(broken, "skills.toml")
    assert "lessons[2]" in str(e.value)
    assert where in str(e.value) or where == "cards"


def test_lessons_are_found_by_id(table: dict[str, Any], lessons: Lessons) -> None:
    """Twice the same id is refused; an unknown one is not found."""
    twice = copy.deepcopy(table)
    twice["lessons"].append(twice["lessons"][0])
    with pytest.raises(BadInput):
        parse(twice, "skills.toml")
    with pytest.raises(NotFound):
        lessons.get("nope")
    with pytest.raises(BadInput):
        parse({"lessons": []}, "skills.toml")
