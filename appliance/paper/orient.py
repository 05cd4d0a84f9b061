"""This file turns a page upright, and only when it is sure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.decode import Pixels, halved

READ_LONG_PX = 1250
SURE = 0.13
STRIPS = 8

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
    across, down = _jump(ink), _jump(np.ascontiguousarray(ink.T))
    sideways = down > across
    if sideways:
        ink = np.ascontiguousarray(np.rot90(ink, -1))
    lean, lines = _baseline_lean(ink)
    clear = abs(np.log((across + 1e-9) / (down + 1e-9)))
    confidence = abs(lean) * min(1.0, clear / 0.35) * min(1.0, lines / 40)
    turns = (1 if sideways else 0) + (2 if lean < 0 else 0)
    return Upright(turns % 4, float(confidence))


def _ink(page: Pixels) -> Plane:
    """Return the darkness of small dark things: letters, without rules, bars and stamps' rings."""
    grey = page
    while max(grey.shape) > READ_LONG_PX:
        grey = halved(grey)
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    ink = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, square)
    ink[ink < 18] = 0
    ink = np.minimum(ink, 80)
    rim = max(2, round(0.03 * min(ink.shape)))
    ink = ink[rim:-rim, rim:-rim]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0).astype(np.uint8))
    limit = 0.12 * max(ink.shape)
    long = (stats[:, cv2.CC_STAT_WIDTH] > limit) | (stats[:, cv2.CC_STAT_HEIGHT] > limit)
    long[0] = False
    return np.where(long[labels], 0, ink).astype(np.float32)


def _profiles(ink: Plane) -> Plane:
    """Return STRIPS x H sums along rows; strips, so that a slight skew does not smear lines."""
    return np.stack([strip.sum(1) for strip in np.array_split(ink, STRIPS, axis=1)])


def _jump(ink: Plane) -> float:
    profile = _profiles(ink)
    steps = np.diff(profile, axis=1)
    return float((steps * steps).sum() / (profile.sum() ** 2 / profile.shape[1] + 1e-6))


def _baseline_lean(ink: Plane) -> tuple[float, float]:
    """Return (-1 upside down .. 1 upright, how many line-like steps were seen)."""
    soft = cv2.blur(_profiles(ink), (3, 1))
    steps = np.diff(soft, axis=1).astype(np.float64)
    rising, falling = np.maximum(steps, 0), np.maximum(-steps, 0)
    up, down = float((rising**3).sum()), float((falling**3).sum())
    strong = falling > 0.3 * np.percentile(falling, 99) if falling.any() else falling > 1
    return (down - up) / (down + up + 1e-9), float(strong.sum())
