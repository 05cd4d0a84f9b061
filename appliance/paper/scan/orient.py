"""This file turns a page upright, and only when it is sure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels, halved

READ_LONG_PX = 1250
SURE = 0.13
STRIPS = 8
FAINTEST, DARKEST = 18, 80

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Upright:
    """`turns`: clockwise quarter turns that make the page upright; `confidence` 0 to 1."""

    turns: int
    confidence: float

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


def upright(grey: Pixels) -> Upright:
    """Return how an evened page (H x W grey) would have to be turned, from its lines of text alone.

    Rows of text make the profile across them jump; and a line of Latin letters is sharper at its
    baseline than at its top, the more so with Vietnamese marks above.
    """
    ink = _ink(grey)
    rows, columns = _profiles(ink, axis=1), _profiles(ink, axis=0)
    across, down = _jump(rows), _jump(columns)
    sideways = down > across
    lean, lines = _baseline_lean(columns if sideways else rows)
    clear = abs(np.log((across + 1e-9) / (down + 1e-9)))
    confidence = abs(lean) * min(1.0, clear / 0.35) * min(1.0, lines / 40)
    turns = (1 if sideways else 0) + (2 if lean < 0 else 0)
    return Upright(turns % 4, float(confidence))


def _ink(page: Pixels) -> Pixels:
    """Return the darkness of small dark things: letters, without rules, bars and stamps' rings."""
    grey = page
    while max(grey.shape) > READ_LONG_PX:
        grey = halved(grey)
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    dark = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, square)
    _, dark = cv2.threshold(dark, FAINTEST - 1, 0, cv2.THRESH_TOZERO)
    rim = max(2, round(0.03 * min(dark.shape)))
    ink = np.asarray(np.minimum(dark[rim:-rim, rim:-rim], DARKEST), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    limit = 0.12 * max(ink.shape)
    long = (stats[:, cv2.CC_STAT_WIDTH] > limit) | (stats[:, cv2.CC_STAT_HEIGHT] > limit)
    for label in np.flatnonzero(long[1:]) + 1:
        left, top, width, height = stats[label, : cv2.CC_STAT_AREA]
        box = slice(top, top + height), slice(left, left + width)
        ink[box][labels[box] == label] = 0
    return ink


def _profiles(ink: Pixels, axis: int) -> Plane:
    """Return STRIPS x N sums of ink: along rows (1) or down columns (0).

    In strips, so that a slight skew does not smear lines.
    """
    strips = np.array_split(ink, STRIPS, axis=axis)
    return np.stack(
        [cv2.reduce(strip, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32F).ravel() for strip in strips]
    )


def _jump(profile: Plane) -> float:
    steps = np.diff(profile, axis=1)
    return float((steps * steps).sum() / (profile.sum() ** 2 / profile.shape[1] + 1e-6))


def _baseline_lean(profile: Plane) -> tuple[float, float]:
    """Return (-1 upside down .. 1 upright, how many line-like steps were seen)."""
    soft = cv2.blur(profile, (3, 1))
    steps = np.diff(soft, axis=1).astype(np.float64)
    rising, falling = np.maximum(steps, 0), np.maximum(-steps, 0)
    up, down = float((rising**3).sum()), float((falling**3).sum())
    strong = falling > 0.3 * np.percentile(falling, 99) if falling.any() else falling > 1
    return (down - up) / (down + up + 1e-9), float(strong.sum())
