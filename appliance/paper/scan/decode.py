"""This file turns the bytes of a photo into pixels once, and knows how they lie when shown."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan.photo import BadPhoto, PhotoHeader, read_header

HALVE_ABOVE_PIXELS = 25_000_000
"""A larger JPEG is decoded at half size: 64 MP then costs the memory of 16 MP."""
REDUCE_ABOVE_PIXELS = 13_000_000
"""A larger photo of another kind is halved before its colours are changed: 600 MB is the limit."""

if TYPE_CHECKING:
    from PIL.Image import Image

STRIP_PX = 512

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]

_TURN: dict[int, Callable[[Any], Any]] = {
    1: np.ascontiguousarray,
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


@dataclass(frozen=True)
class Photo:
    """A decoded photo.

    `pixels`: H x W x 3 BGR, as stored. `to_shown`: 3 x 3, from pixel centres of `pixels` to pixel
    centres of the photo as displayed (EXIF orientation applied, full size). Turning 12 megapixels
    costs time and memory, so only the matrix and small copies are turned.
    """

    pixels: Pixels
    to_shown: Matrix
    shown_px: tuple[int, int]
    orientation: int


def decode(data: bytes) -> Photo:
    """Decode a photo of any accepted kind; raise BadPhoto when that cannot be done."""
    header = read_header(data)
    pixels = _decode_jpeg(data, header) if header.is_plain_jpeg else _decode_other(data, header)
    height, width = pixels.shape[:2]
    scaling = scale_matrix(header.stored_px[0] / width, header.stored_px[1] / height)
    to_shown = _turn_matrix(header.orientation, header.stored_px) @ scaling
    return Photo(pixels, to_shown, header.shown_px, header.orientation)


def halve(photo: Photo, long_side_px: int) -> tuple[Pixels, Matrix]:
    """Return a copy as displayed, halved until it is below `long_side_px`; its matrix to shown.

    Exact 2 x 2 means are several times cheaper than any other ratio.
    """
    small = photo.pixels
    while max(small.shape[:2]) > long_side_px:
        small = halved(small)
    height, width = small.shape[:2]
    factor = round(photo.pixels.shape[1] / width)
    back = scale_matrix(factor, factor)
    turned = turn(small, photo.orientation)
    unturn = np.linalg.inv(_turn_matrix(photo.orientation, (width, height)))
    return turned, photo.to_shown @ back @ unturn


def halved(pixels: Pixels) -> Pixels:
    """Return `pixels` at half size; an odd last row or column is left out, which keeps it fast."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    return resize(pixels[: 2 * height, : 2 * width], width, height)


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return `pixels` shrunk to width x height by area means."""
    small = cv2.resize(pixels, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def scale_matrix(x: float, y: float) -> Matrix:
    """Return the 3 x 3 scaling that maps pixel centres to pixel centres."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]], np.float64)


def turn(pixels: Pixels, orientation: int) -> Pixels:
    """Return `pixels` turned as EXIF `orientation` (1-8) asks for display."""
    return np.asarray(_TURN[orientation](pixels), np.uint8)


def _turn_matrix(orientation: int, stored_px: tuple[int, int]) -> Matrix:
    """Return the 3 x 3 matrix of `turn` for a picture of `stored_px` (width, height)."""
    matrix = np.eye(3)
    width, height = stored_px
    if orientation >= 5:
        matrix = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], np.float64)
        width, height = height, width
    if orientation in (2, 3, 6, 7):
        matrix = np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]], np.float64) @ matrix
    if orientation in (3, 4, 7, 8):
        matrix = np.array([[1, 0, 0], [0, -1, height - 1], [0, 0, 1]], np.float64) @ matrix
    return matrix


def _decode_jpeg(data: bytes, header: PhotoHeader) -> Pixels:
    large = header.stored_px[0] * header.stored_px[1] > HALVE_ABOVE_PIXELS
    if not large and (plain := _decode_sound_jpeg(data)) is not None:
        return plain
    flag = cv2.IMREAD_REDUCED_COLOR_2 if large else cv2.IMREAD_COLOR
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise BadPhoto("damaged")
    return np.asarray(pixels, np.uint8)


def _decode_sound_jpeg(data: bytes) -> Pixels | None:
    """Return the pixels by simplejpeg: those of cv2.imdecode, bit by bit, in two thirds the time.

    None where it is not installed (picamera2 brings it), or the file is not quite sound: OpenCV
    makes something of nearly any.
    """
    try:
        simplejpeg: Any = import_module("simplejpeg")
        return np.asarray(simplejpeg.decode_jpeg(data, "BGR"), np.uint8)
    except (ImportError, ValueError):
        return None


def _decode_other(data: bytes, header: PhotoHeader) -> Pixels:
    """Decode by Pillow: PNG, WebP, TIFF, BMP, CMYK, 16 bit; transparency is laid on white."""
    from PIL import Image

    width, height = header.stored_px
    large = width * height > REDUCE_ABOVE_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as image:
            if large:
                # A JPEG can be decoded at half size; others do not know how and do nothing.
                image.draft(None, (width // 2, height // 2))
            image.load()
            if image.mode.startswith(("I", "F")):
                return _from_deep(np.asarray(image))
            halve_now = large and image.size == header.stored_px
            return _laid_on_white(_halved(image) if halve_now else image)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        cut = "truncated" in str(error) or isinstance(error, EOFError)
        raise BadPhoto("truncated" if cut else "damaged") from None
    except Exception:  # noqa: BLE001 - decoders of rare formats raise nearly anything
        raise BadPhoto("damaged") from None


def _halved(image: Image) -> Image:
    """Return `image` at half size, in strips where its mode cannot be averaged."""
    if image.mode not in ("P", "PA", "1", "LA", "La"):
        return image.reduce(2)
    width, height = image.size
    mode = "L" if image.mode == "1" else "RGBA"
    small = image.resize((1, 1)).convert(mode).resize((width // 2, height // 2))
    for top in range(0, height - 1, STRIP_PX):
        bottom = min(top + STRIP_PX, height // 2 * 2)
        strip = image.crop((0, top, width // 2 * 2, bottom)).convert(mode)
        small.paste(strip.reduce(2), (0, top // 2))
    return small


def _laid_on_white(image: Image) -> Pixels:
    """Return BGR bytes of a picture of any mode of at most 8 bits, as on a white page."""
    from PIL import Image as Images

    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        above = image.convert("RGBA")
        white = Images.new("RGB", above.size, "white")
        white.paste(above, mask=above.getchannel("A"))
        rgb = white
    else:
        rgb = image.convert("RGB")
    return np.asarray(cv2.cvtColor(np.asarray(rgb), cv2.COLOR_RGB2BGR), np.uint8)


def _from_deep(deep: NDArray[Any]) -> Pixels:
    """Return BGR bytes of a one-channel picture (H x W) with more than 8 bits, strip by strip."""
    top = float(np.nanmax(deep)) if deep.size else 0.0
    scale = 255 / 65535 if top > 255 else 1.0
    grey = np.empty(deep.shape, np.uint8)
    for at in range(0, len(deep), STRIP_PX):
        rows = np.nan_to_num(deep[at : at + STRIP_PX].astype(np.float32)) * scale
        grey[at : at + STRIP_PX] = np.clip(rows, 0, 255)
    if grey.size > REDUCE_ABOVE_PIXELS:
        grey = halved(grey)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
