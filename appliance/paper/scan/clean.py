"""This file evens out the light on a page: paper white, text black, stamps red and ink blue."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels, halved

HALVINGS = 3
PAPER_LEVEL = 250
WHITE_FROM, BLACK_TO = 226, 36
DEEPEST_SHADOW = 0.38
"""Darker than this share of the paper is print (a photo, a solid bar), not shadow."""
COLOURED = 26.0
"""A cell whose chroma is further than this from the paper's is print, not light on paper."""

ISLAND_CELLS = 41
ISLAND_BELOW = 0.9
STRONGEST_CAST = 1.22
SHARPEN = 0.5

Plane = NDArray[np.float32]


def grid_of(page: Pixels) -> Pixels:
    """Return `page` as a grid of means of 8 x 8 pixels, 1 mm at 200 dpi (H/8 x W/8 x 3)."""
    cells = page
    for _ in range(HALVINGS):
        cells = halved(cells) if min(cells.shape[:2]) >= 16 else cells
    return cells


def even_light(page: Pixels, cells: Pixels, *, glare: bool = False) -> Pixels:
    """Return `page` (H x W x 3 BGR) with its own light divided out, before any clipping.

    `cells`: its grid_of(). `glare`: a lamp is thrown back somewhere on it; then paper around such a
    spot is not taken for a dark picture beside white paper, and does not come out grey.

    The light is one grey surface for all channels, so colours keep their hue; the cast of the lamp
    on white paper is taken out by one gain per channel for the whole page.
    """
    height, width = page.shape[:2]
    light = _light_of(cells, glare)
    tinted = light[..., None] * _cast_of(cells, light)
    small = np.clip(tinted, 12, 255).astype(np.uint8)
    full = _spread(small, (width, height))
    return np.asarray(cv2.divide(page, full, dst=full, scale=PAPER_LEVEL), np.uint8)


def _light_of(cells: Pixels, glare: bool) -> Plane:
    """Return the light on the paper for each cell: print and pictures are bridged over."""
    grey = cv2.cvtColor(cells, cv2.COLOR_BGR2GRAY)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    above_text = cv2.medianBlur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, disc), 5)
    lab = cv2.cvtColor(cells, cv2.COLOR_BGR2LAB).astype(np.float32)[..., 1:]
    level = float(np.percentile(above_text[::3, ::3], 80))
    some = lab[::3, ::3][above_text[::3, ::3] > 0.75 * level]
    paper_colour = np.median(some, axis=0)
    off = np.linalg.norm(lab - paper_colour, axis=2)
    paper = (above_text > DEEPEST_SHADOW * level) & (off < COLOURED)
    paper &= ~_printed_islands(np.asarray(above_text, np.uint8), glare)
    light = _bridge(above_text.astype(np.float32), paper)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 2.0), np.float32)


def _printed_islands(above_text: Pixels, glare: bool) -> NDArray[np.bool_]:
    """Return the cells of dark patches that lie wholly within the page: pictures and filled boxes.

    A shadow falls in from outside and so reaches the rim of the page; a portrait does not.
    """
    wide = cv2.getStructuringElement(cv2.MORPH_RECT, (ISLAND_CELLS, ISLAND_CELLS))
    around = cv2.morphologyEx(above_text, cv2.MORPH_OPEN, wide) if glare else above_text
    envelope = cv2.blur(cv2.dilate(around, wide), (ISLAND_CELLS, ISLAND_CELLS))
    dark = (above_text < ISLAND_BELOW * envelope).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, below = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    height, width = dark.shape
    within = (left > 1) & (top > 1) & (right < width - 1) & (below < height - 1)
    within[0] = False
    grown = cv2.dilate(within[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(grown > 0)


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
    some = np.ascontiguousarray(cells[::3, ::3])
    grey = cv2.cvtColor(some, cv2.COLOR_BGR2GRAY).astype(np.float32)
    blank = grey > 0.93 * light[::3, ::3]
    if blank.sum() < 0.02 * blank.size:
        return np.ones(3, np.float32)
    tint = np.median(some[blank] / np.maximum(grey[blank], 1)[:, None], axis=0)
    return np.asarray(np.clip(tint, 1 / STRONGEST_CAST, STRONGEST_CAST), np.float32)


def draw_out(page: Pixels) -> Pixels:
    """Return an evened page as a scanner gives it: paper white, text black, edges steepened."""
    gain = 255.0 / (WHITE_FROM - BLACK_TO)
    soft = cv2.GaussianBlur(page, (5, 5), 1.2)
    steep, back = (1 + SHARPEN) * gain, -SHARPEN * gain
    drawn = cv2.addWeighted(page, steep, soft, back, -BLACK_TO * gain, dst=soft)
    return np.asarray(drawn, np.uint8)


def _spread(cells: Pixels, size_px: tuple[int, int]) -> Pixels:
    """Return a grid of 8 x 8 cells enlarged to size_px; the rim that fits no cell repeats."""
    width, height = size_px
    factor = 2**HALVINGS
    if min(width // factor, height // factor) < 2:
        return np.asarray(cv2.resize(cells, size_px, interpolation=cv2.INTER_LINEAR), np.uint8)
    right, below = width - cells.shape[1] * factor, height - cells.shape[0] * factor
    more = -(-max(0, below) // factor), -(-max(0, right) // factor)
    wide = cv2.copyMakeBorder(cells, 0, more[0], 0, more[1], cv2.BORDER_REPLICATE)
    whole = wide.shape[1] * factor, wide.shape[0] * factor
    full = cv2.resize(wide, whole, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[:height, :width], np.uint8)
