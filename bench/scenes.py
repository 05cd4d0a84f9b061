"""This file makes test photos with exact answers: papers under a camera, with defects on demand.

Every scene follows from its seed alone. Against real photos it lacks: real lens distortion and
sensor noise, paper that is crumpled or bound, printed moire, thick objects with hard shadows,
plastic that mirrors a window, two-sided show-through, paper that stands up from the table (curl
only bows its edges), skin with nails and creases, light of two colours at once. So figures on it
are upper bounds: where a real photo disagrees, the photo is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.papers import Artwork, draw
from bench.scene_harms import bow, creased, flap_over, harm
from bench.scene_light import light, shaded_by, through_lens
from bench.scene_places import place, within
from bench.tables import KINDS, draw_table

DEFECTS = ("blur", "glare", "cut_off", "finger", "shadow", "fold", "curl", "second_sheet", "sleeve")
MORE_DEFECTS = ("flap", "faint_crease", "several", "motion")
"""Further ones: a corner folded over, a crease that harms nothing, two or three whole sheets."""
PAPERS = ("A4", "A4", "A4", "A5", "A6", "certificate", "card", "receipt")
Plane = NDArray[np.float32]
Quad = NDArray[np.float64]
Rng = np.random.Generator


@dataclass
class Scene:
    """`pixels`: H x W x 3 BGR photo; `quad`: the sheet's own TL, TR, BR, BL in pixels (4 x 2).

    `others`: where further whole sheets lie, none of them more meant than the first.
    """

    pixels: NDArray[np.uint8]
    quad: Quad
    paper: str
    table: str
    lines: list[str]
    qr: str | None
    qr_module_px: float
    turns_cw: int
    defects: tuple[str, ...] = field(default=())
    others: tuple[Quad, ...] = field(default=())

    @property
    def inside(self) -> bool:
        """Whether the whole sheet is in the photo."""
        return within(self.quad, (self.pixels.shape[1], self.pixels.shape[0]), 2)

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
    tilt_deg: float = 6.0,
) -> Scene:
    """Return the scene of `seed`: a field of about 440 x 330 mm seen from 6 degrees off the plumb.

    `turn_deg`: how far the paper lies turned clockwise; any by default. `blur_px`: sigma at 12 MP.
    `tilt_deg`: how far off the plumb the camera looks at most; 25 is a phone held in the hand.
    """
    laid = lay_out(
        seed,
        size_px=size_px,
        paper=paper,
        table=table,
        defects=defects,
        turn_deg=turn_deg,
        px_per_mm=px_per_mm,
        tilt_deg=tilt_deg,
    )
    return photograph(laid, defects, laid.rng, zoom=size_px[0] / 4056, blur_px=blur_px)


@dataclass
class Laid:
    """A sheet on its table as the lamp lights it, before anything comes over it and before any
    lens: `picture` H x W x 3, `mask` H x W where the sheet is; `scale` in pixels per mm.
    """

    picture: Plane
    mask: Plane
    quad: Quad
    others: tuple[Quad, ...]
    art: Artwork
    table: str
    scale: float
    turn: float
    rng: Rng


def lay_out(
    seed: int,
    *,
    size_px: tuple[int, int],
    paper: str | None = None,
    table: str | None = None,
    defects: tuple[str, ...] = (),
    turn_deg: float | None = None,
    px_per_mm: float | None = None,
    tilt_deg: float = 6.0,
) -> Laid:
    """Return what lies there; of it several photos can be taken. Arguments as for make_scene."""
    rng = np.random.default_rng(seed)
    paper = paper or str(rng.choice(PAPERS))
    table = table or str(rng.choice(KINDS))
    if "several" in defects:
        paper = paper if paper in ("A6", "card", "receipt") else "A5"
    width = size_px[0]
    scale = px_per_mm or float(rng.uniform(8.0, 9.2)) * width / 4056
    art = draw(paper, rng, min(12.0, 1.3 * scale) if paper != "card" else 2.2 * scale)
    turn = float(rng.uniform(0, 360)) if turn_deg is None else turn_deg
    quad = place(rng, paper, size_px, scale, turn, tilt_deg, cut_off="cut_off" in defects)
    picture = draw_table(table, rng, size_px, scale)
    others: tuple[Quad, ...] = ()
    if "second_sheet" in defects:
        _second_sheet(rng, picture, quad, scale)
    if "several" in defects:
        quad, others = _beside(rng, picture, paper, quad, scale)
    inner, mask = _lay(rng, art, quad, size_px, defects)
    picture = shaded_by(picture, mask, rng, scale)
    picture += (inner - picture) * mask[..., None]
    picture *= light(rng, size_px, shadow="shadow" in defects or rng.random() < 0.4)
    return Laid(picture, mask, quad, others, art, table, scale, turn, rng)


def photograph(
    laid: Laid, defects: tuple[str, ...], rng: Rng, *, zoom: float, blur_px: float | None = None
) -> Scene:
    """Take a photo of what lies there, with the defects that come over it; changes its picture.

    `zoom`: how fine the photo is beside one of 12 megapixels of the whole field.
    """
    harm(rng, laid.picture, laid.mask, laid.quad, laid.scale, defects)
    smear_px = float(rng.uniform(13, 26)) * laid.scale / 8.6 if "motion" in defects else 0.0
    return Scene(
        through_lens(rng, laid.picture, zoom, _blur_of(rng, blur_px, defects), smear_px),
        laid.quad,
        laid.art.kind,
        laid.table,
        laid.art.lines,
        laid.art.qr,
        laid.art.qr_module_mm * laid.scale,
        round(laid.turn / 90) % 4,
        defects,
        laid.others,
    )


def empty_table(
    seed: int, *, size_px: tuple[int, int] = (2028, 1520), table: str | None = None
) -> NDArray[np.uint8]:
    """Return a photo (H x W x 3 BGR) of a table with no paper on it."""
    rng = np.random.default_rng(seed)
    scale = float(rng.uniform(8.0, 9.2)) * size_px[0] / 4056
    kind = str(rng.choice(KINDS))
    picture = draw_table(table or kind, rng, size_px, scale)
    picture *= light(rng, size_px, shadow=bool(rng.random() < 0.5))
    return through_lens(rng, picture, size_px[0] / 4056, float(rng.uniform(0.6, 1.4)))


def _lay(
    rng: Rng, art: Artwork, quad: Quad, size_px: tuple[int, int], defects: tuple[str, ...]
) -> tuple[Plane, Plane]:
    """Return the sheet as the camera sees it (H x W x 3) and its coverage (H x W, 0 to 1)."""
    pixels = art.pixels.astype(np.float32)
    rows, columns = pixels.shape[:2]
    cover = np.full((rows, columns), 1.0, np.float32)
    if art.kind == "card":
        cover = _rounded(rows, columns, round(3.18 * art.dots_per_mm))
    if "fold" in defects:
        pixels *= creased(rng, rows, columns, 0.15, 0.4)[..., None]
    if "faint_crease" in defects:
        pixels *= creased(rng, rows, columns, 0.02, 0.06)[..., None]
    if "flap" in defects:
        flap_over(rng, pixels, cover, art.dots_per_mm)
    shrink = columns / float(np.linalg.norm(quad[1] - quad[0]))
    if shrink > 1.2:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.45 * shrink), np.float32)
    inner, mask = _seen(pixels, quad, size_px), _seen(cover, quad, size_px, rim=0)
    if "curl" in defects:
        inner, mask = bow(rng, inner, mask, quad)
    return inner, np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.6), np.float32)


def _seen(sheet: Plane, quad: Quad, size_px: tuple[int, int], rim: int = 8) -> Plane:
    """Return a flat sheet laid with its corners on `quad`, only the box around it painted."""
    rows, columns = sheet.shape[:2]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - 0.5
    low = np.clip(np.floor(quad.min(0)) - 30, 0, np.array(size_px) - 2).astype(int)
    high = np.clip(np.ceil(quad.max(0)) + 30, low + 2, size_px).astype(int)
    matrix = cv2.getPerspectiveTransform(source, (quad - low).astype(np.float32))
    border = cv2.BORDER_REPLICATE if rim else cv2.BORDER_CONSTANT
    box = int(high[0] - low[0]), int(high[1] - low[1])
    full = np.zeros((size_px[1], size_px[0], *sheet.shape[2:]), np.float32)
    full[low[1] : high[1], low[0] : high[0]] = cv2.warpPerspective(
        sheet, matrix, box, borderMode=border
    )
    return full


def _rounded(rows: int, columns: int, r: int) -> Plane:
    cover = np.zeros((rows, columns), np.float32)
    cv2.rectangle(cover, (r, 0), (columns - r, rows), 1.0, -1)
    cv2.rectangle(cover, (0, r), (columns, rows - r), 1.0, -1)
    right, below = columns - r - 1, rows - r - 1
    for at in ((r, r), (right, r), (right, below), (r, below)):
        cv2.circle(cover, at, r, 1.0, -1)
    return cover


def _second_sheet(rng: Rng, picture: Plane, quad: Quad, scale: float) -> None:
    """Lay another sheet on the table, under or beside the one that is meant."""
    other = draw("A5", rng, min(6.0, 1.2 * scale))
    size_px = picture.shape[1], picture.shape[0]
    away = rng.uniform(-1, 1, 2)
    middle = quad.mean(0) + away / (np.linalg.norm(away) + 1e-9) * np.ptp(quad, axis=0).max() * 0.75
    spot = place(rng, "A5", size_px, scale, float(rng.uniform(0, 360)))
    _put(picture, other, spot - spot.mean(0) + middle)


def _beside(
    rng: Rng, picture: Plane, paper: str, quad: Quad, scale: float
) -> tuple[Quad, tuple[Quad, ...]]:
    """Lay one or two more whole sheets of the same kind, none over another; all are meant."""
    height, width = picture.shape[:2]
    taken, size_px = [quad], (width, height)
    for _ in range(60):
        spot = place(rng, paper, size_px, scale, float(rng.uniform(0, 360)))
        if within(spot, size_px, 6) and all(_apart(spot, other) for other in taken):
            taken.append(spot)
            _put(picture, draw(paper, rng, min(9.0, 1.2 * scale)), spot)
            if len(taken) == 3 or rng.random() < 0.6:
                break
    return quad, tuple(taken[1:])


def _apart(one: Quad, other: Quad) -> bool:
    common, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    return float(common) < 1.0


def _put(picture: Plane, art: Artwork, spot: Quad) -> None:
    size_px = picture.shape[1], picture.shape[0]
    cover = _seen(np.ones(art.pixels.shape[:2], np.float32), spot, size_px, rim=0)
    sheet = _seen(art.pixels.astype(np.float32) * 0.97, spot, size_px)
    picture += (sheet - picture) * cover[..., None]


def _blur_of(rng: Rng, blur_px: float | None, defects: tuple[str, ...]) -> float:
    if blur_px is not None:
        return blur_px
    return float(rng.uniform(4.5, 9)) if "blur" in defects else float(rng.uniform(0.6, 1.4))
