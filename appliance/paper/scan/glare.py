"""This file sees light that a lamp throws back over print, whether or not it burns the paper out.

Reflected light is added to what the paper shows; more or less light on the paper multiplies it.
So under a reflection print loses contrast as much as the paper gains, and in the lit gap between
two shadows it loses none. Where no print tells, a bright place at the rim is taken for such a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels

BLOCK = 4
LEAST_BLOCKS = 16
SURROUNDINGS = 0.6
"""A bright place is narrower than this share of the page's short side; the lamp's light is not."""
BRIGHTER = 1.18
INKED, PRINTED = 0.15, 0.25
FEW_INKED, INKED_SHARE = 20, 0.08
KEPT = 0.6
"""Print keeps less than this of the contrast that it would have if the light only fell stronger."""
WEAK = 0.6
VEILED = 1.7
VEILED_BLANK, VEILED_RIM = 1.7, 2.6
NO_BRIGHTER = 1.05
"""What is no lighter than paper elsewhere on the page is lit like that, unless all speaks for it.
"""
BURNT = 250
WASHED_FROM, WASHED_TO = 0.1, 0.3
WASHED_KEPT = 0.6
RIM_BLOCKS = 2
RING_BLOCKS, FALLEN = 2, 6
"""This far from paper burnt white it is darker by this much: see burnt_with_a_rim."""
MOST_BURNT, LAMP_BLOCKS = 0.45, 1200
"""A lamp thrown back is less than this share of a page, or no larger than a card."""
READ_BLOCKS, READ_KEPT = 40, 0.9
WASHED_REACH = 7
WASHED_SHARE = 0.03

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class _Page:
    """Blocks of 2 mm: `light` of the paper, `contrast` of its print (0-1), `gain` over around."""

    light: Plane
    contrast: Plane
    gain: Plane


def veiled_share(fine: Pixels) -> float:
    """Return the share of a page under a reflection that takes its print half its contrast or more.

    `fine`: folds.quarter_of() a straightened page, its light not yet evened (h x w x 3).
    """
    page = _read(fine)
    if page is None:
        return 0.0
    _, labels, stats, _ = cv2.connectedComponentsWithStats((page.gain > BRIGHTER).astype(np.uint8))
    usual = _usual_contrast(page)
    height, width = labels.shape
    share = 0.0
    for n, (left, top, wide, high, area) in enumerate(stats.tolist()):
        if n == 0 or area < LEAST_BLOCKS:
            continue
        at_rim = left <= 0 or top <= 0 or left + wide >= width or top + high >= height
        if _reflected(page, labels == n, usual, at_rim=at_rim):
            share += area / labels.size
    return share


def washed_out(fine: Pixels) -> bool:
    """Return whether print is hardly seen any more on burnt-out paper (`fine` as above).

    Asked where most of the page is as bright as can be, and so nothing is brighter than the rest.
    """
    page = _read(fine)
    if page is None:
        return False
    inner = np.zeros_like(page.contrast)  # at the rim the table may show
    within = slice(RIM_BLOCKS, -RIM_BLOCKS), slice(RIM_BLOCKS, -RIM_BLOCKS)
    inner[within] = page.contrast[within]
    near = cv2.dilate(inner, np.ones((WASHED_REACH, WASHED_REACH), np.uint8))
    good = inner[inner > PRINTED]
    usual = float(np.percentile(good, 90)) if good.size > FEW_INKED else 0.0
    pale = (near > WASHED_FROM) & (near < max(WASHED_TO, WASHED_KEPT * usual))
    pale &= page.light >= BURNT
    # Around all print runs a ring from which only the soft edge of a letter is near.
    solid = cv2.morphologyEx(pale.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return cv2.countNonZero(solid) > WASHED_SHARE * solid.size


def burnt_with_a_rim(fine: Pixels) -> bool:
    """Return whether paper burnt white ends within millimetres (`fine` as above).

    Light thrown back by a sheet does; right under a lamp paper darkens slowly on all sides. Where
    half a page is burnt, the rim is that of a shadow.
    """
    page = _read(fine)
    if page is None:
        return False
    burnt = (page.light >= BURNT).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(burnt)
    for n, area in enumerate(stats[:, cv2.CC_STAT_AREA].tolist()):
        if n == 0 or not LEAST_BLOCKS <= area < max(MOST_BURNT * labels.size, LAMP_BLOCKS):
            continue
        away = cv2.distanceTransform((labels != n).astype(np.uint8), cv2.DIST_L2, 3)
        ring = page.light[(away >= RING_BLOCKS) & (away < RING_BLOCKS + 1)]
        if ring.size > LEAST_BLOCKS and float(np.median(ring)) < BURNT - FALLEN:
            return True
    return False


def burnt_but_read(fine: Pixels) -> bool:
    """Return whether what is burnt out is only paper near a lamp, its print as black as elsewhere.

    Right under a lamp white paper is as bright as can be, and hides nothing (`fine` as above).
    """
    page = _read(fine)
    if page is None:
        return False
    burnt, printed = page.light >= BURNT, page.contrast > PRINTED
    within, beside = page.contrast[burnt & printed], page.contrast[~burnt & printed]
    if min(within.size, beside.size) < READ_BLOCKS:
        return False
    return bool(np.median(within) > READ_KEPT * np.median(beside))


def _read(fine: Pixels) -> _Page | None:
    # Of the darkest channel: red and blue ink are as dark as black in one of them.
    blue, green, red = cv2.split(fine)
    darkest = np.asarray(cv2.min(cv2.min(blue, green), red), np.uint8)
    high, wide = darkest.shape[0] // BLOCK, darkest.shape[1] // BLOCK
    if min(high, wide) < 8:
        return None
    darkest = darkest[: high * BLOCK, : wide * BLOCK]
    dark, bright = _blocks(darkest, np.minimum), _blocks(darkest, np.maximum)
    bridged = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    light = np.maximum(cv2.medianBlur(bridged, 3), 1).astype(np.float32)
    contrast = np.clip(1 - dark / light, 0, 1).astype(np.float32)
    side = round(SURROUNDINGS * min(high, wide)) | 1
    around = cv2.morphologyEx(light, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return _Page(light, contrast, np.asarray(light / around, np.float32))


def _blocks(plane: Pixels, take: np.ufunc) -> Pixels:
    """Return the least or the most of each BLOCK x BLOCK."""
    rows = take.reduce([plane[k::BLOCK] for k in range(BLOCK)])
    return np.asarray(take.reduce([rows[:, k::BLOCK] for k in range(BLOCK)]), np.uint8)


def _usual_contrast(page: _Page) -> float:
    """Return the contrast of good print where nothing is brighter than around it."""
    printed = page.contrast > PRINTED
    usual = printed & (page.gain < 1.08)
    taken = usual if usual.sum() > FEW_INKED else printed
    return float(np.percentile(page.contrast[taken], 80)) if taken.sum() > FEW_INKED else 0.0


def _reflected(page: _Page, place: NDArray[np.bool_], usual: float, *, at_rim: bool) -> bool:
    """Return whether a bright place has light added to it, and not only more of the lamp's."""
    gain = float(np.percentile(page.gain[place], 95))
    core = place & (page.gain > 1 + (gain - 1) / 2)
    contrast = page.contrast[core]
    # 1 under a reflection, as large as the gain under stronger light, small for faint print.
    undone = float(np.percentile(contrast * page.gain[core], 96)) / max(usual, 0.1)
    inked = int((contrast > INKED).sum())
    if undone > KEPT * gain:
        return False
    if inked >= FEW_INKED and inked >= INKED_SHARE * contrast.size and undone > WEAK:
        lit_as_well = at_rim and _brighter_than_rest(page, place) < NO_BRIGHTER
        return gain > (VEILED_RIM if lit_as_well else VEILED)
    return gain > (VEILED_RIM if at_rim else VEILED_BLANK)


def _brighter_than_rest(page: _Page, place: NDArray[np.bool_]) -> float:
    """Return how much lighter a place is than the best lit paper anywhere else on the page."""
    away = cv2.dilate(place.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    rest = float(np.percentile(page.light[away], 97)) if away.any() else 1.0
    return float(np.percentile(page.light[place], 90)) / max(rest, 1.0)
