"""This file fits the four sides of sheets to their real edges, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels
from appliance.paper.scan.quad import Quad
from appliance.paper.scan.regions import TO_OPPONENT

SAMPLES = 96
ON_LINE_PX = 1.6
OUTER_BONUS = 0.35
"""Of lines about as complete the outer one wins: a frame printed on the sheet lies within it."""

NEAR = 0.3
STRAIGHT = 0.9
LOCAL_HELD, BETTER_HELD = 0.7, 0.1

Floats = NDArray[np.float64]
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Fit:
    """`quads`: M x 4 x 2, fitted. `held`: M x 4, the share of each side that lies on an edge."""

    quads: Floats
    held: Floats


def fit_sides(picture: Pixels, quads: Floats, reach_px: float) -> Fit:
    """Return M quads (clockwise) with each side moved by at most `reach_px` onto an edge.

    `picture` is BGR. A side is a line through two offsets, one at each end. All pairs of offsets
    vote with the edges they pass over, faint ones nearly as much as strong ones; the winner is then
    fitted by least squares to the sub-pixel peaks near it.
    """
    reach = max(4, round(reach_px))
    a, b, held = _fit_lines(
        picture, quads.reshape(-1, 2), np.roll(quads, -1, 1).reshape(-1, 2), reach
    )
    corners = _meet(a.reshape(-1, 4, 2), b.reshape(-1, 4, 2), quads)
    far = np.linalg.norm(corners - quads, axis=2, keepdims=True) > 5 * reach
    return Fit(np.where(far, quads, corners), held.reshape(-1, 4))


def fit_corners(picture: Pixels, fit: Fit, reach_px: float) -> Quad:
    """Return the corners of the one quad in `fit`, each led by the edges near it.

    The edge of a curled sheet is no straight line: where a side does not hold well, its last third
    says better than the whole where the corner lies, if it holds clearly better itself.
    """
    quad, held = fit.quads[0], fit.held[0]
    sides = np.roll(quad, -1, 0) - quad
    ends = quad + sides
    reach = max(4, round(reach_px))
    out_a, out_b, out_held = _fit_lines(picture, quad + 0.02 * sides, quad + NEAR * sides, reach)
    in_a, in_b, in_held = _fit_lines(picture, ends - NEAR * sides, ends - 0.02 * sides, reach)
    corners: Quad = quad.copy()
    for i in range(4):
        whole = float(min(held[i - 1], held[i]))
        local = float(min(in_held[i - 1], out_held[i]))
        if whole < STRAIGHT and local > max(LOCAL_HELD, whole + BETTER_HELD):
            met = _cross(in_a[i - 1], in_b[i - 1], out_a[i], out_b[i])
            if met is not None and np.linalg.norm(met - quad[i]) < 3 * reach:
                corners[i] = met
    return corners


def _cross(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats | None:
    """Return where the lines a-b and c-d meet; None when they are nearly parallel."""
    u, v = b - a, d - c
    cross = float(u[0] * v[1] - u[1] * v[0])
    if abs(cross) < 0.3 * float(np.linalg.norm(u) * np.linalg.norm(v)):
        return None
    gap = c - a
    return np.asarray(a + u * float(gap[0] * v[1] - gap[1] * v[0]) / cross, np.float64)


def _fit_lines(
    picture: Pixels, starts: Floats, ends: Floats, reach: int
) -> tuple[Floats, Floats, Floats]:
    """Return S lines (S x 2 starts, S x 2 ends) moved onto edges, and how well each holds (S)."""
    along = np.linspace(0.03, 0.97, SAMPLES)
    inward = _inward(starts, ends)
    strength = _edge_strength(picture, starts, ends, inward, along, reach)
    first, last, held = _polish(strength, along, *_vote(strength, along))
    return (
        starts + inward * (first - reach)[:, None],
        ends + inward * (last - reach)[:, None],
        held,
    )


def _inward(starts: Floats, ends: Floats) -> Floats:
    side = ends - starts
    normal = np.stack([-side[:, 1], side[:, 0]], 1)
    return np.asarray(normal / (np.linalg.norm(side, axis=1, keepdims=True) + 1e-9))


def _edge_strength(
    picture: Pixels, starts: Floats, ends: Floats, inward: Floats, along: Floats, reach: int
) -> Plane:
    """Return S x SAMPLES x (2 reach + 1) edge strengths, from outside to inside of S sides."""
    offsets = np.arange(-reach - 2, reach + 3)
    middle = starts[:, None] + along[None, :, None] * (ends - starts)[:, None]
    at = middle[:, :, None] + offsets[None, None, :, None] * inward[:, None, None]
    flat = at.reshape(-1, len(offsets), 2).astype(np.float32)
    strip = cv2.remap(
        picture,
        np.ascontiguousarray(flat[..., 0]),
        np.ascontiguousarray(flat[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    tone = cv2.transform(strip.astype(np.float32), TO_OPPONENT)
    tone = tone.reshape(len(starts), SAMPLES, len(offsets), 3)
    soft = tone.copy()
    soft[:, 1:-1] = (tone[:, :-2] + tone[:, 1:-1] + tone[:, 2:]) / 3
    step = soft[:, :, 3:-1] + soft[:, :, 4:] - soft[:, :, :-4] - soft[:, :, 1:-3]
    lighter = np.maximum(step[..., 0], 0)
    return np.asarray(np.sqrt((step * step).sum(-1)) + 0.6 * lighter, np.float32)


@lru_cache(maxsize=8)
def _pairs(columns: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return first and last columns of all lines, and their column at every second sample."""
    ends = np.arange(0, columns, 1 if columns < 24 else 2)
    first, last = (grid.ravel() for grid in np.meshgrid(ends, ends, indexing="ij"))
    along = np.linspace(0.03, 0.97, SAMPLES)[::2]
    passed = np.round(first[:, None] + (last - first)[:, None] * along).astype(np.intp)
    return first, last, passed


def _vote(strength: Plane, along: Floats) -> tuple[Floats, Floats]:
    """Return, for S sides, the offsets (columns) at along = 0 and 1 of the best line."""
    columns = strength.shape[2]
    half = 1.4 * np.percentile(strength, 30, axis=(1, 2), keepdims=True) + 3.0
    seen = strength / (strength + half)
    seen[:, :, 1:-1] = np.maximum(
        seen[:, :, 1:-1], 0.8 * np.maximum(seen[:, :, :-2], seen[:, :, 2:])
    )
    first, last, passed = _pairs(columns)
    rows = np.arange(0, SAMPLES, 2)
    outer = 1 - (first + last) / (2 * (columns - 1))
    best = np.empty(len(strength), np.intp)
    for i, side in enumerate(seen):
        total = side[rows, passed].mean(1).astype(np.float32)
        grid = total.reshape(round(len(total) ** 0.5), -1)
        peak = (grid >= cv2.dilate(grid, np.ones((3, 3), np.uint8))).ravel()
        best[i] = int(np.where(peak, total * (1 + OUTER_BONUS * outer), 0).argmax())
    return first[best].astype(np.float64), last[best].astype(np.float64)


def _polish(
    strength: Plane, along: Floats, first: Floats, last: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the offsets fitted to sub-pixel peaks, and the share of each side that holds."""
    peaks, weight = _peaks_near(strength, first[:, None] + (last - first)[:, None] * along)
    strong = weight > 0.3 * np.percentile(weight, 75, axis=1, keepdims=True) + 1.0
    near = strong
    for _ in range(3):
        expected = first[:, None] + (last - first)[:, None] * along
        near = (np.abs(peaks - expected) < ON_LINE_PX) & strong
        w = np.where(near, np.sqrt(weight), 0) + 1e-6
        total, t1 = w.sum(1), (w * along).sum(1)
        t2, p1, tp = (w * along**2).sum(1), (w * peaks).sum(1), (w * along * peaks).sum(1)
        slope = (total * tp - t1 * p1) / (total * t2 - t1 * t1 + 1e-9)
        start = (p1 - slope * t1) / total
        enough = near.sum(1) >= SAMPLES // 6
        first = np.where(enough, start, first)
        last = np.where(enough, start + slope, last)
    return first, last, near.mean(1)


def _peaks_near(strength: Plane, expected: Floats, window: int = 3) -> tuple[Floats, Floats]:
    """Return the sub-pixel column of the strongest edge near `expected` (S x SAMPLES), and it."""
    columns = strength.shape[2]
    around = np.round(expected).astype(np.intp)[..., None] + np.arange(-window, window + 1)
    around = np.clip(around, 1, columns - 2)
    pick = np.take_along_axis(strength, around, 2).argmax(2)
    best = np.take_along_axis(around, pick[..., None], 2)
    left, middle, right = (np.take_along_axis(strength, best + d, 2)[..., 0] for d in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -1e-6)
    shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    return best[..., 0] + shift.astype(np.float64), middle.astype(np.float64)


def _meet(a: Floats, b: Floats, else_at: Floats) -> Floats:
    """Return where each side (M x 4, from a to b) meets the one before it."""
    d = b - a
    before_a, before_d = np.roll(a, 1, 1), np.roll(d, 1, 1)
    cross = before_d[..., 0] * d[..., 1] - before_d[..., 1] * d[..., 0]
    safe = np.where(np.abs(cross) < 1e-9, 1.0, cross)
    gap = a - before_a
    share = (gap[..., 0] * d[..., 1] - gap[..., 1] * d[..., 0]) / safe
    met = before_a + share[..., None] * before_d
    return np.where(np.abs(cross)[..., None] < 1e-9, else_at, met)
