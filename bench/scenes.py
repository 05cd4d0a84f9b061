"""This file makes test photos with exact answers: papers under a camera, with defects on demand.

Every scene follows from its seed alone. Against real photos it lacks: real lens distortion and
sensor noise, paper that is crumpled or bound, printed moire, thick objects with hard shadows,
plastic that mirrors a window, two-sided show-through. So figures on it are upper bounds: where a
real photo disagrees, the photo is right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.papers import SIZES_MM, Artwork, draw
from bench.tables import KINDS, clouds, draw_table

DEFECTS = ("blur", "glare", "cut_off", "finger", "shadow", "fold", "curl", "second_sheet", "sleeve")
Plane = NDArray[np.float32]
Quad = NDArray[np.float64]
Rng = np.random.Generator


@dataclass
class Scene:
    """`pixels`: H x W x 3 BGR photo; `quad`: the sheet's own TL, TR, BR, BL in pixels (4 x 2)."""

    pixels: NDArray[np.uint8]
    quad: Quad
    paper: str
    table: str
    lines: list[str]
    qr: str | None
    qr_module_px: float
    turns_cw: int
    defects: tuple[str, ...] = field(default=())

    @property
    def inside(self) -> bool:
        """Whether the whole sheet is in the photo."""
        height, width = self.pixels.shape[:2]
        return bool((self.quad > 2).all() and (self.quad < [width - 3, height - 3]).all())

    def jpeg(self, quality: int = 92) -> bytes:
        return cv2.imencode(".jpg", self.pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def make_scene(
    seed: int,
    *,
    size_px: tuple[int, int] = (2028, 1520),
    paper: str | None = None,
    table: str | None = None,
    defects: tuple[str, ...] = (),
    turn_deg: float | None = None,
    px_per_mm: float | None = None,
    blur_px: float | None = None,
) -> Scene:
    """Return the scene of `seed`: a field of about 440 x 330 mm seen from 6 degrees off the plumb.

    `turn_deg`: how far the paper lies turned clockwise; any by default. `blur_px`: sigma at 12 MP.
    """
    rng = np.random.default_rng(seed)
    paper = paper or str(
        rng.choice(["A4", "A4", "A4", "A5", "A6", "certificate", "card", "receipt"])
    )
    table = table or str(rng.choice(KINDS))
    width = size_px[0]
    scale = px_per_mm or float(rng.uniform(8.0, 9.2)) * width / 4056
    art = draw(paper, rng, min(12.0, 1.3 * scale) if paper != "card" else 2.2 * scale)
    turn = float(rng.uniform(0, 360)) if turn_deg is None else turn_deg
    quad = _place(rng, SIZES_MM[paper], size_px, scale, turn, cut_off="cut_off" in defects)
    picture = draw_table(table, rng, size_px, scale)
    if "second_sheet" in defects:
        _second_sheet(rng, picture, quad, scale)
    inner, mask = _lay(rng, art, quad, size_px, curled="curl" in defects, folded="fold" in defects)
    picture = _shaded_by(picture, mask, rng, scale)
    picture += (inner - picture) * mask[..., None]
    picture *= _light(rng, size_px, shadow="shadow" in defects or rng.random() < 0.4)
    _harm(rng, picture, mask, quad, scale, defects)
    return Scene(
        _through_lens(rng, picture, width / 4056, _blur_of(rng, blur_px, defects)),
        quad,
        paper,
        table,
        art.lines,
        art.qr,
        art.qr_module_mm * scale,
        round(turn / 90) % 4,
        defects,
    )


def empty_table(seed: int, *, size_px: tuple[int, int] = (2028, 1520)) -> NDArray[np.uint8]:
    """Return a photo (H x W x 3 BGR) of a table with no paper on it."""
    rng = np.random.default_rng(seed)
    scale = float(rng.uniform(8.0, 9.2)) * size_px[0] / 4056
    picture = draw_table(str(rng.choice(KINDS)), rng, size_px, scale)
    picture *= _light(rng, size_px, shadow=bool(rng.random() < 0.5))
    return _through_lens(rng, picture, size_px[0] / 4056, float(rng.uniform(0.6, 1.4)))


def _place(
    rng: Rng,
    size_mm: tuple[float, float],
    size_px: tuple[int, int],
    scale: float,
    turn: float,
    *,
    cut_off: bool,
) -> Quad:
    """Return where a pinhole camera over the table sees the four corners of the sheet."""
    half = np.array(size_mm) / 2
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    a = math.radians(turn)
    flat = flat @ np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    focal = 1.1 * size_px[0]
    tilt_x, tilt_y = np.radians(rng.uniform(-6, 6, 2))
    depth = focal / scale + flat[:, 0] * math.sin(tilt_y) + flat[:, 1] * math.sin(tilt_x)
    seen = flat * [math.cos(tilt_y), math.cos(tilt_x)] / depth[:, None] * focal
    low, high = seen.min(0), seen.max(0)
    frame = np.array(size_px, float)
    spare = np.maximum(frame - (high - low) - 24, 0)
    corner = 12 + rng.uniform(0, 1, 2) * spare
    too_big = high - low > frame - 24
    corner = np.where(too_big, (frame - (high - low)) / 2, corner)
    if cut_off:
        side = int(rng.integers(0, 2))
        hanging = float(rng.uniform(0.02, 0.12)) * (high - low)[side]
        corner[side] = (
            -hanging if rng.random() < 0.5 else frame[side] - (high - low)[side] + hanging
        )
    return np.asarray(seen - low + corner)


def _lay(
    rng: Rng, art: Artwork, quad: Quad, size_px: tuple[int, int], *, curled: bool, folded: bool
) -> tuple[Plane, Plane]:
    """Return the sheet as the camera sees it (H x W x 3) and its coverage (H x W, 0 to 1)."""
    pixels = art.pixels.astype(np.float32)
    rows, columns = pixels.shape[:2]
    cover = np.full((rows, columns), 1.0, np.float32)
    if art.kind == "card":
        cover[:] = 0
        r = round(3.18 * art.dots_per_mm)
        cv2.rectangle(cover, (r, 0), (columns - r, rows), 1.0, -1)
        cv2.rectangle(cover, (0, r), (columns, rows - r), 1.0, -1)
        for at in (
            (r, r),
            (columns - r - 1, r),
            (columns - r - 1, rows - r - 1),
            (r, rows - r - 1),
        ):
            cv2.circle(cover, at, r, 1.0, -1)
    if folded:
        pixels *= _fold(rng, rows, columns)[..., None]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - 0.5
    to_photo = cv2.getPerspectiveTransform(source, quad.astype(np.float32))
    shrink = columns / float(np.linalg.norm(quad[1] - quad[0]))
    if shrink > 1.2:
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.45 * shrink)
    inner = cv2.warpPerspective(pixels, to_photo, size_px, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(cover, to_photo, size_px)
    if curled:
        inner, mask = _curl(rng, inner, mask, quad)
    return np.asarray(inner, np.float32), np.asarray(
        cv2.GaussianBlur(mask, (0, 0), 0.6), np.float32
    )


def _fold(rng: Rng, rows: int, columns: int) -> Plane:
    """Return the shading of a sheet that was folded in four: a crease, one half a bit darker."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    shade = np.ones((rows, columns), np.float32)
    for along, length in ((x, columns), (y, rows)):
        at = length * float(rng.uniform(0.45, 0.55))
        shade *= 1 - 0.05 * (along > at) * float(rng.uniform(0.3, 1))
        shade *= 1 - float(rng.uniform(0.15, 0.4)) * np.exp(
            -(((along - at) / (0.002 * length)) ** 2)
        )
    return shade


def _curl(rng: Rng, inner: Plane, mask: Plane, quad: Quad) -> tuple[Plane, Plane]:
    """Bow the sheet sideways between its corners, which stay where they are."""
    height, width = mask.shape
    middle, reach = quad.mean(0), np.ptp(quad, axis=0).max() / 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - middle[0]) / reach, (y - middle[1]) / reach
    bow = float(rng.uniform(0.004, 0.010) * reach)
    lift = np.maximum(0, 1 - u * u - v * v)
    map_x, map_y = (x + bow * lift * v).astype(np.float32), (y + bow * lift * u).astype(np.float32)
    return (
        np.asarray(cv2.remap(inner, map_x, map_y, cv2.INTER_LINEAR), np.float32),
        np.asarray(cv2.remap(mask, map_x, map_y, cv2.INTER_LINEAR), np.float32),
    )


def _shaded_by(picture: Plane, mask: Plane, rng: Rng, scale: float) -> Plane:
    """Return the table with the soft shadow that a sheet throws along its edge."""
    shift = np.array([[1, 0, rng.uniform(-1, 1)], [0, 1, rng.uniform(0.2, 1.4)]]) * [1, 1, scale]
    below = cv2.warpAffine(mask, shift, (mask.shape[1], mask.shape[0]))
    soft = cv2.GaussianBlur(below, (0, 0), 0.9 * scale)
    return np.asarray(picture * (1 - rng.uniform(0.15, 0.4) * soft * (1 - mask))[..., None])


def _light(rng: Rng, size_px: tuple[int, int], *, shadow: bool) -> Plane:
    """Return what the lamp gives each pixel (H x W x 3): fall-off, its colour, a hand's shadow."""
    width, height = size_px[0] // 8, size_px[1] // 8
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    at = rng.uniform(-0.2, 1.2, 2) * [width, height]
    reach = float(rng.uniform(0.9, 1.8)) * width
    lit = 1 / (1 + ((x - at[0]) ** 2 + (y - at[1]) ** 2) / reach**2)
    lit = 0.35 + 0.65 * lit / lit.max()
    if shadow:
        hand = (rng.uniform(0, 1, 2) + rng.normal(0, 0.28, (6, 2))) * [width, height]
        dark = np.ones_like(lit)
        outline = cv2.convexHull(hand.astype(np.int32))
        cv2.fillConvexPoly(dark, outline, float(rng.uniform(0.45, 0.75)))
        lit = lit * cv2.GaussianBlur(dark, (0, 0), float(rng.uniform(2, 30) * width / 507))
    colour = np.array([rng.uniform(0.8, 1), 1, rng.uniform(0.95, 1.05)]) * rng.uniform(0.8, 1.03)
    full = cv2.resize(lit.astype(np.float32), size_px)
    return np.asarray(full[..., None] * colour.astype(np.float32), np.float32)


def _second_sheet(rng: Rng, picture: Plane, quad: Quad, scale: float) -> None:
    """Lay another sheet on the table, under or beside the one that is meant."""
    other = draw("A5", rng, min(6.0, 1.2 * scale))
    height, width = picture.shape[:2]
    away = rng.uniform(-1, 1, 2)
    middle = quad.mean(0) + away / (np.linalg.norm(away) + 1e-9) * np.ptp(quad, axis=0).max() * 0.75
    spot = _place(
        rng, SIZES_MM["A5"], (width, height), scale, float(rng.uniform(0, 360)), cut_off=False
    )
    spot = spot - spot.mean(0) + middle
    rows, columns = other.pixels.shape[:2]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, spot.astype(np.float32))
    cover = cv2.warpPerspective(np.ones((rows, columns), np.float32), matrix, (width, height))
    sheet = cv2.warpPerspective(other.pixels.astype(np.float32) * 0.97, matrix, (width, height))
    picture += (sheet - picture) * cover[..., None]


def _harm(
    rng: Rng, picture: Plane, mask: Plane, quad: Quad, scale: float, defects: tuple[str, ...]
) -> None:
    """Add, in place, what lies over the sheet: a lamp's reflection, a finger, a plastic sleeve."""
    height, width = mask.shape
    if "glare" in defects:
        at = quad.mean(0) + rng.uniform(-0.3, 0.3, 2) * np.ptp(quad, axis=0)
        spot = np.zeros((height, width), np.float32)
        axes = float(rng.uniform(14, 40) * scale), float(rng.uniform(7, 16) * scale)
        cv2.ellipse(spot, (tuple(map(float, at)), axes, float(rng.uniform(0, 180))), 1.0, -1)
        soft = cv2.GaussianBlur(spot, (0, 0), float(rng.uniform(1, 3) * scale))
        picture += (soft * mask * rng.uniform(160, 300))[..., None]
    if "sleeve" in defects:
        streaks = np.maximum(clouds(rng, width, height, stretch=4) - 0.62, 0) * 250
        picture += (streaks * cv2.dilate(mask, np.ones((25, 25), np.uint8)))[..., None]
    if "finger" in defects:
        side = int(rng.integers(0, 4))
        edge = quad[side] + rng.uniform(0.25, 0.75) * (quad[(side + 1) % 4] - quad[side])
        inwards = quad.mean(0) - edge
        inwards /= np.linalg.norm(inwards)
        tip = edge + inwards * rng.uniform(8, 18) * scale
        root = edge - inwards * 60 * scale
        skin = np.array([rng.uniform(85, 150), rng.uniform(115, 175), rng.uniform(170, 225)])
        covered = np.zeros((height, width), np.float32)
        ends = [tuple(int(v) for v in np.round(p)) for p in (tip, root)]
        cv2.line(covered, ends[0], ends[1], 1.0, round(16 * scale), cv2.LINE_AA)
        covered = cv2.GaussianBlur(covered, (0, 0), 0.5 * scale)[..., None]
        picture += (skin.astype(np.float32) - picture) * covered


def _blur_of(rng: Rng, blur_px: float | None, defects: tuple[str, ...]) -> float:
    if blur_px is not None:
        return blur_px
    return float(rng.uniform(5.5, 9)) if "blur" in defects else float(rng.uniform(0.6, 1.4))


def _through_lens(rng: Rng, picture: Plane, zoom: float, blur_px: float) -> NDArray[np.uint8]:
    """Return the picture out of focus by `blur_px` (at 12 MP), with the sensor's noise."""
    sigma = blur_px * zoom
    if sigma > 0.25:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    tile = rng.normal(0, 1, (509, 521, 3)).astype(np.float32)
    height, width = picture.shape[:2]
    repeats = (-(-height // 509), -(-width // 521), 1)
    noise = np.tile(tile, repeats)[:height, :width]
    grain = float(rng.uniform(1.5, 4)) * max(0.5, math.sqrt(zoom))
    noisy = picture + noise * (grain * np.sqrt(np.maximum(picture, 4) / 128))
    return np.clip(noisy, 0, 255).astype(np.uint8)
