"""This file finds Be Vietnam Pro in its package and measures its words once.

The BASIC layout engine is asked for by name: Pillow's other engine loads a system library, and
where that is missing it falls back silently and every line breaks elsewhere. BASIC does not join
letters with loose marks, so text arrives in NFC (`core.slip` sees to that).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PIL import ImageFont

from appliance.errors import ConfigError

FAMILY = "Be Vietnam Pro"
Weight = Literal["medium", "bold"]
_WEIGHTS: dict[Weight, int] = {"medium": 500, "bold": 700}
# Debian's fonts-noto-core, where the package is missing: all 134 accented letters are in it too.
_STAND_INS: dict[Weight, str] = {"medium": "NotoSans-Medium.ttf", "bold": "NotoSans-Bold.ttf"}
# No font draws a noncharacter, so this gives the box that stands for a missing letter.
_NO_LETTER = "\U0010ffff"


class Face:
    """One weight at one size; widths in dots, remembered word by word."""

    def __init__(self, weight: Weight, size_dots: int) -> None:
        self.weight: Weight = weight
        self.size_dots = size_dots
        self.font = _open(weight, size_dots)
        self.ascent_dots, self.descent_dots = self.font.getmetrics()
        self.line_dots = round(size_dots * 1.4)  # Ẩ over ộ must not touch
        self._widths: dict[str, float] = {}
        self.space_dots = self.width_dots(" ")

    def width_dots(self, word: str) -> float:
        """Width of `word` set solid, in dots."""
        known = self._widths.get(word)
        if known is None:
            if len(self._widths) > 4000:  # a year of codes and numbers must not pile up
                self._widths.clear()
            known = self._widths[word] = self.font.getlength(word)
        return known

    def line_width_dots(self, line: str) -> float:
        """Width of a line of words parted by single spaces, in dots."""
        words = line.split(" ")
        return sum(map(self.width_dots, words)) + self.space_dots * (len(words) - 1)


@lru_cache(maxsize=48)
def face(weight: Weight, size_dots: int) -> Face:
    """The shared face of one weight and size."""
    return Face(weight, size_dots)


def missing_letters(text: str) -> str:
    """Return the letters of `text` that would come out as an empty box, each once."""
    return "".join(letter for letter in dict.fromkeys(text) if not _has_letter(letter))


@lru_cache(maxsize=2048)
def _has_letter(letter: str) -> bool:
    if letter.isspace():
        return True
    font = face("medium", 24).font
    box, mask = font.getmask(_NO_LETTER), font.getmask(letter)
    return mask.size != box.size or bytes(mask) != bytes(box)


def _open(weight: Weight, size_dots: int) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.BASIC
    try:
        return ImageFont.truetype(_packaged(weight), size_dots, layout_engine=engine)
    except (ImportError, OSError, LookupError) as missing:
        try:
            return ImageFont.truetype(_STAND_INS[weight], size_dots, layout_engine=engine)
        except OSError:
            raise ConfigError(
                f"The font {FAMILY} is not installed: set the environment up again (./hien), or"
                " install Debian's fonts-noto-core.",
                code="font_missing",
            ) from missing


@lru_cache(maxsize=4)
def _packaged(weight: Weight) -> str:
    import fontpkg

    try:
        return str(fontpkg.path(FAMILY, _WEIGHTS[weight]))
    except fontpkg.FontpkgError as not_there:
        raise LookupError(str(not_there)) from not_there
