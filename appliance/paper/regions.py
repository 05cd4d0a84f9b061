"""This file proposes sheets: patches of the picture that hang together, their outlines as quads.

Regions lead here: a candidate is always the outline of a patch of paper-like or undisturbed
pixels, never a combination of straight lines found all over the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.decode import Pixels
from appliance.paper.quad import Quad, intersect

MIN_SHARE = 0.012
FLAT_BELOW = (2.5, 4.0, 6.5, 11.0, 20.0)
CHROMA_GAIN = 1.6
"""Lab counts a step in colour for less than the eye does at the edge of a sheet."""

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """The small picture prepared once: `lab` H x W x 3 float32, `gx`, `gy`, `step` H x W."""

    lab: Plane
    gx: Plane
    gy: Plane
    step: Plane


def prepare(small: Pixels) -> Scene:
    """Return the planes that regions and evidence are read from; `small` is BGR."""
    lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), (0, 0), 1.0).astype(np.float32)
    lab -= np.array([0, 128, 128], np.float32)
    lab[..., 1:] *= CHROMA_GAIN
    gx = np.asarray(cv2.Sobel(lab, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8), np.float32)
    gy = np.asarray(cv2.Sobel(lab, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8), np.float32)
    step = np.sqrt((gx * gx + gy * gy).sum(2))
    return Scene(lab, gx, gy, step.astype(np.float32))


def propose(scene: Scene, *, dark_mat: bool = False) -> list[Quad]:
    """Return candidate quads, in pixels of the small picture, without repeats."""
    found: dict[tuple[int, ...], Quad] = {}
    masks = _bright_masks(scene) if dark_mat else _all_masks(scene)
    for mask in masks:
        for hull in _outlines(mask):
            for quad in _quads_of(hull):
                found.setdefault(tuple(np.round(quad.ravel() / 3).astype(int)), quad)
    return list(found.values())


def _all_masks(scene: Scene) -> Iterator[Pixels]:
    yield from _bright_masks(scene)
    yield from _flat_masks(scene)


def _bright_masks(scene: Scene) -> Iterator[Pixels]:
    """Yield patches that are lighter, greyer, or unlike the colours along the frame."""
    light = np.clip(scene.lab[..., 0], 0, 255).astype(np.uint8)
    colour = np.hypot(scene.lab[..., 1], scene.lab[..., 2])
    grey = np.clip(255 - 3 * colour, 0, 255).astype(np.uint8)
    unlike = np.clip(2 * _distance_to_frame(scene.lab), 0, 255).astype(np.uint8)
    for plane in (light, grey, unlike):
        _, mask = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield _tidy(np.asarray(mask, np.uint8))


def _flat_masks(scene: Scene) -> Iterator[Pixels]:
    """Yield patches with no step inside, from the faintest step to a strong one.

    A white sheet on a white table differs by nothing but the faint line around it.
    """
    for limit in FLAT_BELOW:
        flat = (scene.step < limit).astype(np.uint8) * 255
        yield cv2.erode(flat, np.ones((2, 2), np.uint8))  # type: ignore[misc]
        yield cv2.erode(flat, np.ones((5, 5), np.uint8))  # type: ignore[misc]


def _distance_to_frame(lab: Plane) -> Plane:
    """Return how far each pixel is from the nearest of four colours seen along the frame."""
    rim = np.concatenate([part.reshape(-1, 3) for part in (lab[:6], lab[-6:])])
    rim = np.concatenate([rim, lab[:, :6].reshape(-1, 3), lab[:, -6:].reshape(-1, 3)])[::5]
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    no_labels = np.empty((0, 1), np.int32)
    _, _, centres = cv2.kmeans(
        np.ascontiguousarray(rim), 4, no_labels, stop, 1, cv2.KMEANS_PP_CENTERS
    )
    nearest = np.full(lab.shape[:2], np.inf, np.float32)
    for centre in centres:
        off = lab - centre
        nearest = np.minimum(nearest, (off * off).sum(2))
    return np.asarray(np.sqrt(nearest), np.float32)


def _tidy(mask: Pixels) -> Pixels:
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    return np.asarray(opened, np.uint8)


def _outlines(mask: Pixels) -> Iterator[NDArray[np.float64]]:
    """Yield the convex outlines (N x 2) of the largest patches of `mask`."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = MIN_SHARE * mask.size
    hulls = [cv2.convexHull(contour) for contour in contours if len(contour) >= 4]
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
    points = [np.array([x, y, 1.0]) for x, y in rough.reshape(-1, 2).astype(np.float64)]
    while len(points) > 4:
        best: tuple[float, int, NDArray[np.float64]] | None = None
        for i in range(len(points)):
            before, start = points[i - 1], points[i]
            end, after = points[(i + 1) % len(points)], points[(i + 2) % len(points)]
            tip = intersect(np.cross(before, start), np.cross(end, after))
            if tip is None or np.dot(tip - start[:2], start[:2] - before[:2]) <= 0:
                continue
            u, v = start[:2] - tip, end[:2] - tip
            grown = abs(u[0] * v[1] - u[1] * v[0]) / 2
            if best is None or grown < best[0]:
                best = (grown, i, tip)
        if best is None:
            return None
        _, i, tip = best
        points[i] = np.array([tip[0], tip[1], 1.0])
        del points[(i + 1) % len(points)]
    if len(points) < 4:
        return None
    return np.array([point[:2] for point in points])
