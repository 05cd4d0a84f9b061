"""This file proves that a slip holds clean text whatever came in, and no secret in its repr."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.slip import (
    MAX_TEXT_CHARS,
    Big,
    Item,
    KeyValue,
    Qr,
    Slip,
    Text,
    Title,
    clean_text,
)
from appliance.errors import BadInput


def test_decomposed_letters_are_joined_on_entry() -> None:
    """A phone that types NFD gives the same slip as one that types NFC."""
    words = "Đăng ký khai sinh – giấy chứng nhận kết hôn"
    decomposed = unicodedata.normalize("NFD", words)
    assert decomposed != words
    for block in (Title(decomposed), Text(decomposed), Item(decomposed, "bring")):
        assert block.text == words
    pair = KeyValue(unicodedata.normalize("NFD", "Mời bác"), unicodedata.normalize("NFD", "thứ Ba"))
    assert (pair.key, pair.value) == ("Mời bác", "thứ Ba")


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("Xong rồi 👍🏽 ạ", "Xong rồi ạ"),
        ("hai\ndòng\tmột", "hai dòng một"),
        ("a\u200bb\u202ec\x00d", "abcd"),
        ("z̴̧̢a", "za"),
        ("25 °C", "25 °C"),
        ("50.000 ₫", "50.000 ₫"),
        ("👨‍👩‍👧", ""),
    ],
)
def test_what_paper_cannot_carry_is_dropped(given_text: str, kept: str) -> None:
    """Emoji, control characters, bidi tricks and stacked marks go; words and money stay."""
    assert clean_text(given_text) == kept


@given(st.text(max_size=400))
def test_any_text_becomes_short_clean_and_stays_so(text: str) -> None:
    """Whatever arrives: NFC, one line, within the limit, and cleaning twice changes nothing."""
    once = clean_text(text)
    assert len(once) <= MAX_TEXT_CHARS
    assert once == unicodedata.normalize("NFC", once)
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Mn"} for letter in once)
    assert clean_text(once) == once


def test_a_long_text_ends_at_a_word() -> None:
    """Cut text says that it was cut, and no word is torn."""
    cut = clean_text("giấy tờ " * 60)
    assert cut.endswith("…")
    assert set(cut[:-1].split()) == {"giấy", "tờ"}


@pytest.mark.parametrize("content", ["", "mật", "a\nb", "x" * 201])
def test_a_qr_code_holds_short_printable_ascii(content: str) -> None:
    """Anything else would be read back as something else."""
    with pytest.raises(BadInput):
        Qr(content)


def test_the_secret_is_not_in_the_repr() -> None:
    """A slip that ends up in a log or a traceback does not give the key away."""
    slip = Slip("ticket", (Big("12"), Qr("http://h/t#AGE-SECRET-KEY-1ABC", "Mã")))
    assert "SECRET" not in repr(slip)


def test_an_empty_slip_is_refused() -> None:
    with pytest.raises(BadInput):
        Slip("ticket", ())
