"""This file judges a page with the words of the law: sharp, complete, unharmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from appliance.paper.decode import Pixels
from appliance.paper.quad import Quad

State = Literal["ok", "bad", "unknown"]

TILE_PX = 24
INKED = 70
"""Least contrast, of 255, of a tile that is taken to carry text."""
MIN_TILES = 8
SOFT_EDGE_PX = 5.0
"""Width of an edge at 200 dpi above which text is no longer sharp (3.6 is good)."""
FRAME_MARGIN = 0.0025
GLARE_LEVEL = 250
GLARE_SHARE = 0.0015


@dataclass(frozen=True)
class CheckWord:
    """One of the law's words. `code` is stable: it names what to do, "" when all is well."""

    state: State
    value: float | None
    code: str = ""


def judge_sharp(evened: Pixels) -> CheckWord:
    """Judge a 200 dpi page with even light (BGR): are the edges of its print steep?

    The value is the median width in pixels of the steepest edge in each tile that carries print.
    """
    grey = cv2.cvtColor(evened, cv2.COLOR_BGR2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), 0.8)
    across = cv2.convertScaleAbs(cv2.Sobel(grey, cv2.CV_16S, 1, 0, ksize=1), alpha=1.0)
    down = cv2.convertScaleAbs(cv2.Sobel(grey, cv2.CV_16S, 0, 1, ksize=1), alpha=1.0)
    slope = _tiles(np.asarray(cv2.max(across, down), np.uint8)).max((1, 3)) / 2.0
    tiles = _tiles(np.asarray(grey, np.uint8))
    contrast = tiles.max((1, 3)).astype(np.float64) - tiles.min((1, 3))
    inked = (contrast > INKED) & (slope > 0)
    if inked.sum() < MIN_TILES:
        return CheckWord("unknown", None, "little_text")
    width = float(np.median(contrast[inked] / slope[inked]))
    if width > SOFT_EDGE_PX:
        return CheckWord("bad", round(width, 2), "blurred")
    return CheckWord("ok", round(width, 2))


def judge_complete(quad: Quad | None, photo_px: tuple[int, int]) -> CheckWord:
    """Judge whether the whole sheet lies inside the photo; value: least distance in pixels."""
    if quad is None:
        return CheckWord("unknown", None, "no_sheet")
    far = np.array(photo_px) - 1 - quad
    nearest = float(min(quad.min(), far.min()))
    if nearest < FRAME_MARGIN * max(photo_px):
        return CheckWord("bad", round(nearest, 1), "cut_off")
    return CheckWord("ok", round(nearest, 1))


def judge_unharmed(flat: Pixels) -> CheckWord:
    """Judge a straightened page before its light is evened; value: share burnt out by glare."""
    small = cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    darkest = small.min(2)
    level = float(np.percentile(darkest, 75))
    if level > GLARE_LEVEL - 12:
        return CheckWord("unknown", None, "overexposed")
    burnt = (darkest >= GLARE_LEVEL).astype(np.uint8)
    burnt = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    share = float(burnt.mean())
    if share > GLARE_SHARE:
        return CheckWord("bad", round(share, 4), "glare")
    return CheckWord("ok", round(share, 4))


def _tiles(plane: Pixels) -> Pixels:
    """Return `plane` cut into rows x TILE_PX x columns x TILE_PX."""
    rows, columns = plane.shape[0] // TILE_PX, plane.shape[1] // TILE_PX
    cut = plane[: rows * TILE_PX, : columns * TILE_PX]
    return cut.reshape(rows, TILE_PX, columns, TILE_PX)
