"""This file looks for a second paper: beside the sheet that was found, over its rim, or upon it."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels
from appliance.paper.scan.quad import PAPER_MM, Quad, area
from appliance.paper.scan.regions import MIN_SHARE, Scene

OTHER_SHEET = 0.12
"""A quad with a corner farther off than this share of a sheet's size is another sheet."""
STICKING_OUT = 0.1
LIGHTER_OR_DARKER = 0.62
"""Paper in another light than the sheet's: from this share of its lightness to the inverse."""
SAME_COLOUR, OTHER_COLOUR = 0.07, 0.035
"""How far colours, as a share of their lightness, lie apart on two papers, and on a card at least.
"""
RIM_PX = 6
SOLID_PX = 9
CARD_SHARE = 0.04, 0.45
"""A card upon an A4 covers a fourteenth of it, upon an A6 not a third."""
FILLED = 0.8
CARD_LOG = math.log(PAPER_MM["ID-1"][0] / PAPER_MM["ID-1"][1])
CARD_LOG_RATIO, CARD_ITSELF = 0.12, 0.08

Floats = NDArray[np.float64]


def corner_gaps(quads: Floats, others: Floats) -> Floats:
    """Return M x N: the largest distance of a corner of one quad from that of another, in pixels.

    Of a sheet that lies at 45 degrees any corner may come first.
    """
    turned = [np.roll(others, k, 1) for k in range(4)]
    apart = [np.abs(quads[:, None] - some[None]).max((2, 3)) for some in turned]
    return np.asarray(np.min(apart, axis=0))


def rival(quads: Floats, chances: Floats, best: int) -> float:
    """Return the best chance of another sheet, beside the best one or lying half over it.

    What lies wholly within is taken for print: a table, a picture, a frame.
    """
    first = quads[best]
    gaps = corner_gaps(quads, first[None])[:, 0]
    others = [
        float(chances[j])
        for j, quad in enumerate(quads)
        if gaps[j] > OTHER_SHEET * float(np.ptp(first, axis=0).max())
        and not _encloses(first, quad)
        and not _encloses(quad, first)
    ]
    return max(others, default=0.0)


def paper_elsewhere(scene: Scene, quad: Quad) -> bool:
    """Return whether a patch as large as a sheet lies outside `quad` that may be paper like it.

    `quad`: in pixels of the small picture. White tables may, too: it is a reason to look again.
    """
    inside = _mask_of(scene, quad)
    lightness, colour = _paper_of(scene, inside)
    ratio = scene.tone[..., 0] / lightness
    alike = (ratio > LIGHTER_OR_DARKER) & (ratio < 1 / LIGHTER_OR_DARKER)
    alike &= _colour_off(scene, colour) < SAME_COLOUR
    around = cv2.dilate(inside, np.ones((2 * RIM_PX + 1, 2 * RIM_PX + 1), np.uint8)) == 0
    return _largest(alike & around) > MIN_SHARE * inside.size


def card_upon(scene: Scene, quad: Quad) -> bool:
    """Return whether a patch of another colour in the shape of a card lies upon the sheet.

    Upon a card itself there is a photo, and its colours run into each other.
    """
    lengths = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    long_first = sorted((lengths[0] + lengths[2], lengths[1] + lengths[3]))[::-1]
    if abs(np.log(long_first[0] / long_first[1]) - CARD_LOG) < CARD_ITSELF:
        return False
    rim = np.ones((RIM_PX + 1, RIM_PX + 1), np.uint8)
    inside = np.asarray(cv2.erode(_mask_of(scene, quad), rim), np.uint8)
    _, colour = _paper_of(scene, inside)
    patch = _solid((_colour_off(scene, colour) > OTHER_COLOUR) & (inside > 0))
    contours, _ = cv2.findContours(patch, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    whole = float(area(quad))
    for contour in contours:
        box = cv2.minAreaRect(contour)
        short, long = sorted(box[1])
        if short < SOLID_PX or not CARD_SHARE[0] < short * long / whole < CARD_SHARE[1]:
            continue
        filled = cv2.contourArea(cv2.convexHull(contour)) / (short * long)
        if filled > FILLED and abs(np.log(long / short) - CARD_LOG) < CARD_LOG_RATIO:
            return True
    return False


def _encloses(quad: Quad, other: Quad) -> bool:
    """Return whether `other` (4 x 2) lies in `quad`, or hardly leaves it."""
    side = np.roll(quad, -1, 0) - quad
    inward = np.stack([-side[:, 1], side[:, 0]], 1) / (np.linalg.norm(side, axis=1)[:, None] + 1e-9)
    depth = ((other[:, None] - quad[None]) * inward[None]).sum(2)
    return bool(depth.min() > -STICKING_OUT * np.ptp(other, axis=0).max())


def _mask_of(scene: Scene, quad: Quad) -> Pixels:
    mask = np.zeros(scene.crisp.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.round(quad).astype(np.int32), 1)
    return mask


def _paper_of(scene: Scene, inside: Pixels) -> tuple[float, NDArray[np.float32]]:
    """Return the lightness of the paper in a mask, and its two colours as shares of that."""
    tones = scene.tone[inside > 0][::7]
    if not len(tones):
        return 1.0, np.zeros(2, np.float32)
    light = np.maximum(tones[:, 0], 1)
    return max(float(np.percentile(light, 60)), 1.0), np.median(tones[:, 1:] / light[:, None], 0)


def _colour_off(scene: Scene, colour: NDArray[np.float32]) -> NDArray[np.float32]:
    light = np.maximum(scene.tone[..., :1], 12)
    return np.asarray(np.abs(scene.tone[..., 1:] / light - colour).max(2), np.float32)


def _solid(mask: NDArray[np.bool_]) -> Pixels:
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    solid = np.ones((SOLID_PX, SOLID_PX), np.uint8)
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, solid), np.uint8)


def _largest(mask: NDArray[np.bool_]) -> int:
    """Return the pixels of the largest patch of `mask` that hangs together."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(_solid(mask))
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))
