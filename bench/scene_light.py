"""This file lights the made-up scenes: lamps, shadows, and the lens and sensor they end in."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Rng = np.random.Generator


def shaded_by(picture: Plane, mask: Plane, rng: Rng, scale: float) -> Plane:
    """Return the table with the soft shadow that a sheet throws along its edge."""
    shift = np.array([[1, 0, rng.uniform(-1, 1)], [0, 1, rng.uniform(0.2, 1.4)]]) * [1, 1, scale]
    strength = float(rng.uniform(0.15, 0.4))
    height, width = mask.shape
    half = cv2.resize(mask, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    shift[:, 2] /= 2
    below = cv2.warpAffine(half, shift, (width // 2, height // 2))
    soft = cv2.resize(cv2.GaussianBlur(below, (0, 0), 0.45 * scale), (width, height))
    kept = np.asarray(1 - strength * soft * (1 - mask), np.float32)
    picture *= kept[..., None]
    return picture


def light(rng: Rng, size_px: tuple[int, int], *, shadow: bool) -> Plane:
    """Return what the lamp gives each pixel (H x W x 3): fall-off, its colour, a hand's shadow."""
    width, height = size_px[0] // 8, size_px[1] // 8
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    at = rng.uniform(-0.2, 1.2, 2) * [width, height]
    reach = float(rng.uniform(0.9, 1.8)) * width
    lit = 1 / (1 + ((x - at[0]) ** 2 + (y - at[1]) ** 2) / reach**2)
    lit = 0.35 + 0.65 * lit / lit.max()
    if shadow:
        hand = (rng.uniform(0, 1, 2) + rng.normal(0, 0.28, (6, 2))) * [width, height]
        dark = np.ones_like(lit)
        outline = cv2.convexHull(hand.astype(np.int32))
        cv2.fillConvexPoly(dark, outline, float(rng.uniform(0.45, 0.75)))
        lit = lit * cv2.GaussianBlur(dark, (0, 0), float(rng.uniform(2, 30) * width / 507))
    colour = np.array([rng.uniform(0.8, 1), 1, rng.uniform(0.95, 1.05)]) * rng.uniform(0.8, 1.03)
    coloured = lit.astype(np.float32)[..., None] * colour.astype(np.float32)
    return np.asarray(cv2.resize(coloured, size_px), np.float32)


def through_lens(
    rng: Rng, picture: Plane, zoom: float, blur_px: float, smear_px: float = 0.0
) -> NDArray[np.uint8]:
    """Return the picture out of focus by `blur_px` (at 12 MP), with the sensor's noise.

    `smear_px`: how far the camera or the paper moved while the shutter was open.
    """
    if smear_px > 1:
        picture = _smeared(rng, picture, smear_px)
    sigma = blur_px * zoom
    if sigma > 0.25:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    tile = rng.normal(0, 1, (509, 521, 3)).astype(np.float32)
    height, width = picture.shape[:2]
    repeats = (-(-height // 509), -(-width // 521), 1)
    grain = float(rng.uniform(1.5, 4)) * max(0.5, math.sqrt(zoom)) / math.sqrt(128)
    noisy = np.maximum(picture, 4)
    np.sqrt(noisy, out=noisy)
    noisy *= np.tile(tile * np.float32(grain), repeats)[:height, :width]
    noisy += picture
    return np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)


def _smeared(rng: Rng, picture: Plane, smear_px: float) -> Plane:
    size = round(smear_px) // 2 * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    a = float(rng.uniform(0, math.pi))
    away = np.array([math.cos(a), math.sin(a)]) * smear_px / 2
    ends = [tuple(int(v) for v in np.round((size // 2 + s * away) * 16)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    kernel = kernel if kernel.sum() > 0 else np.eye(size, dtype=np.float32)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)
