"""This file turns evidence into the chance that a candidate is the sheet."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.evidence import Evidence
from appliance.paper.scan.quad import nearest_paper, true_aspect

Floats = NDArray[np.float64]

WEIGHTS = {
    "stepped_min": 1.24,
    "stepped_mean": -1.31,
    "apart_min": -0.12,
    "apart_mean": -4.20,
    "apart_even": 0.47,
    "brighter_min": 0.72,
    "brighter_mean": 1.70,
    "even": 3.10,
    "size": 0.41,
    "printed": 6.48,
    "rough": -2.06,
    "held_min": -2.01,
    "held_mean": 3.84,
    "aspect": 4.20,
    "square": 3.34,
    "agree": 0.96,
    "clear": 0.77,
    "cut": -3.57,
    "runs_on": -9.27,
    "tinted_min": 0.41,
    "tinted_mean": -0.95,
    "parted_min": 5.04,
    "parted_mean": 4.91,
}
BIAS = -19.95
"""Fitted by logistic regression on 900 made-up scenes as bench/belief.py makes them, 90 of them
empty tables; on no real photo.
"""

FEATURES = tuple(WEIGHTS)
_WEIGHTS = np.array(list(WEIGHTS.values()))


def first_glance(seen: Evidence) -> Floats:
    """Return a rough score (M), to choose which candidates are worth fitting."""
    return np.asarray(
        0.30 * seen.stepped.min(1)
        + 0.20 * seen.stepped.mean(1)
        + 0.25 * seen.apart.min(1)
        + 0.15 * seen.apart.mean(1)
        + 0.15 * seen.brighter.mean(1)
        + 0.10 * seen.even
        + 0.10 * np.clip(seen.share / 0.25, 0, 1)
    )


def features(
    quads: Floats,
    seen: Evidence,
    held: Floats,
    agreeing: NDArray[np.intp],
    size_px: tuple[int, int],
) -> Floats:
    """Return M x len(FEATURES). `agreeing`: how many other regions proposed the same quad."""
    gaps = [nearest_paper(max(true_aspect(quad, size_px), 1e-3))[1] for quad in quads]
    columns = [
        seen.stepped.min(1),
        seen.stepped.mean(1),
        np.sqrt(seen.apart.min(1)),
        np.sqrt(seen.apart.mean(1)),
        seen.apart.min(1) / (np.median(seen.apart, axis=1) + 0.05),
        seen.brighter.min(1),
        seen.brighter.mean(1),
        seen.even,
        np.log(seen.share / 0.1),
        seen.printed,
        seen.rough,
        held.min(1),
        held.mean(1),
        np.array([math.exp(-gap / 0.04) for gap in gaps]),
        (seen.square - 0.9) * 10,
        np.log1p(agreeing),
        seen.clear,
        seen.cut,
        seen.runs_on,
        seen.tinted.min(1),
        seen.tinted.mean(1),
        np.sqrt(seen.parted.min(1)),
        np.sqrt(seen.parted.mean(1)),
    ]
    return np.stack(columns, 1)


def chance(rows: Floats, more: Floats | float = 0.0) -> Floats:
    """Return, for M x len(FEATURES), the chance of each candidate; `more`: log odds to add."""
    return np.asarray(1 / (1 + np.exp(-(rows @ _WEIGHTS + BIAS + more))))
