"""This file finds the sheet in a photo, and says how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan import belief, evidence, overhead, regions, sides
from appliance.paper.scan.decode import Pixels, halved, resize
from appliance.paper.scan.quad import Quad, area, in_order, nearly_card

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
OTHER_SHEET = 0.12
STICKING_OUT = 0.1
RIVAL, IN_QUESTION, HARDLY_PAPER = 0.5, 0.5, 0.4
"""What is in question because something lies over it is a rival to another sheet all the same."""
LAIN_OVER = 0.12
"""A longer gap in a side than this share of it: another sheet or a thing lies over the rim."""
SAME_RIM, FAINT_RIM = 0.012, 0.97
UNSEEN = 0.2
"""A side with less of a step than this along it is a guess, however well the other three hold."""
REACHED_FRAME, AT_FRAME = 0.1, 0.5
"""Evidence.clear of a sheet that touches the frame to a pixel, and of one three pixels from it."""
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
    Looks quickly first; where that leaves a doubt, again with every kind of region; at a small
    sheet once more from near by. On a dark mat the sheet is lighter than all around it, and
    whatever is not is not believed. `field_mm`: how much of the table the long side of the picture
    shows, where the camera is fixed and that is known; then sizes count, see overhead.py.
    """
    height, width = picture.shape[:2]
    px_per_mm = max(height, width) / field_mm if field_mm else None
    seen = _glance(picture, mat, px_per_mm)
    if seen is None:
        return Found(None, 0.0)
    i = int(seen.chances.argmax())
    best, confidence, reach = seen.quads[i], float(seen.chances[i]), float(max(height, width))
    if area(best) < SMALL * height * width:
        box = around(picture.shape[:2], best)
        near = _glance(picture[box], mat, px_per_mm, efforts=("full",))
        best, confidence = _nearer(best, near, box)
        reach = max(box[0].stop - box[0].start, box[1].stop - box[1].start)
    fine = sides.fit_sides(picture, best[None], FINE_REACH * reach)
    final = in_order(sides.fit_corners(picture, fine, CORNER_REACH * reach))
    if not evidence.plausible(final[None], (height, width))[0]:
        return Found(in_order(best), 0.0)
    several = _rival(seen.quads, seen.chances, i) >= RIVAL
    doubted = several or nearly_card(final)
    return Found(final, min(confidence, IN_QUESTION) if doubted else confidence, several)


@dataclass(frozen=True)
class _Seen:
    """Candidates (M x 4 x 2) in pixels of the picture that was looked at, and their chances."""

    quads: Floats
    chances: Floats


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
    seen = None
    for effort in efforts:
        if seen is None or seen.chances.max() < NO_DOUBT:
            candidates = look(small, scene, effort)
            if candidates is None:
                continue
            quads = (candidates.quads + 0.5) * scale - 0.5
            expected = overhead.log_odds(quads, px_per_mm) if px_per_mm else 0.0
            seen = _Seen(quads, _chances(candidates, expected, mat))
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
    i = int(near.chances.argmax())
    quad = near.quads[i] + [box[1].start, box[0].start]
    if float(np.abs(quad - far).max()) > OTHER_SHEET * float(np.ptp(far, axis=0).max()):
        return far, 0.0
    return quad, float(near.chances[i])


def _rival(quads: Floats, chances: Floats, best: int) -> float:
    """Return the best chance of another sheet, beside the best one or lying half over it.

    What lies wholly within is taken for print: a table, a picture, a frame.
    """
    first = quads[best]
    others = [
        float(chances[j])
        for j, quad in enumerate(quads)
        if float(np.abs(quad - first).max()) > OTHER_SHEET * float(np.ptp(first, axis=0).max())
        and not _encloses(first, quad)
        and not _encloses(quad, first)
    ]
    return max(others, default=0.0)


def _encloses(quad: Quad, other: Quad) -> bool:
    """Return whether `other` (4 x 2) lies in `quad`, or hardly leaves it."""
    side = np.roll(quad, -1, 0) - quad
    inward = np.stack([-side[:, 1], side[:, 0]], 1) / (np.linalg.norm(side, axis=1)[:, None] + 1e-9)
    depth = ((other[:, None] - quad[None]) * inward[None]).sum(2)
    return bool(depth.min() > -STICKING_OUT * np.ptp(other, axis=0).max())


def _chances(candidates: Candidates, expected: Floats | float, mat: Mat) -> Floats:
    chances = belief.chance(candidates.features, expected)
    gaps = _gaps(candidates.quads)
    near = (gaps > SAME_RIM) & (gaps < OTHER_SHEET)
    doubted = (candidates.broken > LAIN_OVER) | candidates.leaving
    doubted |= _faint(candidates) & (near & (chances > RIVAL)).any(1)
    # Where a sheet is in doubt because it leaves the picture, the frame printed on it is not it.
    clear = candidates.features[:, belief.FEATURES.index("clear")]
    outer = doubted & (clear < REACHED_FRAME)
    doubted |= (near & outer & (chances > chances[:, None])).any(1)
    chances = np.where(doubted, np.minimum(chances, IN_QUESTION), chances)
    chances = np.where(candidates.unlikely, np.minimum(chances, HARDLY_PAPER), chances)
    if mat == "dark":
        column = belief.FEATURES.index("brighter_mean")
        chances = np.where(candidates.features[:, column] > DARK_MAT_STEP, chances, 0.0)
    return chances


def _gaps(quads: Floats) -> Floats:
    """Return M x M: how far the corners of quads lie apart, as a share of the first one's size."""
    sizes = np.ptp(quads, axis=1).max(1)
    return np.asarray(np.abs(quads[:, None] - quads[None]).max((2, 3)) / sizes[:, None])


def _faint(candidates: Candidates) -> NDArray[np.bool_]:
    """Return which have a faint rim: with another one a little further in or out, they are doubted.

    A white sheet on a white table in its sleeve: nothing says which of the two outlines is it.
    """
    column = belief.FEATURES.index("stepped_min")
    return np.asarray(candidates.features[:, column] < FAINT_RIM, np.bool_)


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
    agreeing = (np.abs(quads[None] - fitted[:, None]).max((2, 3)) < 0.015 * COARSE_PX).sum(1)
    size_px = small.shape[1], small.shape[0]
    features = belief.features(fitted, seen, held, agreeing, size_px)
    cardboard = (seen.vivid > VIVID) & (seen.printed < UNPRINTED)
    least = seen.stepped.min(1)
    leaving = (seen.clear > 0) & (seen.clear < AT_FRAME) & (least < HALF_SEEN)
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
