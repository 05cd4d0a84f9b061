"""This file weighs candidate quads: is the inside one sheet, and the outside something else?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.quad import area
from appliance.paper.scan.regions import Scene

SAMPLES = 40
BANDS_PX = (4.0, 7.0)
FULL_STEP = 8.0
FULL_CONTRAST = 26.0
FULL_TINT = 20.0
RUN_ON, RUN_ON_PX = 0.18, (8.0, 36.0)
"""How far beyond its corners a side is followed: a share of its length, within these pixels."""
RUN_ON_GAP_PX, RUN_ON_SAMPLES = 5.0, 10
FAINT_STEP = 0.8
GAP_BELOW = 0.35
FOLDED_OVER = 0.4
"""A gap at the end of a side, up to this share of it, may be a folded corner."""
BRIDGED, BARE, BIT_WITHIN = 2, 0.5, 0.3
ALIKE_FOR_LESS = 0.6
"""A run where only the tones are alike counts for this much of one without a step."""
FURTHER_OUT_PX = (5.0, 8.0, 11.0)
PRINTED = 4.0
"""A crisp step above this inside a sheet is print."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What can be seen of M candidates; M x 4 is per side. About 0 (none) to 1 (full).

    `apart` M x 4: how unlike inside and outside are. `stepped` M x 4: share of the side on a step.
    `brighter` M x 4: the inside is lighter, -1 to 1. `even`: the rim of the sheet has one colour.
    `printed`: crisp detail inside. `rough`: crisp detail just outside. `share`: of the picture.
    `square`: least sine of its angles. `clear`: distance from the frame, 1 = well away.
    `cut`: both neighbours of some side run on beyond it, so it cuts through something larger: the
    rim of a shadow, a crease, a heading. `runs_on`: how far sides run on beyond corners at all.
    `broken`: the longest gap within a side, as a share of it: another thing lies over the rim.
    `least`: share on a step of the side with the least of it, as far as it lies in the picture.
    `vivid`: how strong the colour at the rim is beside its lightness: 0.2 for tinted paper.
    `parted` M x 4: no place a little further out is like the inside again, as it is where the side
    is only a printed line. `tinted` M x 4: the two differ by more than the light on them.
    """

    apart: Floats
    stepped: Floats
    brighter: Floats
    even: Floats
    printed: Floats
    rough: Floats
    share: Floats
    square: Floats
    clear: Floats
    cut: Floats
    runs_on: Floats
    tinted: Floats
    parted: Floats
    broken: Floats
    vivid: Floats
    least: Floats


def plausible(quads: Floats, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which of M x 4 x 2 quads can be a sheet seen by a camera: convex, not absurd."""
    height, width = shape
    lengths = np.linalg.norm(np.roll(quads, -1, 1) - quads, axis=2) + 1e-9
    share = area(quads) / (height * width)
    slack = 0.04
    low = quads > np.array([-slack * width, -slack * height])
    high = quads < np.array([(1 + slack) * width, (1 + slack) * height])
    shorter = np.minimum(lengths[:, :2], lengths[:, 2:])
    longer = np.maximum(lengths[:, :2], lengths[:, 2:])
    return np.asarray(
        (_sines(quads) > 0.72).all(1)
        & (share > 0.012)
        & (share < 0.985)
        & low.all((1, 2))
        & high.all((1, 2))
        & (shorter / longer > 0.45).all(1)
    )


def weigh(quads: Floats, scene: Scene, *, at_a_glance: bool = False) -> Evidence:
    """Return the evidence for M x 4 x 2 quads (clockwise) in the small picture.

    `at_a_glance` leaves out, as 0, what takes long: `cut`, `runs_on`.
    """
    height, width = scene.crisp.shape
    sides = np.roll(quads, -1, 1) - quads
    lengths = np.linalg.norm(sides, axis=2, keepdims=True) + 1e-9
    inward = np.stack([-sides[..., 1], sides[..., 0]], -1) / lengths
    along = np.linspace(0.04, 0.96, SAMPLES)
    points = quads[:, :, None] + sides[:, :, None] * along[None, None, :, None]
    normal = np.broadcast_to(inward[:, :, None], points.shape)

    inside = sum(_sample(scene.tone, points + d * normal) for d in BANDS_PX) / len(BANDS_PX)
    outside = sum(_sample(scene.tone, points - d * normal) for d in BANDS_PX) / len(BANDS_PX)
    difference = np.asarray(inside - outside)
    apart = np.clip(np.linalg.norm(difference, axis=-1) / FULL_CONTRAST, 0, 1).mean(2)
    colour = np.asarray(inside)[..., 1:]
    spread = np.abs(colour - np.median(colour, axis=(1, 2), keepdims=True)).mean((1, 2, 3))
    rough = _sample(scene.crisp[..., None], points - 6 * normal)[..., 0]
    steps = _steps(points, np.asarray(normal), scene)
    within = _within(points, scene)
    beyond = np.zeros((len(quads), 4, 2))
    if not at_a_glance:
        beyond = _beyond(quads, sides / lengths, inward, lengths[..., 0], points, scene)
    parted = np.min(
        [_unlike_at(scene, points, normal, np.asarray(inside), d) for d in FURTHER_OUT_PX], axis=0
    )
    past_start, past_end = beyond[..., 0], beyond[..., 1]
    room = np.minimum(quads, np.array([width - 1, height - 1]) - quads).min((1, 2))
    return Evidence(
        apart=apart,
        stepped=np.clip(steps / FULL_STEP, 0, 1).mean(2),
        brighter=np.clip(difference[..., 0] / 20, -1, 1).mean(2),
        even=np.exp(-spread / 8),
        printed=_printed(quads, scene),
        rough=(rough > PRINTED).mean((1, 2)),
        share=area(quads) / (height * width),
        square=_sines(quads).min(1),
        clear=np.clip(room / 6, 0, 1),
        cut=np.minimum(np.roll(past_end, 1, 1), np.roll(past_start, -1, 1)).max(1),
        runs_on=beyond.mean((1, 2)),
        tinted=_tinted(np.asarray(inside), np.asarray(outside)),
        parted=parted,
        broken=_gap(steps, np.asarray(inside), np.asarray(outside), within),
        least=_least(steps, within),
        vivid=_vivid(np.asarray(inside)),
    )


def _beyond(
    quads: Floats, along: Floats, inward: Floats, lengths: Floats, points: Floats, scene: Scene
) -> Floats:
    """Return how well each side runs on past its start and its end (M x 4 x 2, 0 to 1).

    The edge past a corner counts when it has the side's own direction, colours and polarity.
    """
    normal = np.broadcast_to(inward[:, :, None], points.shape)
    own = _across(points, normal, scene).mean(2)
    strength = np.linalg.norm(own, axis=-1)
    unit = own / (strength[..., None] + 1e-9)
    reach = np.clip(RUN_ON * lengths, *RUN_ON_PX)[..., None] * np.linspace(0, 1, RUN_ON_SAMPLES)
    result = np.zeros((*lengths.shape, 2))
    for end, corners, way in ((0, quads, -1), (1, np.roll(quads, -1, 1), 1)):
        past = corners[:, :, None] + way * (RUN_ON_GAP_PX + reach)[..., None] * along[:, :, None]
        normal = np.broadcast_to(inward[:, :, None], past.shape)
        best = np.zeros(past.shape[:3])
        for shift in (-1.5, 0.0, 1.5):
            step = (_across(past + shift * normal, normal, scene) * unit[:, :, None]).sum(-1)
            best = np.maximum(best, step)
        result[..., end] = np.clip(best / (strength[..., None] + FAINT_STEP), 0, 1).mean(2)
    return result


def _unlike_at(scene: Scene, points: Floats, normal: Floats, inside: Floats, out: float) -> Floats:
    """Return M x 4: how unlike the inside the picture is `out` pixels outside (0 to 1)."""
    off = np.linalg.norm(inside - _sample(scene.tone, points - out * normal), axis=-1)
    return np.asarray(np.clip(off / FULL_CONTRAST, 0, 1).mean(2))


def _across(at: Floats, normal: Floats, scene: Scene) -> Floats:
    """Return the signed step (... x 3) along `normal` at points of the picture."""
    return _sample(scene.gx, at) * normal[..., :1] + _sample(scene.gy, at) * normal[..., 1:]


def _tinted(inside: Floats, outside: Floats) -> Floats:
    """Return M x 4: how much colour differs once the lightness is made equal (0 to 1)."""
    lit = (inside[..., :1] + 8) / (outside[..., :1] + 8)
    off = np.linalg.norm(inside[..., 1:] - lit * outside[..., 1:], axis=-1).mean(2)
    return np.asarray(np.clip(off / FULL_TINT, 0, 1))


def _vivid(inside: Floats) -> Floats:
    """Return M: the colour of the rim's tones (M x 4 x SAMPLES x 3) as a share of its lightness."""
    tone = np.median(inside, axis=(1, 2))
    return np.asarray(np.linalg.norm(tone[:, 1:], axis=1) / (tone[:, 0] + 8))


def _steps(points: Floats, normal: Floats, scene: Scene) -> Floats:
    """Return the strongest step near each point of each side (M x 4 x SAMPLES)."""
    strongest = np.zeros(points.shape[:3])
    for shift in (-1.5, 0.0, 1.5):
        across = _across(points + shift * normal, normal, scene)
        strongest = np.maximum(strongest, np.sqrt((across * across).sum(-1)))
    return strongest


def _within(points: Floats, scene: Scene) -> NDArray[np.bool_]:
    """Return which points (M x 4 x SAMPLES) lie in the picture."""
    height, width = scene.crisp.shape
    return np.asarray(((points >= 0) & (points <= [width - 1, height - 1])).all(-1))


def _least(steps: Floats, within: NDArray[np.bool_]) -> Floats:
    """Return the least stepped side (M); one of which only a bit lies in the picture is none."""
    inner = (np.clip(steps / FULL_STEP, 0, 1) * within).sum(2) / np.maximum(within.sum(2), 1)
    return np.asarray(np.where(within.mean(2) < BIT_WITHIN, 1.0, inner).min(1))


def _gap(steps: Floats, inside: Floats, outside: Floats, within: NDArray[np.bool_]) -> Floats:
    """Return the longest run of a side (0 to 1) without its edge (M): see Evidence.broken.

    Half a side without a step is the outline around two sheets, side by side; a short run up to a
    corner is none. Print on what lies over a rim makes steps of its own: there inside and outside
    are alike, for long enough that it is no petal or joint of the table, and a line or two of print
    ends no run. Up to a corner that counts too, unless the table shows: it is folded over.
    """
    none = (steps < GAP_BELOW * np.median(steps, axis=2, keepdims=True)) & within
    apart = np.linalg.norm(inside - outside, axis=-1)
    alike = (apart < GAP_BELOW * np.median(apart, axis=2, keepdims=True)) & within
    paper, table = (np.median(tone, axis=2, keepdims=True) for tone in (inside, outside))
    bare = np.linalg.norm(inside - table, axis=-1) < np.linalg.norm(inside - paper, axis=-1)
    over = _longest(_bridged(none | alike), bare)
    return np.asarray(np.maximum(_longest(none, np.ones_like(none)), ALIKE_FOR_LESS * over))


def _longest(none: NDArray[np.bool_], bare: NDArray[np.bool_]) -> Floats:
    """Return the longest run of any side (M); short ones up to a corner that is `bare` are none."""
    longest = np.zeros(none.shape[:2])
    run, bared = np.zeros(none.shape[:2]), np.zeros(none.shape[:2])
    at_start = none[:, :, 0]
    for k in range(SAMPLES):
        run, bared = (run + 1) * none[:, :, k], (bared + bare[:, :, k]) * none[:, :, k]
        at_start = at_start & none[:, :, k]
        ends = none[:, :, k:].all(2)
        folded = (at_start | ends) & (run <= FOLDED_OVER * SAMPLES) & (bared > BARE * run)
        longest = np.maximum(longest, np.where(folded, 0, run))
    return np.asarray((longest / SAMPLES).max(1))


def _bridged(none: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return runs of a side (M x 4 x SAMPLES) with the BRIDGED samples between two taken in."""
    rows = none.reshape(-1, SAMPLES).astype(np.uint8)
    closed = cv2.morphologyEx(rows, cv2.MORPH_CLOSE, np.ones((1, BRIDGED + 1), np.uint8))
    return np.asarray(closed.reshape(none.shape), np.bool_)


def _printed(quads: Floats, scene: Scene) -> Floats:
    """Return the share of a grid inside each quad that lies on print, times 4, at most 1."""
    grid = np.linspace(0.08, 0.92, 26)
    u, v = (axis.ravel()[:, None] for axis in np.meshgrid(grid, grid))
    a, b, c, d = (quads[:, i][:, None] for i in range(4))
    inside = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * u * v + d * (1 - u) * v
    crisp = _sample(scene.crisp[..., None], inside)[..., 0]
    return np.asarray(np.clip(4 * (crisp > PRINTED).mean(1), 0, 1))


def _sines(quads: Floats) -> Floats:
    sides = np.roll(quads, -1, 1) - quads
    following = np.roll(sides, -1, 1)
    lengths = np.linalg.norm(sides, axis=2) + 1e-9
    turn = sides[..., 0] * following[..., 1] - sides[..., 1] * following[..., 0]
    return np.asarray(turn / (lengths * np.roll(lengths, -1, 1)))


def _sample(plane: NDArray[np.float32], at: Floats) -> Floats:
    """Return `plane` (H x W x C) read at ... x 2 points, bilinear, edges repeated."""
    flat = at.reshape(at.shape[0], -1, 2).astype(np.float32)
    if flat.shape[0] == 0:
        return np.zeros((*at.shape[:-1], plane.shape[2]))
    read = cv2.remap(
        plane,
        np.ascontiguousarray(flat[..., 0]),
        np.ascontiguousarray(flat[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(read, np.float64).reshape(*at.shape[:-1], plane.shape[2])
