"""This file says what a camera fixed over a table expects: known papers, in their own size, square.

Where the scale of the photo is known, a printed frame or half a sheet betrays itself by its size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZES_MM = ((297.0, 210.0), (210.0, 148.0), (148.0, 105.0), (85.6, 53.98))
"""A4, A5, A6 and the identity card: long and short side."""
RECEIPTS_MM = (57.0, 80.0)
"""Widths of receipt paper; it has any length."""
SIZE_LOG, RECEIPT_LOG = 0.05, 0.06
RIGHT_ANGLE = 0.995
"""Least sine of a right angle seen from a few degrees off the plumb."""
EXPECTED, STRANGE = 1.5, -2.5
"""What size and angles add to the log odds that a quad is the sheet."""

Floats = NDArray[np.float64]


def log_odds(quads: Floats, px_per_mm: float) -> Floats:
    """Return what is to be added to the log odds of M x 4 x 2 quads (M)."""
    sides = np.roll(quads, -1, 1) - quads
    lengths = np.linalg.norm(sides, axis=2) + 1e-9
    pairs_mm = np.sort((lengths[:, :2] + lengths[:, 2:]) / 2 / px_per_mm, axis=1)[:, ::-1]
    off = np.abs(np.log(pairs_mm[:, None] / np.array(SIZES_MM)[None])).max(2).min(1)
    width_off = np.abs(np.log(pairs_mm[:, 1:] / np.array(RECEIPTS_MM)[None])).min(1)
    following = np.roll(sides, -1, 1)
    turn = sides[..., 0] * following[..., 1] - sides[..., 1] * following[..., 0]
    square = (np.abs(turn) / (lengths * np.roll(lengths, -1, 1))).min(1) > RIGHT_ANGLE
    known = np.where(off < SIZE_LOG, EXPECTED, np.where(width_off < RECEIPT_LOG, 0.0, STRANGE))
    return np.asarray(np.where(square, known, STRANGE))
