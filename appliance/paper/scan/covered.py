"""This file finds what lies over a page: a finger, a pen, the edge of a plastic sleeve."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Pixels

COVERED = 0.0015
"""Share of the page under something from which on it is no longer unharmed."""
FOREIGN_COLOUR = 0.105
"""How far from the paper's colour (logarithm of a channel against green) skin at least is."""
DARK_NOISE = 6.0  # of 255: so that noise in the dark is no colour
DARKER = 0.75
DEEP_CELLS = 6
SLIVER = 8  # times as long as deep
ENDS, LEAST_STEP = 0.65, 0.1
"""What covers the page ends within 5 mm: the colour changes by this share of its unlikeness, and no
less than that, on nine tenths of its outline: fingers by .7 and .12 at the least, colours printed
to run into one another by .6 at the most."""
PRINT = 0.06
"""Mean difference of a cell from those around (logarithm): skin has .02, a printed code .13."""
NOT_BURNT = 238  # of 255: what burns out in one channel has lost its colour


def covered_share(cells: Pixels) -> float:
    """Return the share of the page under the largest coloured thing that reaches in over its rim.

    `cells`: the 8 x 8 grid of a straightened page (h x w x 3), its light not yet evened.
    """
    lit = np.log(cells.astype(np.float32) + DARK_NOISE)
    colour = lit[..., ::2] - lit[..., 1:2]  # blue and red against green: the same in any light
    paper = np.median(colour[::2, ::2].reshape(-1, 2), axis=0)
    unlike, grey = np.abs(colour - paper).max(2), cells[..., 1]
    foreign = unlike > FOREIGN_COLOUR
    dark = grey < DARKER * float(np.median(grey[::2, ::2]))  # a shadow is dark, but as white
    shaded = foreign | (dark & (unlike > FOREIGN_COLOUR / 2))
    bright = cells.min(2) >= NOT_BURNT
    return max(
        (
            float(patch.mean())
            # With what is dark, and without: a finger's own shadow is no part of its outline.
            for off in (shaded & ~bright, foreign & ~bright)
            for patch in _reaching_in(off)
            if _ends_at_its_outline(patch, unlike, colour) and not _is_print(patch, lit[..., 1])
        ),
        default=0.0,
    )


def _reaching_in(off: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Yield the patches of `off` that lie over the rim and are lumps, thicker than any frame."""
    height, width = off.shape
    # Closed first: pale skin is unlike enough here and there only.
    whole = cv2.morphologyEx(off.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    solid = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(solid, np.uint8))
    left, top = stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_TOP]
    wide, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    area = stats[1:, cv2.CC_STAT_AREA]
    aside = (left < 2) | (left + wide > width - 2)
    above = (top < 2) | (top + high > height - 2)
    # What lies along a rim and hardly reaches in is the table, seen past a side that bows.
    along = (aside & (SLIVER * wide < high)) | (above & (SLIVER * high < wide))
    # A frame or a coloured band is printed and runs along a whole side; a finger is a lump.
    lump = (area > 0.3 * wide * high) & (wide < 0.75 * width) & (high < 0.75 * height)
    deep = np.minimum(wide, high) >= DEEP_CELLS
    for i in np.flatnonzero((aside | above) & ~along & lump & deep):
        yield labels == i + 1


def _ends_at_its_outline(
    inside: NDArray[np.bool_], unlike: NDArray[np.float32], colour: NDArray[np.float32]
) -> bool:
    """Return whether the colour of a patch of the page changes at once there, not little by little.

    `unlike`: how far each cell is from the paper's colour; `colour`: h x w x 2, their difference.
    """
    reach = np.ones((5, 5), np.uint8)
    steps = np.max([cv2.morphologyEx(c, cv2.MORPH_GRADIENT, reach) for c in cv2.split(colour)], 0)
    outline = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > inside
    outline[:2], outline[-2:], outline[:, :2], outline[:, -2:] = False, False, False, False
    if not outline.any():
        return False
    least = max(LEAST_STEP, ENDS * float(np.percentile(unlike[inside], 75)))
    return bool(np.percentile(steps[outline], 10) > least)


def _is_print(inside: NDArray[np.bool_], lightness: NDArray[np.float32]) -> bool:
    """Return whether a patch is full of fine marks: a code or a stamp, printed near the rim."""
    inner = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    around = cv2.blur(lightness, (3, 3))
    return bool(inner.any() and np.abs(lightness - around)[inner].mean() > PRINT)
