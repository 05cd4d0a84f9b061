"""This file evens out the light on a page: paper white, text black, stamps red and ink blue."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.decode import Pixels, resize

GRID_PX = 8
PAPER_LEVEL = 250
WHITE_FROM, BLACK_TO = 226, 36
DEEPEST_SHADOW = 0.38
"""Darker than this share of the paper is print (a photo, a solid bar), not shadow."""
COLOURED = 26.0
"""A cell whose chroma is further than this from the paper's is print, not light on paper."""

STRONGEST_CAST = 1.22

Plane = NDArray[np.float32]


def even_light(page: Pixels) -> Pixels:
    """Return `page` (H x W x 3 BGR) with its own light divided out, before any clipping.

    The light is one grey surface for all channels, so colours keep their hue; the cast of the lamp
    on white paper is taken out by one gain per channel for the whole page.
    """
    height, width = page.shape[:2]
    cells = resize(page, max(8, width // GRID_PX), max(8, height // GRID_PX))
    light = _light_of(cells)
    tinted = light[..., None] * _cast_of(cells, light)
    small = np.clip(tinted, 12, 255).astype(np.uint8)
    full = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(page, full, scale=PAPER_LEVEL), np.uint8)


def _light_of(cells: Pixels) -> Plane:
    """Return the light on the paper for each cell: print and pictures are bridged over."""
    grey = cv2.cvtColor(cells, cv2.COLOR_BGR2GRAY)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    above_text = cv2.medianBlur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, disc), 5)
    lab = cv2.cvtColor(cells, cv2.COLOR_BGR2LAB).astype(np.float32)[..., 1:]
    level = float(np.percentile(above_text, 80))
    bright = above_text > 0.75 * level
    paper_colour = np.median(lab[bright], axis=0)
    off = np.linalg.norm(lab - paper_colour, axis=2)
    paper = (above_text > DEEPEST_SHADOW * level) & (off < COLOURED)
    light = _bridge(above_text.astype(np.float32), paper)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 2.0), np.float32)


def _bridge(plane: Plane, known: NDArray[np.bool_]) -> Plane:
    """Return `plane` with unknown cells filled from known ones, the nearest first."""
    weight = known.astype(np.float32)
    filled = np.where(known, plane, 0).astype(np.float32)
    missing = ~known
    for size in (9, 25, 75, 301):
        if not missing.any():
            break
        total = cv2.blur(plane * weight, (size, size), borderType=cv2.BORDER_REFLECT)
        share = cv2.blur(weight, (size, size), borderType=cv2.BORDER_REFLECT)
        reached = missing & (share > 0.02)
        filled[reached] = (total[reached] / share[reached]).astype(np.float32)
        missing &= ~reached
    filled[missing] = float(np.median(plane))
    return filled


def _cast_of(cells: Pixels, light: Plane) -> Plane:
    """Return the colour of the paper's white, B G R around 1, at most `STRONGEST_CAST` apart.

    A stronger tint is the paper's own colour (a pink or yellow form) and stays, in part.
    """
    grey = cv2.cvtColor(cells, cv2.COLOR_BGR2GRAY).astype(np.float32)
    blank = grey > 0.93 * light
    if blank.sum() < 0.02 * blank.size:
        return np.ones(3, np.float32)
    tint = np.median(cells[blank] / np.maximum(grey[blank], 1)[:, None], axis=0)
    return np.asarray(np.clip(tint, 1 / STRONGEST_CAST, STRONGEST_CAST), np.float32)


def whiten(page: Pixels) -> Pixels:
    """Return an evened page with paper noise clipped to white and text drawn to black."""
    levels = (np.arange(256) - BLACK_TO) * 255.0 / (WHITE_FROM - BLACK_TO)
    table = np.clip(levels, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(page, table), np.uint8)


def sharpen(page: Pixels, amount: float = 0.5) -> Pixels:
    """Return `page` with edges steepened a little, as a scanner does."""
    soft = cv2.GaussianBlur(page, (0, 0), 1.2)
    return np.asarray(cv2.addWeighted(page, 1 + amount, soft, -amount, 0), np.uint8)
