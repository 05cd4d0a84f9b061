"""This file writes corners for addresses, says them in words, and moves one a little."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from appliance.core.corners import Point

NAMES = (
    _l("Góc trên bên trái"),
    _l("Góc trên bên phải"),
    _l("Góc dưới bên phải"),
    _l("Góc dưới bên trái"),
)
STEP = 0.005
NUDGES = (
    (_l("sang trái"), (-STEP, 0.0)),
    (_l("sang phải"), (STEP, 0.0)),
    (_l("lên trên"), (0.0, -STEP)),
    (_l("xuống dưới"), (0.0, STEP)),
)


def written(placed: Sequence[Point]) -> str:
    """Per cent of width and height: "12.5,8;…"."""
    return ";".join(f"{round(x * 100, 2):g},{round(y * 100, 2):g}" for x, y in placed)


def spoken(placed: Sequence[Point]) -> list[str]:
    """Where each corner is, for who cannot see the picture."""
    return [
        str(_("cách trái %(x)s, cách trên %(y)s phần trăm", x=round(x * 100), y=round(y * 100)))
        for x, y in placed
    ]


def nudged(placed: Sequence[Point], which: int, by: Point) -> list[Point]:
    """The corners with one moved, within the photo."""
    moved = list(placed)
    x, y = moved[which][0] + by[0], moved[which][1] + by[1]
    moved[which] = (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
    return moved
