"""This file proves that a note to a house names nobody: short words pass, names do not."""

from __future__ import annotations

import pytest

from ward.dossier_notes import CHOICES, BadNote, check


@pytest.mark.parametrize(
    "text",
    ["", "Trang 2 bị mờ", "đến trước 15/12/2026", "anh chụp lại trang sau", "Nộp 2 bản sao",
     "gọi lại lúc 14 giờ 30", "Bộ phận một cửa, tầng 1"],
)  # fmt: skip
def test_short_words_about_papers_pass(text: str) -> None:
    assert check(CHOICES[0], text) == f"{CHOICES[0]} {text}".strip()


@pytest.mark.parametrize(
    "text",
    ["gọi Nguyễn Văn An", "nhắn bà Lan", "Ông Đức thiếu giấy", "CCCD 079123456789", "0905 123 456",
     "0905.123.456", "lan@vidu.vn", "x" * 101, "a\x00b"],
)  # fmt: skip
def test_what_may_be_of_somebody_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(BadNote, match=r"\.$"):
        check("", text)


def test_only_sentences_of_the_list_are_taken_as_such() -> None:
    with pytest.raises(BadNote):
        check("Nguyễn Văn An", "")
