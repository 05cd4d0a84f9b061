"""This file knows four-cornered shapes: their order, area, true aspect and known paper sizes."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Quad = NDArray[np.float64]
"""4 x 2 corners in pixels, clockwise as seen, starting at the one nearest the top left."""

PAPER_MM: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "ID-1": (85.6, 53.98)}
"""Portrait or landscape is taken from the photo."""
SAME_ASPECT_MM = {"A4": (210.0, 297.0), "A5": (148.0, 210.0), "A6": (105.0, 148.0)}
"""Which of these it is can only be told where the scale of the photo is known."""
SNAP_LOG_RATIO = 0.05
SAME_SIZE_LOG_RATIO = 0.14
STRAIGHT_LOG_RATIO = 0.03
STOUT_LOG_RATIO = 0.022, 0.07
CARD_LOG_RATIO = 0.012


def in_order(corners: NDArray[np.float64] | NDArray[np.float32]) -> Quad:
    """Return four corners clockwise as seen, top left first."""
    points = np.asarray(corners, np.float64).reshape(4, 2)
    from_centre = points - points.mean(0)
    points = points[np.argsort(np.arctan2(from_centre[:, 1], from_centre[:, 0]))]
    return np.roll(points, -int(np.argmin(points.sum(1))), axis=0)


def area(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the areas of ... x 4 x 2 quads by the shoelace rule."""
    x, y = quads[..., 0], quads[..., 1]
    twice = (x * np.roll(y, -1, -1) - np.roll(x, -1, -1) * y).sum(-1)
    return np.asarray(np.abs(twice) / 2)


def shared_area(one: Quad, other: Quad) -> float:
    """Return the area that two convex quads both cover."""
    both, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    return float(both)


def mapped(matrix: NDArray[np.float64], quad: Quad) -> Quad:
    """Return `quad` through a 3 x 3 projective matrix."""
    flat = np.c_[quad, np.ones(len(quad))] @ matrix.T
    return np.asarray(flat[:, :2] / flat[:, 2:])


def true_aspect(quad: Quad, picture_px: tuple[int, int]) -> float:
    """Return width / height of the flat rectangle whose picture is `quad`.

    Zhang and He, "Whiteboard scanning and image enhancement" (2004): the focal length follows from
    the two vanishing points, the optical centre is taken as the middle of the picture. Where the
    view is nearly straight down that is ill-conditioned, and the mean side lengths are better.
    """
    width, height = picture_px
    centred = np.c_[(quad - [width / 2, height / 2]) / max(picture_px), np.ones(4)]
    top_left, top_right, bottom_right, bottom_left = centred
    across = np.cross(top_left, bottom_right)
    k2 = (across @ bottom_left) / (np.cross(top_right, bottom_right) @ bottom_left)
    k3 = (across @ top_right) / (np.cross(bottom_left, bottom_right) @ top_right)
    right, down = k2 * top_right - top_left, k3 * bottom_left - top_left
    sides = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    plain = float((sides[0] + sides[2]) / (sides[1] + sides[3]))
    if abs(right[2] * down[2]) < 2e-3:
        return plain
    focal2 = -(right[0] * down[0] + right[1] * down[1]) / (right[2] * down[2])
    if not 0.3 < focal2 < 16:
        return plain
    metric = np.diag([1 / focal2, 1 / focal2, 1.0])
    aspect = math.sqrt((right @ metric @ right) / (down @ metric @ down))
    return aspect if 0.6 < aspect / plain < 1.7 else plain


def nearest_paper(aspect: float) -> tuple[str, float]:
    """Return the known paper nearest to `aspect` (w / h) and the distance in log ratio."""
    distances = {
        name: abs(abs(math.log(aspect)) - abs(math.log(w / h))) for name, (w, h) in PAPER_MM.items()
    }
    name = min(distances, key=lambda key: distances[key])
    return name, distances[name]


def nearly_card(quad: Quad) -> bool:
    """Return whether `quad`, seen from straight above, is a bit too stout for an identity card.

    That is a card with an even rim around it: its plastic sleeve, its shadow.
    """
    stouter = _stouter_than_card(quad)
    return stouter is not None and STOUT_LOG_RATIO[0] < stouter < STOUT_LOG_RATIO[1]


def is_card(quad: Quad) -> bool:
    """Return whether `quad`, seen from straight above, has the shape of an identity card."""
    stouter = _stouter_than_card(quad)
    return stouter is not None and abs(stouter) < CARD_LOG_RATIO


def _stouter_than_card(quad: Quad) -> float | None:
    """Return the log ratio of the shapes, None where `quad` is seen from aslant.

    Opposite sides are alike from straight above alone; from aslant the aspect says too little.
    """
    top, right, bottom, left = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    if max(abs(math.log(top / bottom)), abs(math.log(right / left))) > STRAIGHT_LOG_RATIO:
        return None
    width, height = PAPER_MM["ID-1"]
    return math.log(width / height) - abs(math.log((top + bottom) / (right + left)))


def page_mm(aspect: float, long_mm: float | None = None) -> tuple[float, float, str]:
    """Return (width, height, name) in mm of the page for a true aspect.

    A known size within 5 % snaps to it, lying or standing as photographed. A5 and A6 have the
    aspect of A4: they are told from it by `long_mm`, the measured long side, and come out as A4,
    enlarged, without. Any other shape, a receipt say, keeps its own aspect and is made as large as
    fits on A4.
    """
    name, distance = nearest_paper(aspect)
    if distance < SNAP_LOG_RATIO:
        name = _by_size(name, long_mm)
        short, long = sorted((PAPER_MM | SAME_ASPECT_MM)[name])
        return (long, short, name) if aspect > 1 else (short, long, name)
    aspect = min(max(aspect, 0.1), 10.0)
    fit_width, fit_height = (297.0, 210.0) if aspect > 1 else (210.0, 297.0)
    if aspect > fit_width / fit_height:
        return fit_width, fit_width / aspect, ""
    return fit_height * aspect, fit_height, ""


def _by_size(name: str, long_mm: float | None) -> str:
    """Return which of the papers with the aspect of A4 is `long_mm` long; A4 when none is."""
    if name != "A4" or not long_mm:
        return name
    off = {one: abs(math.log(long_mm / size[1])) for one, size in SAME_ASPECT_MM.items()}
    nearest = min(off, key=lambda key: off[key])
    return nearest if off[nearest] < SAME_SIZE_LOG_RATIO else name
