"""This file is how one printer prints best, as a person saw it on the page printed for that."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from appliance.errors import BadInput

Dots = Literal[576, 384]
Darkness = Literal["faint", "right", "heavy"]

DARKNESSES: tuple[Darkness, ...] = get_args(Darkness)
# Paper of 58 mm carries no larger code than 6 dots a module with its quiet zone.
CODE_DOTS: dict[int, tuple[int, ...]] = {576: (4, 5, 6, 7), 384: (4, 5, 6)}
USUAL_CODE_DOTS: dict[int, int] = {576: 6, 384: 5}
LETTER_DOTS = (24, 28, 32)
# Where grey becomes black, of 255: strokes grow for a faint head and shrink for one that smears.
_LEVELS: dict[Darkness, int] = {"faint": 190, "right": 128, "heavy": 90}


@dataclass(frozen=True)
class Calibration:
    """`width_dots` of its line, `least_dots` the smallest letters still read, `code_dots` a module
    of a QR code, `cuts` whether it has a knife."""

    width_dots: Dots
    darkness: Darkness = "right"
    cuts: bool = True
    least_dots: int = 24
    code_dots: int = 0

    def __post_init__(self) -> None:
        if self.width_dots not in CODE_DOTS:
            raise BadInput(f"a line has 576 or 384 dots, not {self.width_dots}", code="bad_width")
        if self.darkness not in DARKNESSES:
            raise BadInput("the print is faint, right or heavy", code="bad_darkness")
        if self.least_dots not in LETTER_DOTS:
            raise BadInput(f"letters are one of {LETTER_DOTS} dots", code="bad_letters")
        if self.code_dots == 0:
            object.__setattr__(self, "code_dots", USUAL_CODE_DOTS[self.width_dots])
        if self.code_dots not in CODE_DOTS[self.width_dots]:
            raise BadInput(
                f"codes are one of {CODE_DOTS[self.width_dots]} dots a module", code="bad_codes"
            )

    @property
    def level(self) -> int:
        """Grey below this is black."""
        return _LEVELS[self.darkness]

    def as_text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


def from_text(text: str | None) -> Calibration | None:
    """What was kept; None when nothing was, or it cannot be read."""
    try:
        found: Any = json.loads(text) if text else None
        return Calibration(**found) if isinstance(found, dict) else None
    except (ValueError, TypeError):
        return None


def code_dots_for(width_dots: int, read: Collection[int]) -> int:
    """The size of codes after a phone read those of `read` dots a module: one step above the
    smallest that was read, for worn paper, and never below the usual size."""
    sizes = CODE_DOTS[width_dots]
    legible = [size for size in sizes if size in read]
    if not legible:
        return sizes[-1]
    step_up = min(sizes.index(legible[0]) + 1, len(sizes) - 1)
    wanted = max(sizes[step_up], USUAL_CODE_DOTS[width_dots])
    return min((size for size in legible if size >= wanted), default=legible[-1])
