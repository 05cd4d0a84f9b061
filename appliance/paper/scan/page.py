"""This file makes one page from one photo: decode, find, straighten, judge, clean, turn, encode."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from appliance.paper.scan.clean import draw_out, even_light, grid_of
from appliance.paper.scan.decode import Photo, Pixels, decode, halve, turn
from appliance.paper.scan.find import FIND_LONG_PX, Found, Mat, find_sheet
from appliance.paper.scan.folds import quarter_of
from appliance.paper.scan.jpeg import encode_page
from appliance.paper.scan.judge import CheckWord, judge_complete, judge_sharp, judge_unharmed
from appliance.paper.scan.orient import upright
from appliance.paper.scan.photo import BadPhoto
from appliance.paper.scan.qr import read_qr
from appliance.paper.scan.quad import (
    SNAP_LOG_RATIO,
    Quad,
    in_order,
    mapped,
    nearest_paper,
    true_aspect,
)
from appliance.paper.scan.straighten import Flat, straighten, whole_photo

_EXIF_FOR_TURNS = (1, 6, 3, 8)

Point = tuple[float, float]
Watch = Callable[[str, Pixels], None]
"""Called with the name and the picture of each step, for `hien scan --debug`."""

__all__ = ["BadPhoto", "CheckWord", "Page", "make_page"]


@dataclass(frozen=True)
class Page:
    """A page made from a photo.

    `jpeg`: the page, no metadata but its dpi. `size_px`: width and height of that page.
    `photo_px`: width and height of the photo as displayed, that is after EXIF orientation.
    `quad`: corners of the sheet in pixels of the photo as displayed, clockwise from the one nearest
    its top left; None when no crop was sure enough, and the page is then the whole photo.
    `guess`: the best corners even when not sure, where to put the handles; None without any.
    `confidence`: 0 to 1, the chance that the crop is right (1 for corners given by a person).
    `checks`: "sharp", "complete", "unharmed". `turns`: clockwise quarter turns made after the crop.
    `upright_sure`: False when the page was left as photographed; show a turn button.
    """

    jpeg: bytes
    size_px: tuple[int, int]
    photo_px: tuple[int, int]
    quad: tuple[Point, ...] | None
    guess: tuple[Point, ...] | None
    confidence: float
    checks: dict[str, CheckWord]
    qr: list[str] = field(repr=False)
    paper: str
    turns: int
    upright_sure: bool
    ms: int

    @property
    def needs_hand(self) -> bool:
        """True when a person has to place the corners."""
        return self.quad is None


def make_page(
    jpeg: bytes,
    *,
    mat: Mat = "any",
    quad: list[Point] | None = None,
    field_mm: float | None = None,
    watch: Watch | None = None,
) -> Page:
    """Return the page of one photo. `quad`: corners placed by a person, pixels as displayed.

    `field_mm`: how much of the table the long side of the photo shows, where that is known; A5 and
    A6 are then told from A4, and what has no known size is not believed.
    Raises BadPhoto; its codes: empty, not_an_image, truncated, too_small, too_large, animated,
    damaged.
    """
    started = time.monotonic()
    photo = decode(jpeg)
    found = _by_hand(quad) if quad is not None else _find(photo, mat, field_mm, watch)
    sure = found.sure
    texts = read_qr(_grey_of(photo, found.quad), thorough=_is_card(photo, found))
    if sure and found.quad is not None:
        flat = straighten(photo, found.quad, field_mm=field_mm)
    else:
        flat = whole_photo(photo)
    placed = found.quad if sure else None
    checks = {"complete": judge_complete(placed, photo.shown_px, several=found.several)}
    photo_px = photo.shown_px
    del photo
    page, turns, turn_sure = _finish(flat, checks, sure, watch)
    corners = None if found.quad is None else _as_points(found.quad)
    return Page(
        jpeg=encode_page(page, dpi=flat.dpi),
        size_px=(page.shape[1], page.shape[0]),
        photo_px=photo_px,
        quad=corners if sure else None,
        guess=corners,
        confidence=found.confidence,
        checks={name: checks[name] for name in ("sharp", "complete", "unharmed")},
        qr=texts,
        paper=flat.paper,
        turns=turns,
        upright_sure=turn_sure,
        ms=round((time.monotonic() - started) * 1000),
    )


def _by_hand(corners: list[Point]) -> Found:
    if len(corners) != 4:
        raise ValueError("a sheet has four corners")
    return Found(in_order(np.array(corners, np.float64)), 1.0)


def _find(photo: Photo, mat: Mat, field_mm: float | None, watch: Watch | None) -> Found:
    picture, to_shown = halve(photo, FIND_LONG_PX)
    found = find_sheet(picture, mat=mat, field_mm=field_mm)
    if watch:
        watch("1-found", _drawn(picture, found))
    if found.quad is None:
        return found
    return replace(found, quad=mapped(to_shown, found.quad))


def _finish(
    flat: Flat, checks: dict[str, CheckWord], cropped: bool, watch: Watch | None
) -> tuple[Pixels, int, bool]:
    """Return the cleaned page, its quarter turns, and whether those are sure; adds checks."""
    if not cropped:
        checks["unharmed"] = CheckWord("unknown", None, "no_sheet")
        checks["sharp"] = CheckWord("unknown", None, "no_sheet")
        return flat.pixels, 0, False
    cells = grid_of(flat.pixels)
    foldable = flat.paper != "ID-1"
    checks["unharmed"] = judge_unharmed(cells, quarter_of(flat.pixels), foldable=foldable)
    evened = even_light(flat.pixels, cells, glare=checks["unharmed"].code == "glare")
    grey = np.asarray(cv2.cvtColor(evened, cv2.COLOR_BGR2GRAY), np.uint8)
    checks["sharp"] = judge_sharp(grey, flat.enlarged)
    lie = upright(grey)
    page = draw_out(evened)
    turns = lie.turns if lie.sure else 0
    page = turn(page, _EXIF_FOR_TURNS[turns])
    if watch:
        watch("2-flat", flat.pixels)
        watch("3-even", evened)
        watch("4-page", page)
    return page, turns, lie.sure


def _is_card(photo: Photo, found: Found) -> bool:
    """Whether the sheet has the shape of an identity card, whose code is worth a long look."""
    if not found.sure or found.quad is None:
        return False
    name, distance = nearest_paper(max(true_aspect(found.quad, photo.shown_px), 1e-3))
    return name == "ID-1" and distance < SNAP_LOG_RATIO


def _grey_of(photo: Photo, quad: Quad | None) -> Pixels:
    """Return the grey of the sheet's bounding box at full resolution, where QR codes are read."""
    height, width = photo.pixels.shape[:2]
    top, bottom, left, right = 0, height, 0, width
    if quad is not None:
        stored = mapped(np.asarray(np.linalg.inv(photo.to_shown), np.float64), quad)
        left, top = np.clip(np.floor(stored.min(0)), 0, [width - 8, height - 8]).astype(int)
        right, bottom = np.clip(np.ceil(stored.max(0)), [left + 8, top + 8], [width, height])
    box = photo.pixels[int(top) : int(bottom), int(left) : int(right)]
    return np.asarray(cv2.cvtColor(box, cv2.COLOR_BGR2GRAY), np.uint8)


def _as_points(quad: Quad) -> tuple[Point, ...]:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in quad)


def _drawn(picture: Pixels, found: Found) -> Pixels:
    shown = picture.copy()
    if found.quad is not None:
        colour = (60, 160, 0) if found.sure else (0, 60, 220)
        corners = np.round(found.quad).astype(np.int32)
        cv2.polylines(shown, [corners], True, colour, 3, cv2.LINE_AA)
    return shown
