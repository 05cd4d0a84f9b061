"""This file lays a slip out and draws it: calm, large, never dithered, at most 15 cm of paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from appliance.core.calibration import Calibration
from appliance.core.slip import Slip
from appliance.core.slip_shorter import clip, shorten
from appliance.paper.slip.blocks import Codes, Piece, measure
from appliance.paper.slip.metrics import MAX_HEIGHT_DOTS, METRICS, Metrics, WidthDots
from appliance.paper.slip.raster import BLACK_BELOW, threshold

# Last resorts for texts far longer than ours: two lines each, then one.
_CLIPPED_CHARS: dict[WidthDots, tuple[int, ...]] = {576: (72, 39), 384: (48, 25)}


@dataclass(frozen=True)
class _Setting:
    pieces: list[Piece]
    height_dots: int


def draw_for(slip: Slip, tuned: Calibration) -> Image.Image:
    """Return `slip` as `draw_slip` does, for a printer a person has looked at."""
    return draw_slip(
        slip, tuned.width_dots, tuned.level, least_dots=tuned.least_dots, code_dots=tuned.code_dots
    )


def draw_slip(
    slip: Slip,
    width_dots: WidthDots,
    level: int = BLACK_BELOW,
    *,
    least_dots: int = 0,
    code_dots: int = 0,
) -> Image.Image:
    """Return `slip` as an "L" picture of 0 (black) and 255, `width_dots` wide.

    Grey below `level` becomes black. No letter is smaller than `least_dots`; `code_dots` a module
    of a QR code (0: the usual size).

    Sizes shrink step by step (never below 24 dots) until it fits 15 cm. If even the closest does
    not, long list lines end with "…", then lists with "còn n giấy nữa"; what still does not fit
    makes a longer slip, never one that is cut off.
    """
    choices = tuple(
        replace(
            sizes,
            body=max(sizes.body, least_dots),
            quiet=max(sizes.quiet, least_dots),
            code=code_dots,
        )
        for sizes in METRICS[width_dots]
    )
    setting = _fit(slip, width_dots, choices)
    image = Image.new("L", (width_dots, setting.height_dots), 255)
    pen = ImageDraw.Draw(image)
    top = 0
    for piece in setting.pieces:
        piece.draw(image, pen, top)
        top += piece.height_dots
    # Antialiased letters cut at one level keep their marks; the raster sees only black and white.
    return threshold(image, level).convert("L")


def _fit(slip: Slip, width_dots: WidthDots, choices: tuple[Metrics, ...]) -> _Setting:
    codes: Codes = {}
    for metrics in choices:
        setting = _set(slip, width_dots, metrics, codes)
        if setting.height_dots <= MAX_HEIGHT_DOTS:
            return setting
    closest = choices[-1]
    # A list line cut short still says which paper is meant; one left out does not.
    for max_chars in _CLIPPED_CHARS[width_dots]:
        setting = _set(clip(slip, max_chars), width_dots, closest, codes)
        if setting.height_dots <= MAX_HEIGHT_DOTS:
            return setting
    shorter = shorten(clip(slip, max_chars))
    while shorter is not None:
        setting = _set(shorter, width_dots, closest, codes)
        if setting.height_dots <= MAX_HEIGHT_DOTS:
            return setting
        shorter = shorten(shorter)
    return setting


def _set(slip: Slip, width_dots: WidthDots, metrics: Metrics, codes: Codes) -> _Setting:
    margin = Piece(metrics.gap, _nothing)
    pieces = [
        margin,
        *(measure(block, width_dots, metrics, codes) for block in slip.blocks),
        margin,
    ]
    return _Setting(pieces, sum(piece.height_dots for piece in pieces))


def _nothing(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
    """Blank paper."""
