"""This file proposes sheets: patches of the picture that hang together, their outlines as quads.

Regions lead here: a candidate is always the outline of a patch of paper-like or undisturbed
pixels, never a combination of straight lines found all over the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels
from appliance.paper.scan.quad import Quad

Effort = Literal["quick", "full"]
MIN_SHARE = 0.012
FLAT_BELOW = (1.6, 3.0, 5.5, 10.0, 18.0)
CRISP_ABOVE = (1.4, 2.6, 5.0, 10.0)
SOFT_PX = 9
"""A step wider than this is the edge of a shadow, not of a sheet."""
TO_OPPONENT = np.array([[0.20, 0.50, 0.30], [0.0, -0.9, 0.9], [-0.9, 0.45, 0.45]], np.float32)
"""B G R to lightness, red-green, yellow-blue: linear, so that faint steps are not rounded off."""

Plane = NDArray[np.float32]
Point = tuple[float, float]


@dataclass(frozen=True)
class Scene:
    """The small picture prepared once, all float32.

    `tone`: H x W x 3 (lightness 0-255, two colours around 0). `gx`, `gy`: its gradients.
    `crisp`: H x W, the strength of narrow steps, soft edges of shadows taken out.
    """

    tone: Plane
    gx: Plane
    gy: Plane
    crisp: Plane


def prepare(small: Pixels) -> Scene:
    """Return the planes that regions and evidence are read from; `small` is BGR."""
    opponent = cv2.transform(small.astype(np.float32), TO_OPPONENT)
    tone = np.asarray(cv2.GaussianBlur(opponent, (0, 0), 1.0), np.float32)
    gx = np.asarray(cv2.Sobel(tone, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8), np.float32)
    gy = np.asarray(cv2.Sobel(tone, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8), np.float32)
    square = cv2.transform(gx * gx + gy * gy, np.ones((1, 3), np.float32))
    step = cv2.sqrt(square)
    soft = cv2.morphologyEx(step, cv2.MORPH_OPEN, np.ones((SOFT_PX, SOFT_PX), np.uint8))
    return Scene(tone, gx, gy, np.asarray(step - soft, np.float32))


def propose(scene: Scene, effort: Effort) -> list[Quad]:
    """Return candidate quads, in pixels of the small picture, without repeats."""
    found: dict[tuple[int, ...], Quad] = {}
    for mask in _quick_masks(scene) if effort == "quick" else _all_masks(scene):
        for hull in _outlines(mask):
            for quad in _quads_of(hull):
                found.setdefault(tuple(np.round(quad.ravel() / 3).astype(int)), quad)
    return list(found.values())


def _quick_masks(scene: Scene) -> Iterator[Pixels]:
    """Yield what finds a light sheet on anything darker, most papers on most tables."""
    yield from _bright_masks(scene)
    for limit in FLAT_BELOW[1::2]:
        flat = (scene.crisp < limit).astype(np.uint8) * 255
        yield np.asarray(cv2.erode(flat, np.ones((5, 5), np.uint8)), np.uint8)


def _all_masks(scene: Scene) -> Iterator[Pixels]:
    yield from _bright_masks(scene)
    yield from _flat_masks(scene)
    yield from _crisp_masks(scene)


def _bright_masks(scene: Scene) -> Iterator[Pixels]:
    """Yield patches that are lighter, greyer, or unlike the colours along the frame."""
    light = np.clip(scene.tone[..., 0], 0, 255).astype(np.uint8)
    colour = cv2.magnitude(scene.tone[..., 1], scene.tone[..., 2])
    grey = np.clip(255 - 3 * colour, 0, 255).astype(np.uint8)
    unlike = np.clip(2 * _distance_to_frame(scene.tone), 0, 255).astype(np.uint8)
    for plane in (light, grey, unlike):
        _, mask = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield _tidy(np.asarray(mask, np.uint8))


def _flat_masks(scene: Scene) -> Iterator[Pixels]:
    """Yield patches with no crisp step inside, from the faintest step to a strong one.

    A white sheet on a white table differs by nothing but the faint line around it.
    """
    for limit in FLAT_BELOW:
        flat = (scene.crisp < limit).astype(np.uint8) * 255
        yield np.asarray(cv2.erode(flat, np.ones((2, 2), np.uint8)), np.uint8)
        yield np.asarray(cv2.erode(flat, np.ones((5, 5), np.uint8)), np.uint8)


def _crisp_masks(scene: Scene) -> Iterator[Pixels]:
    """Yield patches that hang together by their crisp steps: outline, print and all."""
    for limit in CRISP_ABOVE:
        crisp = (scene.crisp > limit).astype(np.uint8) * 255
        yield np.asarray(cv2.dilate(crisp, np.ones((3, 3), np.uint8)), np.uint8)


def _distance_to_frame(tone: Plane) -> Plane:
    """Return how far each pixel is from the nearest of four colours seen along the frame."""
    height, width = tone.shape[:2]
    half = cv2.resize(tone, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    rim = np.concatenate([part.reshape(-1, 3) for part in (half[:3], half[-3:])])
    rim = np.concatenate([rim, half[:, :3].reshape(-1, 3), half[:, -3:].reshape(-1, 3)])[::3]
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    _, _, centres = cv2.kmeans(
        np.ascontiguousarray(rim), 4, np.empty((0, 1), np.int32), stop, 1, cv2.KMEANS_PP_CENTERS
    )
    nearest = np.full(half.shape[:2], np.inf, np.float32)
    for centre in centres:
        off = half - centre
        nearest = np.minimum(nearest, cv2.transform(off * off, np.ones((1, 3), np.float32)))
    return np.asarray(cv2.resize(np.sqrt(nearest), (width, height)), np.float32)


def _tidy(mask: Pixels) -> Pixels:
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    return np.asarray(opened, np.uint8)


def _outlines(mask: Pixels) -> Iterator[NDArray[np.float64]]:
    """Yield the convex outlines (N x 2) of the largest patches of `mask`."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = MIN_SHARE * mask.size
    hulls = []
    for contour in contours:
        if len(contour) >= 4:
            _, _, width, height = cv2.boundingRect(contour)
            if width * height >= least:
                hulls.append(cv2.convexHull(contour))
    sized = sorted(((cv2.contourArea(hull), i) for i, hull in enumerate(hulls)), reverse=True)
    for hull_area, i in sized[:5]:
        if hull_area >= least:
            yield hulls[i].reshape(-1, 2).astype(np.float64)


def _quads_of(hull: NDArray[np.float64]) -> Iterator[Quad]:
    box = cv2.boxPoints(cv2.minAreaRect(hull.astype(np.float32)))
    yield np.asarray(box, np.float64)
    quad = _shave(hull)
    if quad is not None:
        yield quad


def _shave(hull: NDArray[np.float64]) -> Quad | None:
    """Return the hull cut down to four sides, each time losing the side that adds least area.

    Losing a side lets its two neighbours grow until they meet, so the result encloses the hull.
    """
    length = cv2.arcLength(hull.astype(np.float32), True)
    rough = cv2.approxPolyDP(hull.astype(np.float32), 0.006 * length, True)
    points: list[Point] = [(float(x), float(y)) for x, y in rough.reshape(-1, 2)]
    while len(points) > 4:
        best: tuple[float, int, Point] | None = None
        for i in range(len(points)):
            start, end = points[i], points[(i + 1) % len(points)]
            tip = _tip(points[i - 1], start, end, points[(i + 2) % len(points)])
            if tip is None:
                continue
            u, v = (start[0] - tip[0], start[1] - tip[1]), (end[0] - tip[0], end[1] - tip[1])
            grown = abs(u[0] * v[1] - u[1] * v[0])
            if best is None or grown < best[0]:
                best = (grown, i, tip)
        if best is None:
            return None
        _, i, points[i] = best
        del points[(i + 1) % len(points)]
    return np.array(points) if len(points) == 4 else None


def _tip(before: Point, start: Point, end: Point, after: Point) -> Point | None:
    """Return where the sides before-start and after-end meet beyond start and end, if they do."""
    d = start[0] - before[0], start[1] - before[1]
    e = end[0] - after[0], end[1] - after[1]
    cross = d[0] * e[1] - d[1] * e[0]
    if abs(cross) < 1e-9:
        return None
    gap = end[0] - start[0], end[1] - start[1]
    share = (gap[0] * e[1] - gap[1] * e[0]) / cross
    return (start[0] + share * d[0], start[1] + share * d[1]) if share >= 0 else None
