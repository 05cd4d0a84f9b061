"""This file weighs candidate quads: is the inside one sheet, and the outside something else?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.quad import area
from appliance.paper.regions import Scene

SAMPLES = 40
BAND_PX = (4.0, 7.0)
FULL_STEP = 8.0
FULL_CONTRAST = 26.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """One value per candidate (M) unless said otherwise; all are about 0 (none) to 1 (full).

    `apart`: M x 4, how unlike inside and outside are along each side. `stepped`: M x 4, share of
    each side that lies on a step. `brighter`: the sheet is lighter than what is around it.
    `even`: the rim of the sheet has one colour. `share`: of the picture's area.
    """

    apart: Floats
    stepped: Floats
    brighter: Floats
    even: Floats
    share: Floats


def plausible(quads: Floats, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which of M x 4 x 2 quads can be a sheet seen by a camera: convex, not absurd."""
    height, width = shape
    sides = np.roll(quads, -1, 1) - quads
    following = np.roll(sides, -1, 1)
    lengths = np.linalg.norm(sides, axis=2) + 1e-9
    turn = sides[..., 0] * following[..., 1] - sides[..., 1] * following[..., 0]
    sine = turn / (lengths * np.roll(lengths, -1, 1))
    share = area(quads) / (height * width)
    slack = 0.04
    low = quads > np.array([-slack * width, -slack * height])
    high = quads < np.array([(1 + slack) * width, (1 + slack) * height])
    opposite = np.minimum(lengths[:, :2], lengths[:, 2:]) / np.maximum(
        lengths[:, :2], lengths[:, 2:]
    )
    return np.asarray(
        (sine > 0.72).all(1)
        & (share > 0.012)
        & (share < 0.985)
        & low.all((1, 2))
        & high.all((1, 2))
        & (opposite > 0.45).all(1)
    )


def weigh(quads: Floats, scene: Scene) -> Evidence:
    """Return the evidence for M x 4 x 2 quads (clockwise) in the small picture."""
    sides = np.roll(quads, -1, 1) - quads
    lengths = np.linalg.norm(sides, axis=2, keepdims=True) + 1e-9
    inward = np.stack([-sides[..., 1], sides[..., 0]], -1) / lengths
    along = np.linspace(0.04, 0.96, SAMPLES)
    points = quads[:, :, None] + sides[:, :, None] * along[None, None, :, None]
    normal = np.broadcast_to(inward[:, :, None], points.shape)

    strongest = np.zeros(points.shape[:3])
    for shift in (-1.5, 0.0, 1.5):
        at = points + shift * normal
        gx, gy = _sample(scene.gx, at), _sample(scene.gy, at)
        across = gx * normal[..., :1] + gy * normal[..., 1:]
        strongest = np.maximum(strongest, np.sqrt((across * across).sum(-1)))
    stepped = np.clip(strongest / FULL_STEP, 0, 1).mean(2)

    inside = sum(_sample(scene.lab, points + d * normal) for d in BAND_PX) / len(BAND_PX)
    outside = sum(_sample(scene.lab, points - d * normal) for d in BAND_PX) / len(BAND_PX)
    difference = np.asarray(inside - outside)
    apart = np.clip(np.linalg.norm(difference, axis=-1) / FULL_CONTRAST, 0, 1).mean(2)
    brighter = np.clip(difference[..., 0] / 20, -1, 1).mean((1, 2))
    colour = np.asarray(inside)[..., 1:]
    spread = np.abs(colour - np.median(colour, axis=(1, 2), keepdims=True)).mean((1, 2, 3))
    share = area(quads) / (scene.step.shape[0] * scene.step.shape[1])
    return Evidence(apart, stepped, brighter, np.exp(-spread / 8), share)


def _sample(plane: NDArray[np.float32], at: Floats) -> Floats:
    """Return `plane` (H x W x C) read at ... x 2 points, bilinear, edges repeated."""
    flat = at.reshape(at.shape[0], -1, 2).astype(np.float32)
    if flat.shape[0] == 0:
        return np.zeros((*at.shape[:-1], plane.shape[2]))
    read = cv2.remap(
        plane,
        np.ascontiguousarray(flat[..., 0]),
        np.ascontiguousarray(flat[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(read, np.float64).reshape(*at.shape[:-1], plane.shape[2])
