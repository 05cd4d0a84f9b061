"""This file says where papers come to lie in made-up scenes, seen by a camera over the table."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bench.papers import SIZES_MM

Quad = NDArray[np.float64]
Rng = np.random.Generator


def within(quad: Quad, size_px: tuple[int, int], spare_px: float) -> bool:
    """Return whether all corners lie inside a picture, `spare_px` or more from its rim."""
    return bool((quad > spare_px).all() and (quad < np.array(size_px) - 1 - spare_px).all())


def place(
    rng: Rng,
    paper: str,
    size_px: tuple[int, int],
    scale: float,
    turn: float,
    tilt_deg: float = 6.0,
    *,
    cut_off: bool = False,
) -> Quad:
    """Return where a pinhole camera over the table sees the four corners of the sheet."""
    half = np.array(SIZES_MM[paper]) / 2
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    a = math.radians(turn)
    flat = flat @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    focal = 1.1 * size_px[0]
    tilt_x, tilt_y = np.radians(rng.uniform(-tilt_deg, tilt_deg, 2))
    depth = focal / scale + flat[:, 0] * math.sin(tilt_y) + flat[:, 1] * math.sin(tilt_x)
    seen = flat * [math.cos(tilt_y), math.cos(tilt_x)] / depth[:, None] * focal
    low, high = seen.min(0), seen.max(0)
    frame = np.array(size_px, float)
    spare = np.maximum(frame - (high - low) - 24, 0)
    corner = 12 + rng.uniform(0, 1, 2) * spare
    too_big = high - low > frame - 24
    corner = np.where(too_big, (frame - (high - low)) / 2, corner)
    if cut_off:
        side = int(rng.integers(0, 2))
        hanging = float(rng.uniform(0.02, 0.12)) * (high - low)[side]
        corner[side] = (
            -hanging if rng.random() < 0.5 else frame[side] - (high - low)[side] + hanging
        )
    return np.asarray(seen - low + corner)


def frame_around(
    rng: Rng, paper: str, px_per_mm: float, turn_deg: float, spare_px: tuple[int, int]
) -> tuple[int, int]:
    """Return width and height of a picture just large enough for a paper, and some table."""
    a = math.radians(turn_deg)
    wide, high = SIZES_MM[paper]
    size = np.array([[wide, high], [high, wide]]) @ np.abs([math.cos(a), math.sin(a)])
    room = rng.uniform(*spare_px, 2)
    width, height = (1.08 * size * px_per_mm + 24 + room).round().astype(int)
    return int(width), int(height)
