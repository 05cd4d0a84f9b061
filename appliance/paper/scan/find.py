"""This file finds the sheet in a photo, and says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan import belief, evidence, overhead, regions, rivals, sides
from appliance.paper.scan.decode import Pixels, halved, resize
from appliance.paper.scan.quad import Quad, area, in_order, is_card, nearly_card, shared_area
from appliance.paper.scan.rivals import OTHER_SHEET, corner_gaps

Mat = Literal["any", "dark"]
FIND_LONG_PX = 2400
"""A photo is halved until it is below this before its sheet is looked for."""
COARSE_PX = 640
FITTED = 10
ALIKE_PX = 5.0
COARSE_REACH = 0.012
FINE_REACH = 0.006
CORNER_REACH = 0.012
"""How far a side may move onto its edge, in parts of the picture's long side."""
NO_DOUBT = 0.975
DARK_MAT_STEP = 0.5
"""How much lighter than a dark mat a sheet is at least, as a share of 20 levels."""
SMALL = 0.07
"""A sheet below this share of the picture is looked at again from near by."""
ROOM_AROUND = 0.4
RIVAL, IN_QUESTION, HARDLY_PAPER = 0.5, 0.5, 0.4
"""What is in question because something lies over it is a rival to another sheet all the same."""
LAIN_OVER = 0.12
"""A longer gap in a side than this share of it: another sheet or a thing lies over the rim."""
SAME_RIM, FAINT_RIM = 0.012, 0.97
SAME_ANSWER = 0.985
"""Of two outlines with this Jaccard index either will do; at .98 a sleeve in 160 was believed."""
UNSEEN = 0.2
"""A side with less of a step than this along it is a guess, however well the other three hold."""
AT_FRAME = 0.5
"""Evidence.clear of a sheet three pixels from the frame."""
HALF_SEEN = 0.6
VIVID, UNPRINTED = 0.5, 0.1
SURE = 0.8
"""Below this confidence a person places the corners: see Found.sure."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """`quad`: in pixels of the picture given, None when nothing looks like a sheet.

    `confidence`: 0 to 1, meant as the chance that the crop is right. `several`: another sheet lies
    elsewhere in the picture, and a person has to say which is meant.
    """

    quad: Quad | None
    confidence: float
    several: bool = False

    @property
    def sure(self) -> bool:
        return self.quad is not None and self.confidence >= SURE


@dataclass(frozen=True)
class Candidates:
    """The best few quads of a picture, fitted in the small copy; see belief.FEATURES.

    `broken`: see Evidence. `leaving`: a corner lies within the frame, but close to it, and much of
    a side is not to be seen: the sheet may leave the picture there. `unlikely`: a side is not to be
    seen at all, or it is a piece of strong colour without a trace of print.
    """

    quads: Floats
    features: Floats
    broken: Floats
    leaving: NDArray[np.bool_]
    unlikely: NDArray[np.bool_]


def find_sheet(picture: Pixels, *, mat: Mat = "any", field_mm: float | None = None) -> Found:
    """Find the one sheet in `picture` (BGR as displayed, best with a long side of 1200-2400 px).

    Several sheets in sight are a question, not an answer: the best is given, not sure.
    Looks quickly first; where that leaves a doubt, or other paper in sight, again with every kind
    of region; at a small sheet once more from near by. On a dark mat the sheet is lighter than all
    around it, and whatever is not is not believed. `field_mm`: how much of the table the long side
    of the picture shows, where the camera is fixed and that is known; then sizes count, see
    overhead.py.
    """
    height, width = picture.shape[:2]
    px_per_mm = max(height, width) / field_mm if field_mm else None
    seen = _glance(picture, mat, px_per_mm)
    if seen is None:
        return Found(None, 0.0)
    best, confidence, reach = seen.quads[seen.best], seen.trust, float(max(height, width))
    if area(best) < SMALL * height * width:
        box = around(picture.shape[:2], best)
        near = _glance(picture[box], mat, px_per_mm, efforts=("full",))
        best, confidence = _nearer(best, near, box)
        reach = max(box[0].stop - box[0].start, box[1].stop - box[1].start)
    fine = sides.fit_sides(picture, best[None], FINE_REACH * reach)
    final = in_order(sides.fit_corners(picture, fine, CORNER_REACH * reach))
    if not evidence.plausible(final[None], (height, width))[0]:
        return Found(in_order(best), 0.0)
    several = seen.several()
    doubted = several or nearly_card(final)
    return Found(final, min(confidence, IN_QUESTION) if doubted else confidence, several)


@dataclass(frozen=True)
class _Seen:
    """Candidates (M x 4 x 2) in pixels of the picture that was looked at, and their chances.

    `small`: the candidates in pixels of the small copy, of which `scene` is made. `trusted`: the
    chances with the doubts about each.
    """

    scene: regions.Scene
    small: Floats
    quads: Floats
    chances: Floats
    trusted: Floats

    @property
    def best(self) -> int:
        return int(self.chances.argmax())

    @property
    def trust(self) -> float:
        return float(self.trusted[self.best])

    def several(self) -> bool:
        """Return whether another paper lies beside the best one or upon it."""
        if rivals.rival(self.small, self.chances, self.best) >= RIVAL:
            return True
        return rivals.card_upon(self.scene, self.small[self.best])

    def leaves_doubt(self) -> bool:
        """Return whether more effort is called for: a doubt, or other paper in sight."""
        return self.trust < NO_DOUBT or rivals.paper_elsewhere(self.scene, self.small[self.best])


def _glance(
    picture: Pixels,
    mat: Mat,
    px_per_mm: float | None = None,
    efforts: tuple[regions.Effort, ...] = ("quick", "full"),
) -> _Seen | None:
    """Look at a small copy of `picture`, with more effort as long as there is a doubt."""
    small = shrunk(picture)
    scene = regions.prepare(small)
    scale = np.array([picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]])
    seen: _Seen | None = None
    for effort in efforts:
        if seen is not None and not seen.leaves_doubt():
            break
        candidates = look(small, scene, effort)
        if candidates is None:
            continue
        quads = (candidates.quads + 0.5) * scale - 0.5
        expected = overhead.log_odds(quads, px_per_mm) if px_per_mm else 0.0
        seen = _Seen(scene, candidates.quads, quads, *_judged(candidates, expected, mat))
    return seen


def around(shape: tuple[int, ...], quad: Quad) -> tuple[slice, slice]:
    """Return the rows and columns to look at a small sheet from near by."""
    low, high = quad.min(0), quad.max(0)
    spare = ROOM_AROUND * float((high - low).max())
    left, top = np.clip(np.floor(low - spare), 0, None).astype(int)
    right, below = np.clip(np.ceil(high + spare), 0, [shape[1], shape[0]]).astype(int)
    return slice(int(top), int(below)), slice(int(left), int(right))


def _nearer(far: Quad, near: _Seen | None, box: tuple[slice, slice]) -> tuple[Quad, float]:
    """Return the sheet as seen from near by; no confidence where that is quite another one."""
    if near is None:
        return far, 0.0
    quad = near.quads[near.best] + [box[1].start, box[0].start]
    if corner_gaps(quad[None], far[None])[0, 0] > OTHER_SHEET * float(np.ptp(far, axis=0).max()):
        return far, 0.0
    return quad, near.trust


def _judged(candidates: Candidates, expected: Floats | float, mat: Mat) -> tuple[Floats, Floats]:
    """Return two chances of each candidate: that it is the sheet, and that it may be believed.

    What something lies over, or what leaves the picture, is the best answer all the same: the next
    best is no answer only because nothing lies over it.
    """
    chances = belief.chance(candidates.features, expected)
    gaps = _gaps(candidates.quads)
    near = (gaps > SAME_RIM) & (gaps < OTHER_SHEET)
    over_it = (candidates.broken > LAIN_OVER) | candidates.leaving
    which = _faint(candidates) & (_two_answers(candidates.quads, near & (chances > RIVAL))).any(1)
    # Where a sheet is in doubt, the frame printed on it, whose lines are clear, is not it.
    larger = area(candidates.quads)[None] > area(candidates.quads)[:, None]
    outer = (over_it | which) & larger & (chances > chances[:, None])
    which |= (near & outer).any(1)
    chances = np.where(which, np.minimum(chances, IN_QUESTION), chances)
    chances = np.where(candidates.unlikely, np.minimum(chances, HARDLY_PAPER), chances)
    if mat == "dark":
        column = belief.FEATURES.index("brighter_mean")
        chances = np.where(candidates.features[:, column] > DARK_MAT_STEP, chances, 0.0)
    return chances, np.where(over_it, np.minimum(chances, IN_QUESTION), chances)


def _gaps(quads: Floats) -> Floats:
    """Return M x M: how far the corners of quads lie apart, as a share of the first one's size."""
    sizes = np.ptp(quads, axis=1).max(1)
    return np.asarray(corner_gaps(quads, quads) / sizes[:, None])


def _two_answers(quads: Floats, pairs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of `pairs` (M x M) are not one answer, a pixel further in or out."""
    two = pairs.copy()
    for i, j in np.argwhere(pairs):
        both = shared_area(quads[i], quads[j])
        two[i, j] = both < SAME_ANSWER * (area(quads[i]) + area(quads[j]) - both)
    return two


def _faint(candidates: Candidates) -> NDArray[np.bool_]:
    """Return which have a faint rim: with another one a little further in or out, they are doubted.

    A white sheet on a white table in its sleeve: nothing says which of the two outlines is it. That
    they overlap by .96 does not help: the sheet may be a third one, unseen. A card's shape does say
    it: with a sleeve around, it would be stouter.
    """
    column = belief.FEATURES.index("stepped_min")
    faint = candidates.features[:, column] < FAINT_RIM
    return np.asarray(faint & ~np.array([is_card(quad) for quad in candidates.quads]), np.bool_)


def look(small: Pixels, scene: regions.Scene, effort: regions.Effort) -> Candidates | None:
    """Return the candidates in a small picture, None when there is not one."""
    proposed = regions.propose(scene, effort)
    quads = np.array([in_order(quad) for quad in proposed]).reshape(-1, 4, 2)
    quads = quads[evidence.plausible(quads, small.shape[:2])]
    if not len(quads):
        return None
    best = _unlike(quads, belief.first_glance(evidence.weigh(quads, scene, at_a_glance=True)))
    fit = sides.fit_sides(small, quads[best], COARSE_REACH * COARSE_PX)
    kept = evidence.plausible(fit.quads, small.shape[:2])
    fitted, held = fit.quads[kept], fit.held[kept]
    if not len(fitted):
        return None
    seen = evidence.weigh(fitted, scene)
    agreeing = (corner_gaps(fitted, quads) < 0.015 * COARSE_PX).sum(1)
    size_px = small.shape[1], small.shape[0]
    features = belief.features(fitted, seen, held, agreeing, size_px)
    cardboard = (seen.vivid > VIVID) & (seen.printed < UNPRINTED)
    least = seen.stepped.min(1)
    leaving = (seen.clear < AT_FRAME) & (seen.least < HALF_SEEN)
    return Candidates(fitted, features, seen.broken, leaving, (least < UNSEEN) | cardboard)


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
