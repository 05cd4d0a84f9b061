"""This file proves that lines lose nothing, fit, and keep dates and telephone numbers whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.paper.font import Face, face
from appliance.paper.slip.wrap import wrap, wrap_evenly

LETTERS = face("medium", 26)


@pytest.mark.parametrize("breaker", [wrap, wrap_evenly])
@settings(max_examples=60, deadline=None)
@given(text=st.text("aăâbcdđêếệ ,.–0123", max_size=120), width=st.integers(60, 560))
def test_every_letter_is_kept_and_every_line_fits(
    breaker: Callable[[str, Face, float], list[str]], text: str, width: int
) -> None:
    lines = breaker(text, LETTERS, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(LETTERS.line_width_dots(line) <= width for line in lines)


@settings(max_examples=60, deadline=None)
@given(text=st.text("abcd ,0123", max_size=120), width=st.integers(100, 560))
def test_even_lines_are_not_more_lines(text: str, width: int) -> None:
    assert len(wrap_evenly(text, LETTERS, width)) == len(wrap(text, LETTERS, width))


def test_a_date_breaks_where_one_would_pause() -> None:
    bold = face("bold", 44)
    lines = wrap_evenly("thứ Ba, ngày 24 tháng 11, trước 3 giờ chiều", bold, 552)
    assert lines == ["thứ Ba, ngày 24 tháng 11,", "trước 3 giờ chiều"]


def test_a_telephone_number_is_not_torn_while_it_fits() -> None:
    lines = wrap_evenly("chị Hoa trực ban 0900 123 456", face("bold", 44), 420)
    assert any("0900 123 456" in line for line in lines)


def test_a_code_too_long_for_a_line_breaks_at_a_joint() -> None:
    lines = wrap("H29.18.01-251124-0012345", face("bold", 28), 300)
    assert lines == ["H29.18.01-251124-", "0012345"]
