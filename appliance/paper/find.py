"""This file finds the sheet in a photo, and says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from appliance.paper import evidence, regions, sides
from appliance.paper import quad as quads
from appliance.paper.decode import Pixels, resize
from appliance.paper.quad import Quad

Mat = Literal["any", "dark"]
COARSE_PX = 640
SURE = 0.6
"""Below this confidence a person places the corners: see Found.sure."""


@dataclass(frozen=True)
class Found:
    """`quad`: in pixels of the picture given, None when nothing looks like a sheet.

    `confidence`: 0 to 1, meant as the chance that the crop is right.
    """

    quad: Quad | None
    confidence: float

    @property
    def sure(self) -> bool:
        return self.quad is not None and self.confidence >= SURE


def find_sheet(picture: Pixels, *, mat: Mat = "any") -> Found:
    """Find the one sheet in `picture` (BGR as displayed, best with a long side of 1000-2100 px)."""
    height, width = picture.shape[:2]
    ratio = min(1.0, COARSE_PX / max(height, width))
    small = resize(picture, round(width * ratio), round(height * ratio)) if ratio < 1 else picture
    scene = regions.prepare(small)
    proposed = regions.propose(scene, dark_mat=mat == "dark")
    if not proposed:
        return Found(None, 0.0)
    candidates = np.array([quads.in_order(quad) for quad in proposed])
    candidates = candidates[evidence.plausible(candidates, small.shape[:2])]
    if not len(candidates):
        return Found(None, 0.0)
    scores = _score(evidence.weigh(candidates, scene))
    best = np.argsort(-scores)[:6]
    fitted = [sides.fit_sides(small, candidates[i], 0.012 * COARSE_PX) for i in best]
    again = np.array([quads.in_order(fit.quad) for fit in fitted])
    kept = evidence.plausible(again, small.shape[:2])
    if not kept.any():
        return Found(None, 0.0)
    weighed = evidence.weigh(again, scene)
    scores = np.where(kept, _score(weighed), -1)
    i = int(scores.argmax())
    fine = sides.fit_sides(picture, again[i] / ratio, 0.006 * max(height, width))
    final = quads.in_order(fine.quad)
    if not evidence.plausible(final[None], (height, width))[0]:
        return Found(None, 0.0)
    return Found(final, _confidence(float(scores[i]), float(fine.held.min())))


def _score(seen: evidence.Evidence) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(
        0.30 * seen.stepped.min(1)
        + 0.20 * seen.stepped.mean(1)
        + 0.25 * seen.apart.min(1)
        + 0.15 * seen.apart.mean(1)
        + 0.15 * seen.brighter
        + 0.10 * seen.even
        + 0.10 * np.clip(seen.share / 0.25, 0, 1)
    )


def _confidence(score: float, held: float) -> float:
    return float(1 / (1 + np.exp(-(12 * (score - 0.75) + 4 * (held - 0.5)))))
