"""This file proves what becomes of texts from outside, and how dates are said."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.day_words import date_words, moment_words, time_words, wait_words
from appliance.core.texts import one_line
from appliance.core.visit import DONE, done_lines, dossier_code
from appliance.errors import BadInput


@given(st.text(max_size=300))
def test_a_text_is_composed_one_line_and_short_or_refused(text: str) -> None:
    try:
        clean = one_line(text, most=40)
    except BadInput as e:
        assert e.code in ("too_long", "bad_text")
        return
    assert clean == unicodedata.normalize("NFC", clean)
    assert len(clean) <= 40 and "\n" not in clean and clean == clean.strip()


def test_decomposed_vietnamese_is_composed() -> None:
    assert one_line(unicodedata.normalize("NFD", "Nguyễn  Thị\tẤm"), most=40) == "Nguyễn Thị Ấm"


def test_emoji_are_characters_like_others() -> None:
    assert one_line("Chị Lan 🙂", most=10) == "Chị Lan 🙂"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\x1b[31m"])
def test_what_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        one_line(text, most=40)


def test_a_novel_is_not_even_normalised() -> None:
    with pytest.raises(BadInput) as e:
        one_line("x" * 10_000_000, most=40)
    assert e.value.code == "too_long"


def test_dates_are_said_as_people_say_them() -> None:
    assert date_words(date(2026, 11, 24)) == "thứ Ba, ngày 24 tháng 11"
    assert date_words(date(2026, 11, 29)) == "Chủ nhật, ngày 29 tháng 11"
    assert time_words(datetime(2026, 11, 24, 8, 5)) == "8 giờ 05"
    assert time_words(datetime(2026, 11, 24, 15, 0)) == "15 giờ"
    assert moment_words(datetime(2026, 11, 24, 15, 0)) == "15 giờ, thứ Ba, ngày 24 tháng 11"
    assert [wait_words(s) for s in (5, 600, 3600, 5400)] == [
        "khoảng 1 phút", "khoảng 10 phút", "khoảng 1 giờ", "khoảng 1 giờ 30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", None),
        ("  ", None),
        ("H15.50.05.13-261008-0975", "H15.50.05.13-261008-0975"),
        (" h15.50.05.13 - 261008 - 0975 ", "H15.50.05.13-261008-0975"),
        ("G01-261008-1234567", "G01-261008-1234567"),
    ],
)
def test_a_dossier_code_is_read_as_typed(typed: str, kept: str | None) -> None:
    assert dossier_code(typed) == kept


@pytest.mark.parametrize("typed", ["H15", "H15-26100-0975", "H15-261008-12345678", "٣٣", "H" * 99])
def test_what_is_no_dossier_code_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        dossier_code(typed)


def test_done_lines_come_from_the_list_only_and_in_its_order() -> None:
    assert done_lines(["advised", "submitted"]) == [DONE["submitted"], DONE["advised"]]
    with pytest.raises(BadInput):
        done_lines(["Nguyễn Văn A đã nộp"])
