"""This file sees folds: a crease that runs through print, a corner folded over."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels, halved
from appliance.paper.scan.regions import TO_OPPONENT

STRIPS = 16
REACH_CELLS = 3
"""A crease is narrower than twice this: 3 mm of an A4 page."""
DEEPEST = 0.3
CREASED = 0.045
"""Share of the light that a crease loses all along, from rim to rim."""
WANDER = 2
RIM_CELLS, MARGIN_CELLS = 2, 9
"""Between these, from 1 to 4.5 mm from the rim, hardly anything is printed."""
INK = 0.35
PRINTED_STRIPS = 2
UNLIKE_PAPER = 13.0
LEAST_LEG, MOST_LEG = 0.035, 0.42
"""Legs of a missing corner, as shares of the page's short side."""
SEARCH_CELLS, FALL_CELLS, SHARP = 4, 2, 0.5
"""A fold has a sharp rim: half the way from table to flap within this many cells."""

Plane = NDArray[np.float32]


def quarter_of(page: Pixels) -> Pixels:
    """Return `page` as a grid of means of 4 x 4 pixels, half a millimetre at 200 dpi."""
    cells = page
    for _ in range(2):
        cells = halved(cells) if min(cells.shape[:2]) >= 128 else cells
    return cells


def crease(quarter: Pixels) -> float:
    """Return how much light the deepest crease through print loses all along its way (0 to 1).

    `quarter`: quarter_of() a straightened page, its light not yet evened (h x w x 3). Nothing
    printed runs from rim to rim through both margins; what does is the paper's own relief, and
    is weighed by its shallowest stretch.
    """
    grey = np.asarray(cv2.cvtColor(quarter, cv2.COLOR_BGR2GRAY), np.float32) + 4.0
    lying, standing = grey, np.ascontiguousarray(grey.T)
    return max(_deepest(lying), _deepest(standing))


def _deepest(grey: Plane) -> float:
    """Return the depth of the best path from the left rim to the right one."""
    d = REACH_CELLS
    if grey.shape[0] < 16 * d or grey.shape[1] < 2 * STRIPS:
        return 0.0
    soft = cv2.blur(grey, (3, 1))
    above, below, here = soft[: -2 * d], soft[2 * d :], soft[d:-d]
    beside = np.minimum(above, below)
    lost = np.clip((beside - here) / beside, 0, DEEPEST)
    inner = np.linspace(MARGIN_CELLS, grey.shape[1] - MARGIN_CELLS, STRIPS - 1).astype(int)
    edges = [RIM_CELLS, *inner.tolist(), grey.shape[1] - RIM_CELLS]
    depth = np.stack([lost[:, a:b].mean(1) for a, b in pairwise(edges)], 1)
    depth[: 4 * d], depth[-4 * d :] = 0, 0  # the sheet's own rim is no crease
    path = depth[:, 0]
    for strip in range(1, STRIPS):
        path = np.minimum(_wandered(path), depth[:, strip])
    best = int(path.argmax())
    return float(path[best]) if _printed_near(grey, best + d) else 0.0


def _wandered(path: Plane) -> Plane:
    """Return the best of the rows within WANDER: a crease may run a little aslant."""
    column = np.ones((2 * WANDER + 1, 1), np.uint8)
    return np.asarray(cv2.dilate(path[:, None], column), np.float32)[:, 0]


def _printed_near(grey: Plane, row: int) -> bool:
    """Return whether print lies on or near a row: a crease through blank paper harms nothing."""
    band = grey[max(0, row - 24) : row + 24]
    light = float(np.percentile(band, 90))
    strips = np.array_split(band, STRIPS, axis=1)
    return sum(float(strip.min()) < (1 - INK) * light for strip in strips) >= PRINTED_STRIPS


def folded_corner(quarter: Pixels) -> float:
    """Return the larger leg of a corner that is not there, as a share of the short side; 0: none.

    Where a corner is folded over, the table shows in a triangle with one straight, sharp side; a
    shadow in the corner is soft, and a card's rounding much smaller.
    """
    cells = halved(quarter)
    size = round(0.55 * min(cells.shape[:2]))
    if size < 24:
        return 0.0
    tone = np.asarray(cv2.transform(cells.astype(np.float32), TO_OPPONENT), np.float32)
    corners = tone[:size, :size], tone[:size, ::-1][:, :size], tone[::-1][:size, :size]
    last = tone[::-1, ::-1][:size, :size]
    return max(_missing(np.ascontiguousarray(corner), size / 0.55) for corner in (*corners, last))


def _missing(patch: Plane, short: float) -> float:
    """Return the larger leg of the triangle missing at the top left; `short`: the page's side."""
    size = patch.shape[0]
    v, u = np.mgrid[0:size, 0:size].astype(np.float32)
    far = (u + v > 0.8 * size) & (u + v < 1.3 * size)
    level = np.percentile(patch[far][:, 0], 75)
    paper = np.median(patch[far & (patch[..., 0] > 0.9 * level)], axis=0)
    off = np.linalg.norm((patch - paper) * [0.7, 1, 1], axis=2)
    unlike = off > UNLIKE_PAPER
    rim = 1
    legs = [_run(unlike[rim : rim + 3]), _run(unlike[:, rim : rim + 3].T)]
    if not all(LEAST_LEG * short < leg < MOST_LEG * short for leg in legs):
        return 0.0
    share = u / legs[0] + v / legs[1]
    core, around = (share < 0.8) & (u > rim) & (v > rim), (share > 1.15) & (share < 1.5)
    if not (core.any() and around.any()):
        return 0.0
    off = np.linalg.norm(patch - np.median(patch[around], axis=0), axis=2)  # unlike the flap
    if (off[core] > UNLIKE_PAPER).mean() < 0.8 or (off[around] > UNLIKE_PAPER).mean() > 0.5:
        return 0.0
    beyond = (share - 1) * (legs[0] * legs[1] / float(np.hypot(legs[0], legs[1])))
    way = float(np.median(off[core]) - np.median(off[around]))
    if _sharpest_fall(off, beyond) < SHARP * way:
        return 0.0
    return float(max(legs) / short)


def _sharpest_fall(off: Plane, beyond: Plane) -> float:
    """Return how much `off` falls at most within 2 mm across the line where `beyond` is 0."""
    steps = range(-SEARCH_CELLS, SEARCH_CELLS + 1)
    bands = [off[np.abs(beyond - at) <= 0.75] for at in steps]
    levels = np.array([band.mean() if len(band) else 0.0 for band in bands])
    return float((levels[:-FALL_CELLS] - levels[FALL_CELLS:]).max())


def _run(rows: NDArray[np.bool_]) -> int:
    """Return how far from the start most of a few rows are True without a break of three."""
    most = rows.mean(0) > 0.5
    gaps = np.flatnonzero(~most[:-2] & ~most[1:-1] & ~most[2:])
    return int(gaps[0]) if len(gaps) else len(most)
