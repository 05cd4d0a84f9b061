"""This file makes the flat page: one warp from the photo as stored to the page at 200 dpi."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from appliance.paper.scan.decode import Matrix, Photo, Pixels
from appliance.paper.scan.quad import Quad, page_mm, true_aspect

DPI = 200
WHOLE_PHOTO_LONG_PX = 2339


@dataclass(frozen=True)
class Flat:
    """`pixels`: the page, H x W x 3 BGR; `dpi` is nominal where the paper's size is a guess.

    `enlarged`: pixels of the page per pixel of the photo along its finer side.
    """

    pixels: Pixels
    paper: str
    dpi: int
    enlarged: float = 1.0


def straighten(photo: Photo, quad: Quad, *, dpi: int = DPI, field_mm: float | None = None) -> Flat:
    """Return the sheet whose corners are `quad` (pixels of the photo as shown) as a flat page.

    `field_mm`: how much of the table the long side of the photo shows, where the camera is fixed
    and that is known; then an A5 sheet becomes an A5 page.
    """
    long_mm = _long_side_px(quad) / max(photo.shown_px) * field_mm if field_mm else None
    width_mm, height_mm, paper = page_mm(true_aspect(quad, photo.shown_px), long_mm)
    width, height = round(width_mm / 25.4 * dpi), round(height_mm / 25.4 * dpi)
    width, height = max(width, 16), max(height, 16)
    sides = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    enlarged = min(2 * width / (sides[0] + sides[2]), 2 * height / (sides[1] + sides[3]))
    return Flat(_warp(photo, quad, width, height), paper, dpi, float(enlarged))


def _long_side_px(quad: Quad) -> float:
    sides = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    return float(max(sides[0] + sides[2], sides[1] + sides[3]) / 2)


def whole_photo(photo: Photo) -> Flat:
    """Return the photo as shown, uncropped, as the page a person will place the corners on."""
    width, height = photo.shown_px
    quad = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)
    ratio = min(1.0, WHOLE_PHOTO_LONG_PX / max(width, height))
    size = round(width * ratio), round(height * ratio)
    return Flat(_warp(photo, quad, *size), "", round(max(size) / 297 * 25.4))


def _warp(photo: Photo, quad: Quad, width: int, height: int) -> Pixels:
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    to_page = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    source = photo.pixels
    matrix: Matrix = np.asarray(to_page @ photo.to_shown, np.float64)
    shrinking = np.linalg.norm(quad[1] - quad[0]) / width * (source.shape[1] / _stored_width(photo))
    while shrinking >= 2:
        # Bilinear sampling alone would skip pixels and turn fine print into noise.
        halved = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        step = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]], np.float64)
        source, matrix, shrinking = np.asarray(halved, np.uint8), matrix @ step, shrinking / 2
    page = cv2.warpPerspective(
        source, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(page, np.uint8)


def _stored_width(photo: Photo) -> int:
    return photo.shown_px[1] if photo.orientation >= 5 else photo.shown_px[0]
