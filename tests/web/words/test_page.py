"""This file proves the words for a page: the law's three, what to do, and no machine's code."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.web.assets import STATIC
from appliance.web.words.hint import HINTS
from appliance.web.words.page import _ADVICE, judged, opened_count, why_no_picture

from ..at_desk import BLURRED, GOOD
from ..conftest import House


@pytest.fixture(autouse=True)
def in_a_request(house: House) -> Any:
    with house.app.test_request_context("/", base_url="http://localhost"):
        yield


def test_a_good_page_has_the_words_of_the_law() -> None:
    words = judged(GOOD)
    assert (words.verdict, words.summary, words.advice) == ("good", "rõ nét, đầy đủ, toàn vẹn", [])


def test_a_bad_page_says_what_to_do() -> None:
    words = judged(BLURRED)
    assert words.verdict == "bad"
    assert words.summary == "chưa rõ nét, đầy đủ, toàn vẹn"
    assert words.advice == ["Ảnh bị mờ. Để giấy nằm yên, bỏ tay ra rồi chụp lại."]


def test_what_was_not_checked_is_for_a_person_to_look_at() -> None:
    for checks in ({}, {"sharp": None}, {"sharp": {"state": "unknown"}}, {"sharp": 3}):
        assert judged(checks).verdict == "look"
    none = {"state": "unknown", "value": None, "code": "no_sheet"}
    words = judged({"sharp": none, "complete": none, "unharmed": GOOD["unharmed"]})
    assert words.advice == ["Chưa thấy rõ mép giấy. Bạn kéo bốn góc vào đúng góc tờ giấy."]
    assert words.drawings == ["corners"] and words.by_hand


def test_several_sheets_are_a_question() -> None:
    none = {"state": "unknown", "value": None, "code": "no_sheet"}
    words = judged({"sharp": none, "complete": none | {"code": "several"}, "unharmed": none})
    assert words.by_hand and words.drawings == ["one"]
    assert words.advice == ["Có nhiều tờ. Chỉ để một tờ, hoặc kéo bốn góc vào tờ cần lấy."]


def test_every_advice_has_its_drawing() -> None:
    """Codes known or of tomorrow: a sentence, and a picture that is there."""
    for code in [*_ADVICE, "a_code_of_tomorrow", ""]:
        for state in ("bad", "unknown"):
            words = judged(GOOD | {"unharmed": {"state": state, "value": None, "code": code}})
            assert len(words.drawings) == len(words.advice)
            assert words.advice or state == "unknown"
            assert all((STATIC / f"do-{name}.svg").exists() for name in words.drawings)
    for words_of_hint in HINTS.values():
        assert str(words_of_hint.text).endswith(".")
        assert (STATIC / f"do-{words_of_hint.picture}.svg").exists()


def test_every_failure_has_a_sentence() -> None:
    """Known codes have their own, unknown ones a general one; none shows the code."""
    for code in ("camera_stalled", "disk_full", "wrong_key", "interrupted", "no_such_code", ""):
        sentence = why_no_picture(code)
        assert sentence.endswith(".") and "_" not in sentence
    assert [opened_count(code) for code in ("opened_3", "opened_x", "")] == [3, 0, 0]
