"""This file draws what no font is trusted with: ticks, boxes, dots and the test ruler."""

from __future__ import annotations

from PIL import ImageDraw

from appliance.core.slip import Mark
from appliance.paper.font import face
from appliance.paper.slip.metrics import DOTS_PER_MM

_RULER_ROWS = 64
_PATCH_ROWS = 40


def draw_mark(pen: ImageDraw.ImageDraw, mark: Mark, left: int, top: int, side: int) -> None:
    """A tick for done, an open box for missing, a dot for bring; nothing for "còn n giấy nữa"."""
    stroke = max(3, side // 7)
    if mark == "done":
        elbow = (left + side * 0.36, top + side * 0.82)
        start, end = (left + side * 0.04, top + side * 0.5), (left + side * 0.98, top + side * 0.12)
        pen.line((start, elbow, end), fill=0, width=stroke + 1, joint="curve")
    elif mark == "missing":
        pen.rectangle((left, top, left + side - 1, top + side - 1), outline=0, width=stroke)
    elif mark == "bring":
        inset = side // 4
        pen.ellipse((left + inset, top + inset, left + side - inset, top + side - inset), fill=0)


def ruler_height_dots() -> int:
    """Rows that `draw_ruler` fills."""
    return _RULER_ROWS + 2 * _PATCH_ROWS + 16


def draw_ruler(pen: ImageDraw.ImageDraw, top: int, width_dots: int) -> None:
    """Edge bars, a millimetre scale, and patches of full, half and fine black."""
    base = top + _RULER_ROWS - 1
    pen.rectangle((0, top, 5, base), fill=0)
    pen.rectangle((width_dots - 6, top, width_dots - 1, base), fill=0)
    digits = face("medium", 24)
    for mm in range(0, width_dots // DOTS_PER_MM + 1):
        x = min(mm * DOTS_PER_MM, width_dots - 1)
        tick = 22 if mm % 10 == 0 else 16 if mm % 5 == 0 else 9
        pen.line((x, base - tick, x, base), fill=0, width=2 if mm % 10 == 0 else 1)
        if mm % 10 == 0 and 0 < mm * DOTS_PER_MM < width_dots - 30:
            pen.text((x, base - 26), str(mm), fill=0, font=digits.font, anchor="ms")
    patch = base + 9
    third = width_dots // 3
    pen.rectangle((0, patch, third - 9, patch + 2 * _PATCH_ROWS - 1), fill=0)
    for x in range(third, 2 * third - 8, 4):
        pen.rectangle((x, patch, x + 1, patch + 2 * _PATCH_ROWS - 1), fill=0)
    for y in range(patch, patch + 2 * _PATCH_ROWS, 4):
        pen.rectangle((2 * third, y, width_dots - 1, y + 1), fill=0)
