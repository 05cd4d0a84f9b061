"""This file fits the four sides of a sheet to its real edge, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.decode import Pixels
from appliance.paper.quad import Quad, intersect
from appliance.paper.regions import CHROMA_GAIN

SAMPLES = 96
ON_LINE_PX = 1.6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """The fitted quad; `held`: share of each side's samples that lie on the fitted line (4)."""

    quad: Quad
    held: Floats


def fit_sides(picture: Pixels, quad: Quad, reach_px: float) -> Fit:
    """Return `quad` with each side moved by at most `reach_px` onto the strongest straight edge.

    `picture` is BGR. A side is a line through two offsets, one at each end; all pairs of offsets
    vote at once with the edge strength they collect, then the winners are fitted by least squares.
    """
    lines: list[Floats] = []
    held: list[float] = []
    reach = max(4, round(reach_px))
    for start, end in zip(quad, np.roll(quad, -1, 0), strict=True):
        line, share = _fit_side(picture, start, end, reach)
        lines.append(line)
        held.append(share)
    corners = []
    for i in range(4):
        corner = intersect(lines[i - 1], lines[i])
        far = corner is None or np.linalg.norm(corner - quad[i]) > 4 * reach
        corners.append(quad[i] if corner is None or far else corner)
    return Fit(np.array(corners), np.array(held))


def _fit_side(picture: Pixels, start: Floats, end: Floats, reach: int) -> tuple[Floats, float]:
    along = np.linspace(0.03, 0.97, SAMPLES)
    strength = _edge_strength(picture, start, end, along, reach)
    inward = _inward(start, end)
    first, last = _vote(strength, along)
    rows = np.arange(SAMPLES)
    expected = first + (last - first) * along
    peaks = _peaks_near(strength, expected)
    weight = strength[rows, np.clip(np.round(peaks).astype(int), 0, strength.shape[1] - 1)]
    for _ in range(3):
        near = np.abs(peaks - expected) < ON_LINE_PX
        if near.sum() < SAMPLES // 8:
            break
        slope, at_start = np.polyfit(along[near], peaks[near], 1, w=np.sqrt(weight[near] + 1e-6))
        expected = at_start + slope * along
        first, last = at_start, at_start + slope
    strong = weight > 0.35 * np.percentile(weight, 75)
    on_line = (np.abs(peaks - expected) < ON_LINE_PX) & strong
    a, b = start + inward * (first - reach), end + inward * (last - reach)
    line = np.cross(np.r_[a, 1.0], np.r_[b, 1.0])
    return line, float(on_line.mean())


def _inward(start: Floats, end: Floats) -> Floats:
    side = end - start
    return np.asarray(np.array([-side[1], side[0]]) / (np.linalg.norm(side) + 1e-9), np.float64)


def _edge_strength(
    picture: Pixels, start: Floats, end: Floats, along: Floats, reach: int
) -> Floats:
    """Return SAMPLES x (2 reach + 1) strengths across the side, from outside to inside."""
    inward = _inward(start, end)
    middle = start + np.outer(along, end - start)
    offsets = np.arange(-reach - 2, reach + 3)
    at = middle[:, None] + offsets[None, :, None] * inward
    strip = cv2.remap(
        picture,
        at[..., 0].astype(np.float32),
        at[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    raw = cv2.cvtColor(strip, cv2.COLOR_BGR2LAB).astype(np.float32)
    raw[..., 1:] *= CHROMA_GAIN
    lab = np.asarray(cv2.blur(raw, (1, 3)), np.float32)
    step = lab[:, 3:-1] + lab[:, 4:] - lab[:, :-4] - lab[:, 1:-3]
    lighter = np.maximum(step[..., 0], 0)
    return np.asarray(np.linalg.norm(step, axis=2) + 0.6 * lighter, np.float64)


def _vote(strength: Floats, along: Floats) -> tuple[float, float]:
    """Return the offsets (columns) at along = 0 and 1 of the line that collects most."""
    columns = strength.shape[1]
    cap = 1.5 * np.percentile(strength.max(1), 60) + 1e-6
    soft = cv2.blur(np.minimum(strength, cap).astype(np.float32), (3, 1))
    step = max(1, columns // 32)
    ends = np.arange(0, columns, step)
    first, last = np.meshgrid(ends, ends, indexing="ij")
    total = np.zeros(first.shape)
    for row, t in zip(soft[::2], along[::2], strict=True):
        total += row[np.round(first + (last - first) * t).astype(np.intp)]
    # Of equal lines the one nearest to where the region said wins.
    middle = (columns - 1) / 2
    total *= 1 - 0.15 * (np.abs(first - middle) + np.abs(last - middle)) / (2 * middle)
    best = np.unravel_index(int(total.argmax()), total.shape)
    return float(first[best]), float(last[best])


def _peaks_near(strength: Floats, expected: Floats, window: int = 4) -> Floats:
    """Return for each row the sub-pixel column of the strongest edge near `expected`."""
    columns = strength.shape[1]
    around = np.round(expected).astype(int)[:, None] + np.arange(-window, window + 1)
    clipped = np.clip(around, 1, columns - 2)
    rows = np.arange(len(expected))
    best = clipped[rows, np.take_along_axis(strength, clipped, 1).argmax(1)]
    left, middle, right = (strength[rows, best + d] for d in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(np.abs(bend) > 1e-6, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0)
    return np.asarray(best + np.clip(shift, -0.5, 0.5))
