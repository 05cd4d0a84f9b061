"""This file parts a clean page into layers that are small: black print, coloured ink, pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels

WINDOW_PX = 9
"""Print is compared with the darkest and the lightest place this near: 1.1 mm at 200 dpi. Further,
a comma's tail or a mark would be measured by the thick stroke beside it, and lost."""
LEAST_CONTRAST = 44
BLACK_BELOW = 118
SOLID_BELOW = 145
BLACK_LIGHTEST = 96
BLACK_SHARE = 0.62
COLOURED_ABOVE = 42
"""Least chroma (most minus least channel, 0-255) of an ink that keeps its colour."""
MIDTONE_FROM, MIDTONE_TO = 70, 205
CELL_PX = 16
PICTURE_SHARE = 0.35
PICTURE_CELLS = 40
TINT_ABOVE = 14
PAPER_FROM = 215
FINER = 1.5
"""Masks have this many dots per pixel along a side: the grey of an edge says where it runs."""
MOST_INKS = 6
INK_SHARE = 0.004
INKS_APART = 60.0
"""Two inks that are nearer than this (see `_tones`) are one."""
LIGHTNESS_COUNTS = 0.25
GROUND_CELL_PX = 3
SPECK_DOTS = 8

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Layers:
    """A page (H x W) in parts, to be laid one on the other in this order.

    `ground`: BGR of the paper at a third of the size, without print; None when it is plain white.
    `pictures`: (left, top, width, height) in pixels of the page of what is neither print nor
    paper, a portrait say. `black`: True where there is black print, with FINER dots a pixel.
    `inks`: (colour as (blue, green, red), mask like `black`) of everything printed otherwise.
    """

    ground: Pixels | None
    pictures: list[Box]
    black: Mask
    inks: list[tuple[Colour, Mask]]


def part(page: Pixels) -> Layers | None:
    """Return the layers of a clean page (H x W x 3 BGR, paper white, made by `draw_out`).

    None when it is no such page: then most of it is not white.
    """
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    if min(grey.shape) < 4 * CELL_PX or float(np.median(grey[::4, ::4])) < PAPER_FROM:
        return None
    darkest, middle = _levels_of(grey)
    pictures = _pictures_of(grey)
    mask = cv2.compare(grey, middle, cv2.CMP_LT)
    for left, top, width, height in pictures:
        middle[top : top + height, left : left + width] = 0
        mask[top : top + height, left : left + width] = 0
    size = round(grey.shape[1] * FINER), round(grey.shape[0] * FINER)
    fine = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    level = cv2.resize(middle, size, interpolation=cv2.INTER_LINEAR)
    printed = _without_specks(np.asarray(cv2.compare(fine, level, cv2.CMP_LT), np.uint8))
    del fine, level
    colours, which = _inks_of(page, np.asarray(mask, np.uint8), darkest)
    which_fine = cv2.resize(which, size, interpolation=cv2.INTER_NEAREST)
    which_fine[printed == 0] = 255
    inks = [(colour, which_fine == n) for n, colour in enumerate(colours, start=1)]
    ground = _ground_of(page, np.asarray(mask, np.uint8), pictures)
    return Layers(ground, pictures, which_fine == 0, [ink for ink in inks if ink[1].any()])


def _levels_of(grey: Pixels) -> tuple[Pixels, Pixels]:
    """Return the darkest grey near each pixel, and the level below which a pixel is print.

    The edge of a stroke is where it is half as dark as its middle, so that faint strokes come out
    as wide as black ones. Where there is hardly any contrast, all is print (in the
    middle of a bar) or nothing is.
    """
    near = cv2.getStructuringElement(cv2.MORPH_RECT, (WINDOW_PX, WINDOW_PX))
    darkest = cv2.erode(grey, near)
    lightest = cv2.dilate(grey, near)
    middle = cv2.addWeighted(darkest, 0.5, lightest, 0.5, 0)
    middle = cv2.blur(middle, (WINDOW_PX, WINDOW_PX))
    contrast = cv2.subtract(lightest, darkest)
    _, strong = cv2.threshold(contrast, LEAST_CONTRAST, 255, cv2.THRESH_BINARY)
    level = cv2.bitwise_and(middle, strong)
    _, solid = cv2.threshold(lightest, SOLID_BELOW, 255, cv2.THRESH_BINARY_INV)
    return np.asarray(darkest, np.uint8), np.asarray(cv2.max(level, solid), np.uint8)


def _without_specks(mask: Pixels) -> Pixels:
    """Return a mask without islands of fewer than SPECK_DOTS dots: noise, no dot of a letter."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    keep = np.where(stats[:count, cv2.CC_STAT_AREA] >= SPECK_DOTS, 255, 0).astype(np.uint8)
    keep[0] = 0
    return np.asarray(keep[labels], np.uint8)


def _pictures_of(grey: Pixels) -> list[Box]:
    """Return the boxes of what has many tones between black and white over a large area."""
    between = cv2.inRange(grey, MIDTONE_FROM, MIDTONE_TO)
    height, width = grey.shape[0] // CELL_PX, grey.shape[1] // CELL_PX
    if min(height, width) < 4:
        return []
    inner = between[: height * CELL_PX, : width * CELL_PX]
    share = cv2.resize(inner, (width, height), interpolation=cv2.INTER_AREA)
    solid = (share > 255 * PICTURE_SHARE).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))  # type: ignore[assignment]
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))  # type: ignore[assignment]
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    boxes = []
    for left, top, wide, high, area in stats[1:count].tolist():
        if area < PICTURE_CELLS or min(wide, high) < 4:
            continue
        left, top = max(left - 1, 0), max(top - 1, 0)
        right, bottom = min(left + wide + 2, width), min(top + high + 2, height)
        boxes.append(
            (left * CELL_PX, top * CELL_PX, (right - left) * CELL_PX, (bottom - top) * CELL_PX)
        )
    return boxes


def _inks_of(page: Pixels, mask: Pixels, darkest: Pixels) -> tuple[list[Colour], Pixels]:
    """Return the colours of what is not printed in black, and which each pixel has (0: black).

    The colour of a pixel is the mean of the print in 5 x 5 around it; faint print keeps its grey.
    """
    means = cv2.blur(cv2.bitwise_and(page, page, mask=mask), (5, 5))
    share = cv2.blur(mask, (5, 5))
    at = np.flatnonzero(mask)
    # Means are of print and of nothing (0), so they are divided by the share of print.
    found = means.reshape(-1, 3)[at].astype(np.float32)
    found *= 255 / np.maximum(share.reshape(-1)[at], 1).astype(np.float32)[:, None]
    coloured = found.max(1) - found.min(1) > COLOURED_ABOVE
    # A black letter over a red stamp stays black, whatever the ink around it.
    here = page.reshape(-1, 3)[at].astype(np.int16)
    coloured &= (here.max(1) > BLACK_LIGHTEST) | (here.max(1) - here.min(1) > COLOURED_ABOVE)
    toned = coloured | (darkest.reshape(-1)[at] > BLACK_BELOW)
    which = np.zeros(mask.shape, np.uint8)
    if not toned.any():
        return [], which
    at, found = at[toned], np.minimum(found[toned], 255)
    centres = _centres(found, INK_SHARE * np.count_nonzero(mask))
    if not len(centres):
        return [], which
    apart = _tones(found)[:, None] - _tones(centres)[None]
    nearest = np.linalg.norm(apart, axis=2).argmin(1)
    core = cv2.erode(mask, np.ones((2, 2), np.uint8)).reshape(-1)[at] > 0
    grey = page.reshape(-1, 3)[at].mean(1)
    colours = []
    for n in range(len(centres)):
        its = nearest == n
        some = at[its & core] if (its & core).any() else at[its]
        colour = np.median(page.reshape(-1, 3)[some], axis=0) if len(some) else centres[n]
        blue, green, red = colour
        colours.append((int(blue), int(green), int(red)))
        # Much darker than its ink: black print under it or over it.
        own = its & (grey >= BLACK_SHARE * colour.mean())
        which.reshape(-1)[at[own]] = n + 1
    # The finer mask may reach a little further than this one: colour goes with it.
    around = cv2.dilate(which, np.ones((5, 5), np.uint8))
    return colours, np.where(mask > 0, which, around).astype(np.uint8)


def _centres(found: NDArray[np.float32], least: float) -> NDArray[np.float32]:
    """Return up to MOST_INKS colours (k x 3) that stand apart among `found` (n x 3 BGR)."""
    coarse = (found / 32).astype(np.int32)
    bins, counts = np.unique(coarse @ [64, 8, 1], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    middles = np.stack([bins // 64, bins // 8 % 8, bins % 8], 1).astype(np.float32) * 32 + 16
    tones = _tones(middles)
    centres: list[int] = []
    for n in order.tolist():
        if len(centres) == MOST_INKS or (centres and counts[n] < least):
            break
        if all(np.linalg.norm(tones[n] - tones[other]) > INKS_APART for other in centres):
            centres.append(n)
    return middles[centres]


def _tones(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return colours (n x 3) with hue counting for more than lightness: a black letter over a red
    stamp is a dark red, and nearer to red than to a dark blue."""
    grey = colours.mean(1, keepdims=True)
    return np.asarray(colours - grey * (1 - LIGHTNESS_COUNTS), np.float32)


def _ground_of(page: Pixels, mask: Pixels, pictures: list[Box]) -> Pixels | None:
    """Return the paper under the print, small, or None when it is plain white."""
    covered = cv2.dilate(mask, np.ones((7, 7), np.uint8))
    for left, top, wide, high in pictures:
        covered[top : top + high, left : left + wide] = 255
    bare = cv2.bitwise_not(covered)
    size = (page.shape[1] // GROUND_CELL_PX, page.shape[0] // GROUND_CELL_PX)
    if min(size) < 2:
        return None
    shown = cv2.bitwise_and(page, page, mask=bare)
    total = cv2.resize(shown, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize(bare, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    known = weight > 40
    paper = np.full((*known.shape, 3), 255, np.float32)
    paper[known] = np.minimum(total[known] / (weight[known, None] / 255), 255)
    missing = ~known
    for reach in (5, 15, 45):
        share = cv2.blur(known.astype(np.float32), (reach, reach))
        near = cv2.blur(np.where(known[..., None], paper, 0), (reach, reach))
        fill = missing & (share > 0.02)
        paper[fill] = near[fill] / share[fill, None]
        missing &= ~fill
    ground = np.clip(paper, 0, 255).astype(np.uint8)
    if float((ground.min(2) < 255 - TINT_ABOVE).mean()) < 0.002:
        return None
    return ground
