"""This file judges a page with the words of the law: sharp, complete, unharmed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.covered import COVERED, NOT_BURNT, covered_share
from appliance.paper.scan.decode import Pixels
from appliance.paper.scan.folds import CREASED, crease, folded_corner
from appliance.paper.scan.glare import burnt_but_read, burnt_with_a_rim, veiled_share, washed_out
from appliance.paper.scan.quad import Quad

State = Literal["ok", "bad", "unknown"]

TILE_PX = 24
INKED = 70
"""Least contrast, of 255, of a tile that is taken to carry text."""
FAINT = 28
MIN_TILES = 8
MOST_ENLARGED = 2.0
SOFT_EDGE_PX = 5.0
"""Width of an edge at 200 dpi above which text is no longer sharp (3.6 is good)."""
SMEARED_PX = 5.0
"""The same one way only, in the sharpest tiles: still print has 3.6, print that moved 6 to 10."""
ONE_WAY, ONE_WAY_PX = 1.45, 3.5
"""Still print is at most 1.3 times as wide one way as another, what moved 1.4 to 4 times."""
NO_EDGE_PX = 30.0
WAYS = ((1, 0), (0, 1), (1, 1), (1, -1))
FRAME_MARGIN = 0.0025
ALONG_FRAME, ALONG_APART = 0.012, 0.001
"""A side this near the frame (of the photo's long side) and as parallel to it is the frame's."""
GLARE_LEVEL = 250
GLARE_SHARE, SPOT_SHARE = 0.0012, 0.0007
"""Share of the page burnt white: of any page, and where it ends at once, as a lamp's spot does."""


@dataclass(frozen=True)
class CheckWord:
    """One of the law's words. `code` is stable: it names what to do, "" when all is well."""

    state: State
    value: float | None
    code: str = ""


def judge_sharp(grey: Pixels, enlarged: float = 1.0) -> CheckWord:
    """Judge a 200 dpi page with even light (H x W grey): are the edges of its print steep?

    The value is the median width in pixels of the steepest edge in each tile that carries print;
    or, where that is narrow enough, the width across the direction in which all print is smeared:
    what moved keeps steep edges along its way, but has none across it, in no tile of the page.
    `enlarged`: a small paper is made larger for its page, and its edges wider, without being less
    sharp for that; but what was enlarged more than twice was photographed from too far away.
    Every second row of tiles is looked at; print is not sharp in one row and soft in the next.
    """
    found = edge_widths(grey)
    if found.shape[1] < MIN_TILES:
        return CheckWord("unknown", None, "little_text")
    found /= min(max(enlarged, 1.0), MOST_ENLARGED)
    width = float(np.median(found[:2].min(0)))
    if width > SOFT_EDGE_PX:
        return CheckWord("bad", round(width, 2), "blurred")
    ways = [way for way in map(_sharpest, found) if way > 0]
    smeared = max(ways, default=0.0)
    if smeared > SMEARED_PX or (smeared > ONE_WAY_PX and smeared > ONE_WAY * min(ways)):
        return CheckWord("bad", round(smeared, 2), "blurred")
    return CheckWord("ok", round(width, 2))


def edge_widths(grey: Pixels) -> NDArray[np.float64]:
    """Return WAYS x N: widths in pixels of the steepest edges in the N tiles that carry print."""
    strips = [grey[top : top + TILE_PX] for top in _rows_of_tiles(grey)]
    found = np.empty((len(WAYS), 0))
    for least in (INKED, FAINT):  # print far out of focus has little contrast left
        if found.shape[1] < MIN_TILES and strips:
            found = np.concatenate([_edge_widths(strip, least) for strip in strips], axis=1)
    return found


def _rows_of_tiles(grey: Pixels) -> range:
    return range(TILE_PX, grey.shape[0] - 2 * TILE_PX, 2 * TILE_PX)


def _edge_widths(strip: Pixels, least: int) -> NDArray[np.float64]:
    """Return WAYS x N: widths of the steepest edge each way in tiles with `least` contrast."""
    soft = cv2.GaussianBlur(strip, (5, 5), 0.8)
    height, width = soft.shape
    columns = (width - 2) // TILE_PX
    cut = columns * TILE_PX
    contrast = _per_tile(soft, cut, np.max) - _per_tile(soft, cut, np.min)
    widths = np.empty((len(WAYS), columns))
    for i, (x, y) in enumerate(WAYS):
        ahead = soft[1 + y : height - 1 + y, 1 + x : width - 1 + x]
        behind = soft[1 - y : height - 1 - y, 1 - x : width - 1 - x]
        slope = _per_tile(cv2.absdiff(ahead, behind), cut, np.max) / (2 * math.hypot(x, y))
        widths[i] = contrast / np.maximum(slope, 1e-3)
    return np.asarray(widths[:, contrast > least])


def _sharpest(widths: NDArray[np.float64]) -> float:
    """Return how wide edges are in the sharpest tenth of the tiles, one way; 0 in too few.

    A tile with nothing but a line along that way has no edge across it, and does not count.
    """
    edges = widths[widths < NO_EDGE_PX]
    return float(np.percentile(edges, 10)) if len(edges) >= MIN_TILES else 0.0


def _per_tile(plane: object, cut: int, take: Callable[..., Any]) -> NDArray[np.float64]:
    """Return `take` over each TILE_PX columns of the first `cut` columns."""
    rows = take(np.asarray(plane)[:, :cut], axis=0)
    return np.asarray(take(rows.reshape(-1, TILE_PX), axis=1), np.float64)


def judge_complete(
    quad: Quad | None, photo_px: tuple[int, int], *, several: bool = False
) -> CheckWord:
    """Judge whether the whole sheet lies inside the photo; value: least distance in pixels.

    `quad` None: none was sure, because there are `several` or for another reason.
    """
    if quad is None:
        return CheckWord("unknown", None, "several" if several else "no_sheet")
    far = np.array(photo_px) - 1 - quad
    nearest = float(min(quad.min(), far.min()))
    if nearest < FRAME_MARGIN * max(photo_px) or _along_frame(quad, far, max(photo_px)):
        return CheckWord("bad", round(nearest, 1), "cut_off")
    return CheckWord("ok", round(nearest, 1))


def _along_frame(quad: Quad, far: Quad, long_px: int) -> bool:
    """Return whether a side is where the picture ends: near it, and parallel to a pixel or so."""
    to_frame = np.hstack([quad, far])  # 4 corners x left, top, right, bottom
    following = np.roll(to_frame, -1, 0)
    near = np.maximum(to_frame, following) < ALONG_FRAME * long_px
    return bool((near & (np.abs(to_frame - following) < ALONG_APART * long_px)).any())


def _burnt_out(quarter: Pixels) -> bool:
    """Return whether a page mostly as bright as can be has lost print to it, or has a spot."""
    return washed_out(quarter) or (burnt_with_a_rim(quarter) and not burnt_but_read(quarter))


def judge_unharmed(
    cells: Pixels, quarter: Pixels | None = None, *, foldable: bool = True
) -> CheckWord:
    """Judge the 8 x 8 grid of a straightened page, its light not yet evened (h x w x 3).

    `quarter`: its 4 x 4 grid (folds.quarter_of), where folds are looked for, if it is `foldable`,
    and light thrown back over print. The value is the share of the page burnt out or veiled by
    glare, or covered by something coloured that reaches in over its rim (a finger, a pen, the edge
    of a plastic sleeve), or else the size of the folded corner or the depth of the crease, both 0
    to 1.
    """
    folding = quarter if foldable else None
    if folding is not None and (fold := folded_corner(folding)) > 0:
        return CheckWord("bad", round(fold, 4), "folded")
    if (covered := covered_share(cells)) > COVERED:
        return CheckWord("bad", round(covered, 4), "covered")
    blue, green, red = cv2.split(cells)
    darkest = np.asarray(cv2.min(cv2.min(blue, green), red), np.uint8)
    if float(np.percentile(darkest[::2, ::2], 75)) > NOT_BURNT:
        if quarter is not None and _burnt_out(quarter):
            return CheckWord("bad", None, "glare")
        return CheckWord("unknown", None, "overexposed")
    _, burnt = cv2.threshold(darkest, GLARE_LEVEL - 1, 255, cv2.THRESH_BINARY)
    share = cv2.countNonZero(burnt) / burnt.size
    spot = share > SPOT_SHARE and quarter is not None and burnt_with_a_rim(quarter)
    if (spot or share > GLARE_SHARE) and not (quarter is not None and burnt_but_read(quarter)):
        return CheckWord("bad", round(share, 4), "glare")
    if quarter is not None and (veiled := veiled_share(quarter)) > 0:
        return CheckWord("bad", round(veiled, 4), "glare")
    if folding is not None and (depth := crease(folding)) > CREASED:
        return CheckWord("bad", round(depth, 4), "folded")
    return CheckWord("ok", round(share, 4))
