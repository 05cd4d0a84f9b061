"""This file proves what a remark may hold: words, and nothing that leads to somebody."""

from __future__ import annotations

import unicodedata

import pytest

from appliance.core.voice import TEXT_MOST, check_text
from appliance.errors import BadInput

GOOD = "Đèn đường ngõ 12 tắt từ 19/11/2026, tối quá."


def test_a_good_remark() -> None:
    """Numbers of houses, dates and short counts are fine; NFD becomes NFC."""
    assert check_text(GOOD) == GOOD
    assert check_text(unicodedata.normalize("NFD", GOOD)) == GOOD
    assert len(check_text("x" * TEXT_MOST)) == TEXT_MOST


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "too_short"),
        ("tối quá", "too_short"),
        ("x" * (TEXT_MOST + 1), "too_long"),
        ("x" * 1_000_000, "too_long"),
        ("Gọi tôi số 0905 123 456 nhé", "names_somebody"),
        ("Gọi tôi số 0905.123.456 nhé", "names_somebody"),
        ("Căn cước 048073001234 bị sai", "names_somebody"),
        ("Số ０９０５１２３４５６ đây", "names_somebody"),
        ("Viết cho lan.nguyen@vidu.vn nhé", "names_somebody"),
        ("Đèn đường\x00 tắt rồi", "bad_text"),
    ],
)
def test_refused(text: str, code: str) -> None:
    with pytest.raises(BadInput) as e:
        check_text(text)
    assert e.value.code == code
