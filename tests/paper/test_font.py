"""This file proves that all 134 letters are in the font and that no two of them print alike."""

from __future__ import annotations

from itertools import combinations

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from appliance.core.slip_texts import ACCENTED_LETTERS
from appliance.paper.font import Weight, face, missing_letters


@pytest.mark.parametrize("weight", ["medium", "bold"])
def test_the_font_file_has_every_accented_letter(weight: Weight) -> None:
    """Read by another library than the one that draws: the font's own table of letters."""
    path = face(weight, 24).font.path
    with TTFont(path) as font:
        known = font.getBestCmap()
    assert [letter for letter in ACCENTED_LETTERS if ord(letter) not in known] == []
    assert missing_letters(ACCENTED_LETTERS + "0123456789 ₫%–“”…/():,.-") == ""


def test_letters_that_are_not_there_are_named() -> None:
    """The edge can refuse them; on paper they would be empty boxes."""
    assert missing_letters("Số 中 số 文中") == "中文"


def dots_of(letter: str, weight: Weight, size_dots: int) -> int:
    """The letter's black dots, as one number with a bit each."""
    cell = Image.new("L", (64, 64), 255)
    font = face(weight, size_dots).font
    ImageDraw.Draw(cell).text((8, 48), letter, fill=0, font=font, anchor="ls")
    return int.from_bytes(cell.point([1] * 128 + [0] * 128, "1").tobytes(), "big")


@pytest.mark.parametrize(("weight", "size_dots"), [("medium", 24), ("medium", 30), ("bold", 24)])
def test_no_two_letters_look_alike_on_paper(weight: Weight, size_dots: int) -> None:
    """Black and white at the smallest size used, any two letters differ in at least 4 dots.

    This is also what tells real letters from a font that draws one box for all of them.
    """
    drawn = {letter: dots_of(letter, weight, size_dots) for letter in ACCENTED_LETTERS}
    assert all(drawn.values())
    closest = min(
        combinations(drawn, 2), key=lambda two: (drawn[two[0]] ^ drawn[two[1]]).bit_count()
    )
    assert (drawn[closest[0]] ^ drawn[closest[1]]).bit_count() >= 4, closest
