"""This file looks at a frame of the live picture: has it moved, and would a photo now be good?

Two looks of very different cost. `signature` is for every frame and takes about a millisecond; the
room compares two of them to know that nothing moves. `glance` finds and judges the sheet as the
page maker will, but on a quarter of the pixels, and is asked once for each scene that lies still.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.decode import Photo, Pixels, halved, scale_matrix
from appliance.paper.scan.find import Mat, find_sheet
from appliance.paper.scan.judge import edge_widths, judge_complete, judge_unharmed
from appliance.paper.scan.photo import BadPhoto
from appliance.paper.scan.quad import Quad, mapped
from appliance.paper.scan.straighten import straighten

SIGNATURE_PX = (32, 24)
FACE_PX = (30, 42)
CELLS_DPI = 50
"""Twice the grid the page maker judges; halved again, its noise is that of a mean."""
NEAR_RIM = 0.02
DARK_LEVEL = 55
LIGHTER_LEVELS = 20
SOFT_PX, PRINTED_TILES = 4.2, 20
"""Print in the live picture is 2.7 to 3.3 px at its edges; what a photo of 12 megapixels shows out
of focus by 4.5 px and more is wider than this. Less cannot be told from so few pixels, nor can a
card: the photo itself is judged for that."""


@dataclass(frozen=True)
class Glance:
    """`code`: "" when a photo now would be good, else why not: no_sheet, unsure, several, cut_off,
    dark, card, or a code of judge.py. `corners`: of the sheet, as parts of width and height.
    `face`: FACE_PX grey values of the sheet standing upright, to know it again. Without a sheet
    both are empty.
    """

    code: str
    corners: tuple[tuple[float, float], ...] | None = None
    face: bytes = b""


def signature(frame: bytes) -> bytes:
    """Return SIGNATURE_PX grey values of a JPEG, its own brightness taken out. Raises BadPhoto."""
    small = _decoded(frame, cv2.IMREAD_REDUCED_GRAYSCALE_8)
    cells = cv2.resize(small, SIGNATURE_PX, interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.clip(cells - int(cells.mean()) + 128, 0, 255).astype(np.uint8).tobytes()


def glance(frame: bytes, mat: Mat = "any") -> Glance:
    """Find and judge the sheet in a JPEG of the live picture. Raises BadPhoto."""
    picture = _decoded(frame, cv2.IMREAD_REDUCED_COLOR_2)
    height, width = picture.shape[:2]
    found = find_sheet(picture, mat=mat)
    if found.quad is None:
        return Glance("no_sheet")
    if not found.sure:
        return Glance("several" if found.several else _doubt(picture, found.quad))
    complete = judge_complete(found.quad, (width, height))
    photo = Photo(picture, scale_matrix(1, 1), (width, height), 1)
    straight = straighten(photo, found.quad, dpi=CELLS_DPI)
    flat = straight.pixels
    unharmed = judge_unharmed(halved(flat), flat, foldable=False)
    grey = np.asarray(cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY), np.uint8)
    code = complete.code or unharmed.code
    if not code and float(np.percentile(grey, 75)) < DARK_LEVEL:
        code = "dark"
    if not code and straight.paper == "ID-1":
        code = "card"  # is looked at; no photo is taken of it by itself
    if not code and _soft(frame, found.quad, straight.enlarged):
        code = "blurred"
    return Glance(code, _parts(found.quad, width, height), _face(grey))


def _soft(frame: bytes, quad: Quad, enlarged: float) -> bool:
    """Return whether print on the sheet at `quad`, in the halved picture, is far out of focus.

    `enlarged`: how much larger than that picture the sheet comes out at CELLS_DPI.
    """
    picture = _decoded(frame, cv2.IMREAD_COLOR)
    height, width = picture.shape[:2]
    photo = Photo(picture, scale_matrix(1, 1), (width, height), 1)
    corners = mapped(scale_matrix(2, 2), quad)
    flat = straighten(photo, corners, dpi=round(CELLS_DPI * 2 / enlarged)).pixels
    grey = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    near = cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    paper = cv2.medianBlur(cv2.dilate(grey, near), 15)
    widths = edge_widths(np.asarray(cv2.divide(grey, paper, scale=250), np.uint8))
    return widths.shape[1] >= PRINTED_TILES and float(np.median(widths.min(0))) > SOFT_PX


def _doubt(picture: Pixels, guess: Quad) -> str:
    """Why the best guess is not sure: nothing light lies there, it hangs out, or it is unclear."""
    height, width = picture.shape[:2]
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.round(guess).astype(np.int32), 255)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    lighter = cv2.mean(grey, inside)[0] - cv2.mean(grey, cv2.bitwise_not(inside))[0]
    if lighter < LIGHTER_LEVELS:
        return "no_sheet"
    rim = np.array([width, height]) * NEAR_RIM
    outside = (guess < rim).any() or (guess > [width, height] - rim).any()
    return "cut_off" if outside else "unsure"


def _decoded(frame: bytes, flag: int) -> Pixels:
    try:
        pixels = cv2.imdecode(np.frombuffer(frame, np.uint8), flag)
    except cv2.error:
        pixels = None
    if pixels is None or min(pixels.shape[:2]) < 8:
        raise BadPhoto("damaged")
    return np.asarray(pixels, np.uint8)


def _parts(quad: Quad, width: int, height: int) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x) / width, 4), round(float(y) / height, 4)) for x, y in quad)


def _face(grey: Pixels) -> bytes:
    """Return the sheet in a few cells. The lamp's fall-off is taken out, what is printed stays."""
    if grey.shape[1] > grey.shape[0]:
        grey = np.asarray(cv2.rotate(grey, cv2.ROTATE_90_CLOCKWISE), np.uint8)
    cells = cv2.resize(grey, FACE_PX, interpolation=cv2.INTER_AREA).astype(np.float32)
    light: NDArray[np.float32] = np.asarray(cv2.GaussianBlur(cells, (0, 0), 6), np.float32)
    return bytes(np.clip((cells - light) * 2 + 128, 0, 255).astype(np.uint8).tobytes())
