"""This file looks for a second paper: beside the sheet that was found, over its rim, or upon it."""

from __future__ import annotations

import math
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels
from appliance.paper.scan.quad import PAPER_MM, Quad, area, shared_area
from appliance.paper.scan.regions import MIN_SHARE, Scene

OTHER_SHEET = 0.12
"""A quad with a corner farther off than this share of a sheet's size is another sheet."""
STICKING_OUT = 0.1
LEAST_PART, HARDLY = 0.3, 0.05
LIGHTER_OR_DARKER = 0.62
"""Paper in another light than the sheet's: from this share of its lightness to the inverse."""
SAME_COLOUR, OTHER_COLOUR = 0.07, 0.035
"""How far colours, as a share of their lightness, lie apart on two papers, and on a card at least.
"""
THINNED = 2
"""Every second pixel each way is looked at; the lengths in pixels below are of those."""
RIM_PX, SOLID_PX, CLOSED_PX = 3, 5, 3
CARD_SHARE = 0.04, 0.45
"""A card upon an A4 covers a fourteenth of it, upon an A6 not a third."""
FILLED = 0.8
CARD_LOG = math.log(PAPER_MM["ID-1"][0] / PAPER_MM["ID-1"][1])
CARD_LOG_RATIO, CARD_ITSELF = 0.12, 0.08

DARK = 12.0
Floats = NDArray[np.float64]
Plane = NDArray[np.float32]


def corner_gaps(quads: Floats, others: Floats) -> Floats:
    """Return M x N: the largest distance of a corner of one quad from that of another, in pixels.

    Of a sheet that lies at 45 degrees any corner may come first.
    """
    turned = [np.roll(others, k, 1) for k in range(4)]
    apart = [np.abs(quads[:, None] - some[None]).max((2, 3)) for some in turned]
    return np.asarray(np.min(apart, axis=0))


def rival(quads: Floats, chances: Floats, best: int) -> float:
    """Return the best chance of another sheet, beside the best one or lying half over it.

    What lies wholly within is taken for print: a table, a picture, a frame. But where two lie
    within, side by side, it is the outline around them that was taken for one sheet.
    """
    first = quads[best]
    size, gaps = float(np.ptp(first, axis=0).max()), corner_gaps(quads, first[None])[:, 0]
    others, within = [0.0], []
    for j in np.flatnonzero(gaps > OTHER_SHEET * size):
        if _encloses(first, quads[j]):
            within.append(j)
        elif not _encloses(quads[j], first):
            others.append(float(chances[j]))
    parts = [j for j in within if float(area(quads[j])) > LEAST_PART * float(area(first))]
    pairs = [pair for pair in combinations(parts, 2) if _apart(quads[pair[0]], quads[pair[1]])]
    others += [float(min(chances[i], chances[j])) for i, j in pairs]
    return max(others)


def _apart(one: Quad, other: Quad) -> bool:
    """Return whether two quads hardly cover anything together."""
    return shared_area(one, other) < HARDLY * min(float(area(one)), float(area(other)))


def paper_elsewhere(scene: Scene, quad: Quad) -> bool:
    """Return whether a patch as large as a sheet lies outside `quad` that may be paper like it.

    `quad`: in pixels of the small picture. White tables may, too: it is a reason to look again.
    """
    tone, inside = _thinned(scene, quad)
    paper = _paper_of(tone, inside)
    light = tone[..., 0]
    alike = (light > LIGHTER_OR_DARKER * paper[0]) & (light < paper[0] / LIGHTER_OR_DARKER)
    alike &= _colour_off(tone, paper) < SAME_COLOUR
    around = cv2.dilate(inside, np.ones((2 * RIM_PX + 1, 2 * RIM_PX + 1), np.uint8)) == 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(_solid(alike & around))
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0)) > MIN_SHARE * inside.size


def card_upon(scene: Scene, quad: Quad) -> bool:
    """Return whether a patch of another colour in the shape of a card lies upon the sheet.

    Upon a card itself there is a photo, and its colours run into each other.
    """
    lengths = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    long, short = sorted((lengths[0] + lengths[2], lengths[1] + lengths[3]), reverse=True)
    if abs(math.log(long / short) - CARD_LOG) < CARD_ITSELF:
        return False
    tone, inside = _thinned(scene, quad)
    inner = cv2.erode(inside, np.ones((RIM_PX + 1, RIM_PX + 1), np.uint8))
    patch = _solid((_colour_off(tone, _paper_of(tone, inside)) > OTHER_COLOUR) & (inner > 0))
    contours, _ = cv2.findContours(patch, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    whole = float(area(quad)) / THINNED**2
    return any(_card_shaped(np.asarray(contour, np.int32), whole) for contour in contours)


def _card_shaped(contour: NDArray[np.int32], whole: float) -> bool:
    short, long = sorted(cv2.minAreaRect(contour)[1])
    if short < SOLID_PX or not CARD_SHARE[0] < short * long / whole < CARD_SHARE[1]:
        return False
    filled = cv2.contourArea(cv2.convexHull(contour)) / (short * long)
    return filled > FILLED and abs(math.log(long / short) - CARD_LOG) < CARD_LOG_RATIO


def _encloses(quad: Quad, other: Quad) -> bool:
    """Return whether `other` (4 x 2) lies in `quad`, or hardly leaves it."""
    side = np.roll(quad, -1, 0) - quad
    inward = np.stack([-side[:, 1], side[:, 0]], 1) / (np.linalg.norm(side, axis=1)[:, None] + 1e-9)
    depth = ((other[:, None] - quad[None]) * inward[None]).sum(2)
    return bool(depth.min() > -STICKING_OUT * np.ptp(other, axis=0).max())


def _thinned(scene: Scene, quad: Quad) -> tuple[Plane, Pixels]:
    """Return every second pixel each way of the tones (h x w x 3), and a mask of the sheet."""
    tone = np.ascontiguousarray(scene.tone[::THINNED, ::THINNED])
    mask = np.zeros(tone.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(quad / THINNED).astype(np.int32), 1)
    return tone, mask


def _paper_of(tone: Plane, inside: Pixels) -> NDArray[np.float32]:
    """Return the lightness of the paper in a mask, and its two colours as shares of lightness."""
    tones = tone[inside > 0][::3]
    if not len(tones):
        return np.array([1, 0, 0], np.float32)
    light = np.maximum(tones[:, 0], 1)
    colours = np.median(tones[:, 1:] / light[:, None], 0)
    return np.array([max(np.percentile(light, 60), 1), *colours], np.float32)


def _colour_off(tone: Plane, paper: NDArray[np.float32]) -> Plane:
    """Return how far the colours lie from the paper's, as shares of lightness (h x w)."""
    light, one, other = cv2.split(tone)
    light = np.maximum(light, DARK)
    off = cv2.max(cv2.absdiff(one, light * paper[1]), cv2.absdiff(other, light * paper[2]))
    return np.asarray(off / light, np.float32)


def _solid(mask: NDArray[np.bool_]) -> Pixels:
    bridge, solid = np.ones((CLOSED_PX,) * 2, np.uint8), np.ones((SOLID_PX,) * 2, np.uint8)
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, bridge)
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, solid), np.uint8)
