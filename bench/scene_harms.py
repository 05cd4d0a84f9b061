"""This file does papers harm in made-up scenes: folds, curl, lamps, fingers, plastic sleeves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.tables import clouds

Plane = NDArray[np.float32]
Quad = NDArray[np.float64]
Rng = np.random.Generator


def creased(rng: Rng, rows: int, columns: int, low: float, high: float) -> Plane:
    """Return the shading of a sheet that was folded in four: a crease, one half a bit darker.

    `low`, `high`: how much light the crease loses.
    """
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    shade = np.ones((rows, columns), np.float32)
    for along, length in ((x, columns), (y, rows)):
        at = length * float(rng.uniform(0.45, 0.55))
        shade *= 1 - 0.05 * (along > at) * float(rng.uniform(0.3, 1))
        deep = float(rng.uniform(low, high))
        shade *= 1 - deep * np.exp(-(((along - at) / (0.002 * length)) ** 2))
    return shade


def flap_over(rng: Rng, pixels: Plane, cover: Plane, dots_per_mm: float) -> None:
    """Fold one corner over, in place: its back covers print, the table shows where it was."""
    rows, columns = cover.shape
    ends = rng.uniform(0.16, 0.34, 2) * min(rows, columns)
    corner = int(rng.integers(0, 4))
    turned = np.ascontiguousarray(np.rot90(pixels, corner))
    covered = np.ascontiguousarray(np.rot90(cover, corner))
    a, b = np.array([ends[0], 0.0]), np.array([0.0, ends[1]])
    along = (b - a) / np.linalg.norm(b - a)
    tip = 2 * (a + along * float(-a @ along)) - 0.0  # the corner at 0, 0 mirrored in the fold
    triangle = np.round([a, b, tip]).astype(np.int32)
    flap = np.zeros(covered.shape, np.float32)
    cv2.fillPoly(flap, [triangle], 1.0, cv2.LINE_AA)
    shade = cv2.GaussianBlur(flap, (0, 0), 1.2 * dots_per_mm)
    turned *= (1 - float(rng.uniform(0.15, 0.4)) * np.maximum(shade - 0.5 * flap, 0))[..., None]
    back = np.percentile(turned[::7, ::7].reshape(-1, 3), 90, axis=0) * rng.uniform(0.9, 1.0)
    turned += (back.astype(np.float32) - turned) * flap[..., None]
    cv2.fillPoly(covered, [np.round([a, b, [-9, -9]]).astype(np.int32)], 0.0, cv2.LINE_AA)
    pixels[:], cover[:] = np.rot90(turned, -corner), np.rot90(covered, -corner)


def bow(rng: Rng, inner: Plane, mask: Plane, quad: Quad) -> tuple[Plane, Plane]:
    """Bow the sheet sideways between its corners, which stay where they are."""
    height, width = mask.shape
    middle, reach = quad.mean(0), np.ptp(quad, axis=0).max() / 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - middle[0]) / reach, (y - middle[1]) / reach
    bend = float(rng.uniform(0.004, 0.010) * reach)
    lift = np.maximum(0, 1 - u * u - v * v)
    map_x = (x + bend * lift * v).astype(np.float32)
    map_y = (y + bend * lift * u).astype(np.float32)
    return (
        np.asarray(cv2.remap(inner, map_x, map_y, cv2.INTER_LINEAR), np.float32),
        np.asarray(cv2.remap(mask, map_x, map_y, cv2.INTER_LINEAR), np.float32),
    )


def harm(
    rng: Rng, picture: Plane, mask: Plane, quad: Quad, scale: float, defects: tuple[str, ...]
) -> None:
    """Add, in place, what lies over the sheet: a lamp's reflection, a sleeve, a finger."""
    if "glare" in defects:
        _glare(rng, picture, mask, quad, scale)
    if "veil" in defects:
        _veil(rng, picture, mask, quad, scale, float(rng.uniform(110, 260)))
    if "sheen" in defects:
        _veil(rng, picture, mask, quad, scale, float(rng.uniform(8, 22)))
    if "sleeve" in defects:
        height, width = mask.shape
        streaks = np.maximum(clouds(rng, width, height, stretch=4) - 0.62, 0) * 250
        picture += (streaks * cv2.dilate(mask, np.ones((25, 25), np.uint8)))[..., None]
    if "finger" in defects:
        _finger(rng, picture, quad, scale)


def _glare(rng: Rng, picture: Plane, mask: Plane, quad: Quad, scale: float) -> None:
    u, v = rng.uniform(0.2, 0.8, 2)
    at = quad[0] + u * (quad[1] - quad[0]) + v * (quad[3] - quad[0])
    spot = np.zeros(mask.shape, np.float32)
    axes = float(rng.uniform(14, 40) * scale), float(rng.uniform(7, 16) * scale)
    cv2.ellipse(spot, (tuple(map(float, at)), axes, float(rng.uniform(0, 180))), 1.0, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(1, 3) * scale))
    picture += (soft * mask * rng.uniform(160, 300))[..., None]


def _veil(rng: Rng, picture: Plane, mask: Plane, quad: Quad, scale: float, most: float) -> None:
    """Throw a lamp's or a window's light back: a soft spot, a broad one, or a bar of a tube."""
    u, v = rng.uniform(0.1, 0.9, 2)
    at = quad[0] + u * (quad[1] - quad[0]) + v * (quad[3] - quad[0])
    y, x = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]].astype(np.float32)
    a = float(rng.uniform(0, np.pi))
    along = ((x - at[0]) * np.cos(a) + (y - at[1]) * np.sin(a)) / scale
    across = ((y - at[1]) * np.cos(a) - (x - at[0]) * np.sin(a)) / scale
    kind = int(rng.integers(0, 3))
    if kind == 0:
        far = (along / rng.uniform(8, 25)) ** 2 + (across / rng.uniform(6, 16)) ** 2
        spot = np.exp(-far / 2)
    elif kind == 1:
        far = np.hypot(along / rng.uniform(20, 100), across / rng.uniform(12, 45))
        spot = 1 / (1 + np.exp((far - 1) * rng.uniform(4, 12)))
    else:
        spot = 1 / (1 + np.exp((np.abs(across) - rng.uniform(5, 12)) / rng.uniform(0.8, 2.5)))
    picture += (spot * mask * most)[..., None] * rng.uniform(0.9, 1, 3).astype(np.float32)


def _finger(rng: Rng, picture: Plane, quad: Quad, scale: float) -> None:
    """A finger laid in over one side: light or dark skin, 13 to 19 mm wide, as lit as the sheet."""
    side = int(rng.integers(0, 4))
    edge = quad[side] + rng.uniform(0.25, 0.75) * (quad[(side + 1) % 4] - quad[side])
    inwards = quad.mean(0) - edge
    inwards /= np.linalg.norm(inwards)
    tip = edge + inwards * rng.uniform(8, 18) * scale
    root = edge - inwards * 60 * scale
    skin = np.array([rng.uniform(85, 150), rng.uniform(115, 175), rng.uniform(170, 225)])
    skin *= rng.uniform(0.5, 1.0)
    covered = np.zeros(picture.shape[:2], np.float32)
    ends = [tuple(int(v) for v in np.round(p)) for p in (tip, root)]
    cv2.line(covered, ends[0], ends[1], 1.0, round(rng.uniform(13, 19) * scale), cv2.LINE_AA)
    soft = cv2.GaussianBlur(covered, (0, 0), 0.5 * scale)[..., None]
    picture += (skin.astype(np.float32) - picture) * soft
