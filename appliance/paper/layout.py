"""This file lays a slip out and draws it: calm, large, never dithered, at most 15 cm of paper."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from appliance.core.slip import Slip, shorten
from appliance.paper.blocks import Piece, measure
from appliance.paper.metrics import MAX_HEIGHT_DOTS, METRICS, Metrics, WidthDots
from appliance.paper.raster import THRESHOLD


@dataclass(frozen=True)
class _Setting:
    pieces: list[Piece]
    height_dots: int


def draw_slip(slip: Slip, width_dots: WidthDots) -> Image.Image:
    """Return `slip` as an "L" picture of 0 (black) and 255, `width_dots` wide.

    Sizes shrink step by step (never below 24 dots) until it fits 15 cm; if even
    the closest does not, the longest lists end with "và n giấy nữa". Without lists to shorten the
    slip is longer rather than cut off.
    """
    setting = _fit(slip, width_dots)
    image = Image.new("L", (width_dots, setting.height_dots), 255)
    pen = ImageDraw.Draw(image)
    top = 0
    for piece in setting.pieces:
        piece.draw(image, pen, top)
        top += piece.height_dots
    # Antialiased letters cut at one level keep their marks; the raster sees only black and white.
    return image.point([0] * THRESHOLD + [255] * (256 - THRESHOLD))


def _fit(slip: Slip, width_dots: WidthDots) -> _Setting:
    choices = METRICS[width_dots]
    for metrics in choices:
        setting = _set(slip, width_dots, metrics)
        if setting.height_dots <= MAX_HEIGHT_DOTS:
            return setting
    while setting.height_dots > MAX_HEIGHT_DOTS:
        shorter = shorten(slip)
        if shorter is None:
            break
        slip = shorter
        setting = _set(slip, width_dots, choices[-1])
    return setting


def _set(slip: Slip, width_dots: WidthDots, metrics: Metrics) -> _Setting:
    margin = Piece(metrics.gap, _nothing)
    pieces = [margin, *(measure(block, width_dots, metrics) for block in slip.blocks), margin]
    return _Setting(pieces, sum(piece.height_dots for piece in pieces))


def _nothing(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
    """Blank paper."""
