"""This file finds the sheet in a photo, and says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from appliance.paper import belief, evidence, regions, sides
from appliance.paper.decode import Pixels, halved, resize
from appliance.paper.quad import Quad, in_order

Mat = Literal["any", "dark"]
COARSE_PX = 640
FITTED = 10
ALIKE_PX = 5.0
COARSE_REACH = 0.012
FINE_REACH = 0.006
CORNER_REACH = 0.012
"""How far a side may move onto its edge, in parts of the picture's long side."""
NO_DOUBT = 0.985
DARK_MAT_STEP = 0.5
"""How much lighter than a dark mat a sheet is at least, as a share of 20 levels."""
RIVAL, IN_QUESTION = 0.6, 0.5
SURE = 0.7
"""Below this confidence a person places the corners: see Found.sure."""

Floats = NDArray[np.float64]


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


@dataclass(frozen=True)
class Candidates:
    """The best few quads of a picture, fitted in the small copy; see belief.FEATURES."""

    quads: Floats
    features: Floats


def find_sheet(picture: Pixels, *, mat: Mat = "any") -> Found:
    """Find the one sheet in `picture` (BGR as displayed, best with a long side of 1200-2400 px).

    Several sheets in sight are a question, not an answer: the best is given, not sure.
    Looks quickly first; where that leaves a doubt, again with every kind of region. On a dark mat
    the sheet is lighter than all around it, and whatever is not is not believed.
    """
    height, width = picture.shape[:2]
    small = shrunk(picture)
    scene = regions.prepare(small)
    candidates, chances = _weighed(look(small, scene, "quick"), mat)
    if chances.max(initial=0) < NO_DOUBT:
        candidates, chances = _weighed(look(small, scene, "full"), mat)
    if candidates is None:
        return Found(None, 0.0)
    i = int(chances.argmax())
    scale = np.array([width / small.shape[1], height / small.shape[0]])
    rough = (candidates.quads[i : i + 1] + 0.5) * scale - 0.5
    fine = sides.fit_sides(picture, rough, FINE_REACH * max(height, width))
    final = in_order(sides.fit_corners(picture, fine, CORNER_REACH * max(height, width)))
    if not evidence.plausible(final[None], (height, width))[0]:
        return Found(in_order(rough[0]), 0.0)
    confidence = float(chances[i])
    if _rival(candidates.quads, chances, i) > RIVAL:
        confidence = min(confidence, IN_QUESTION)
    return Found(final, confidence)


def _rival(quads: Floats, chances: Floats, best: int) -> float:
    """Return the best chance of a sheet that lies elsewhere: then a person says which is meant."""
    centres = quads.mean(1)
    elsewhere = [
        float(chances[j])
        for j in range(len(quads))
        if not _holds(quads[best], centres[j]) and not _holds(quads[j], centres[best])
    ]
    return max(elsewhere, default=0.0)


def _holds(quad: Quad, point: Floats) -> bool:
    side, to = np.roll(quad, -1, 0) - quad, point - quad
    return bool((side[:, 0] * to[:, 1] - side[:, 1] * to[:, 0] > 0).all())


def _weighed(candidates: Candidates | None, mat: Mat) -> tuple[Candidates | None, Floats]:
    if candidates is None:
        return None, np.empty(0)
    chances = belief.chance(candidates.features)
    if mat == "dark":
        column = belief.FEATURES.index("brighter_mean")
        chances = np.where(candidates.features[:, column] > DARK_MAT_STEP, chances, 0.0)
    return candidates, chances


def look(small: Pixels, scene: regions.Scene, effort: regions.Effort) -> Candidates | None:
    """Return the candidates in a small picture, None when there is not one."""
    proposed = regions.propose(scene, effort)
    quads = np.array([in_order(quad) for quad in proposed]).reshape(-1, 4, 2)
    quads = quads[evidence.plausible(quads, small.shape[:2])]
    if not len(quads):
        return None
    best = _unlike(quads, belief.first_glance(evidence.weigh(quads, scene)))
    fit = sides.fit_sides(small, quads[best], COARSE_REACH * COARSE_PX)
    kept = evidence.plausible(fit.quads, small.shape[:2])
    fitted, held = fit.quads[kept], fit.held[kept]
    if not len(fitted):
        return None
    seen = evidence.weigh(fitted, scene)
    agreeing = (np.abs(quads[None] - fitted[:, None]).max((2, 3)) < 0.015 * COARSE_PX).sum(1)
    size_px = small.shape[1], small.shape[0]
    return Candidates(fitted, belief.features(fitted, seen, held, agreeing, size_px))


def _unlike(quads: Floats, scores: Floats) -> list[int]:
    """Return the indices of the FITTED best quads of which no two are nearly the same."""
    taken: list[int] = []
    for i in np.argsort(-scores):
        gaps = np.abs(quads[taken] - quads[i]).max((1, 2))
        if not (gaps < ALIKE_PX).any():
            taken.append(int(i))
        if len(taken) == FITTED:
            break
    return taken


def shrunk(picture: Pixels) -> Pixels:
    """Return `picture` at COARSE_PX: halved first, which is cheap, then by the odd ratio left."""
    while max(picture.shape[:2]) >= 2 * COARSE_PX:
        picture = halved(picture)
    ratio = min(1.0, COARSE_PX / max(picture.shape[:2]))
    return resize(picture, round(picture.shape[1] * ratio), round(picture.shape[0] * ratio))
