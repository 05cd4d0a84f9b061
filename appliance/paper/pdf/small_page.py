"""This file puts a page into a PDF in layers: print as one-bit masks, all else as small pictures.

Known as mixed raster content. An A4 form of 150 kB becomes about 25 kB, with its print at the full
200 dpi; stamps stay red and ink blue.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from appliance.paper.pdf.layers import Box, Colour, Layers, Mask, part
from appliance.paper.scan.decode import Pixels

GROUND_QUALITY = 35
PICTURE_QUALITY = 50
PICTURE_SHRUNK = 0.75
BLACK = (0, 0, 0)


def draw_small(pdf: Any, page: Any, jpeg: bytes, size_pt: tuple[float, float]) -> bool:
    """Draw a page's JPEG (colour or grey, as `encode_page` made it) on an empty PDF page.

    False, and nothing drawn, where that would not be smaller, or where the page is no paper with
    print on it (an uncropped photo): such a page goes in as it is.
    """
    from pikepdf import Dictionary

    pixels = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    layers = part(pixels)
    if layers is None:
        return False
    height, width = pixels.shape[:2]
    laid = list(_pictures(pdf, pixels, layers))
    if sum(len(picture.read_raw_bytes()) for _, picture, _, _ in laid) >= len(jpeg):
        return False
    across, up = size_pt[0] / width, size_pt[1] / height
    drawing = []
    for name, _, (left, top, wide, high), colour in laid:
        blue, green, red = (f"{part / 255:.3g}" for part in colour)
        drawing.append(
            f"q {red} {green} {blue} rg {wide * across:.3f} 0 0 {high * up:.3f} {left * across:.3f}"
            f" {(height - top - high) * up:.3f} cm {name} Do Q"
        )
    pictures = {name: pdf.make_indirect(picture) for name, picture, _, _ in laid}
    page.Resources = Dictionary(XObject=Dictionary(pictures))
    page.Contents = pdf.make_stream("\n".join(drawing).encode("ascii"))
    return True


def _pictures(pdf: Any, pixels: Pixels, layers: Layers) -> Iterator[tuple[str, Any, Box, Colour]]:
    """Yield (name, image, where it lies in pixels of the page, colour), the lowest first."""
    whole = (0, 0, pixels.shape[1], pixels.shape[0])
    if layers.ground is not None:
        yield "/G", _photo(pdf, layers.ground, GROUND_QUALITY), whole, BLACK
    for number, box in enumerate(layers.pictures):
        yield f"/P{number}", _photo(pdf, _cut(pixels, box), PICTURE_QUALITY), box, BLACK
    for number, (colour, mask) in enumerate(layers.inks):
        yield f"/C{number}", _stencil(pdf, mask), whole, colour
    if layers.black.any():
        yield "/K", _stencil(pdf, layers.black), whole, BLACK


def _cut(pixels: Pixels, box: Box) -> Pixels:
    left, top, wide, high = box
    inside = pixels[top : top + high, left : left + wide]
    return np.asarray(
        cv2.resize(inside, None, fx=PICTURE_SHRUNK, fy=PICTURE_SHRUNK, interpolation=cv2.INTER_AREA)
    )


def _photo(pdf: Any, pixels: Pixels, quality: int) -> Any:
    from pikepdf import Name, Stream

    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    _, data = cv2.imencode(".jpg", pixels, options)
    return Stream(
        pdf,
        data.tobytes(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=pixels.shape[1],
        Height=pixels.shape[0],
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )


def _stencil(pdf: Any, mask: Mask) -> Any:
    """Return a one-bit image that paints where `mask` is True, in CCITT Group 4."""
    from pikepdf import Dictionary, Name, Stream

    height, width = mask.shape
    return Stream(
        pdf,
        group4(mask),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ImageMask=True,
        BitsPerComponent=1,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=False),
    )


def group4(mask: Mask) -> bytes:
    """Return `mask` as bare CCITT Group 4 data (ITU-T T.6), True as black."""
    from PIL import Image

    out = io.BytesIO()
    # libtiff codes set bits as black, whatever the file then says they mean.
    image = Image.fromarray(mask)
    image.save(out, "TIFF", compression="group4", tiffinfo={278: image.height})
    with Image.open(out) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        start, size = tags[273][0], tags[279][0]
        out.seek(start)
        return out.read(size)
