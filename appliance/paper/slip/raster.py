"""This file packs a black-and-white picture into the bytes a receipt printer understands.

Raster only (GS v 0): code pages for Vietnamese differ from maker to maker. The layout of the
bytes, most significant bit left and 1 = black, is the one of Epson's ESC/POS reference.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

STRIP_ROWS = 128
INITIALISE = b"\x1b@"
# Without a knife the slip is torn off by hand, past the edge of the case; with one, a clone that
# does not feed by itself before it cuts must not cut off the last lines.
FEED_TO_TEAR = b"\x1bd\x06"
FEED_TO_CUT = b"\x1bd\x03"
# Function B: the printer itself feeds to its knife, then cuts leaving one point.
CUT = b"\x1dVB\x00"
# Cheap firmware prints garbage after a raster whose height is a multiple of this.
_BAD_HEIGHT_ROWS = 48
_PADDING_ROWS = 8
# Real-time commands are obeyed even inside a picture: DLE EOT, DLE ENQ, DLE DC4.
_REAL_TIME = re.compile(rb"\x10(?=\x04[\x01-\x08]|\x05[\x00-\x02]|\x14[\x01-\x08])")
_ONE_MORE_DOT = b"\x18"
BLACK_BELOW = 128
_INVERT = bytes(range(255, -1, -1))


def threshold(image: Image.Image, level: int = BLACK_BELOW) -> Image.Image:
    """Return `image` in mode "1": white from `level` on, black below; never dithered."""
    from PIL import Image

    grey = image if image.mode in ("1", "L") else image.convert("L")
    if level != BLACK_BELOW and grey.mode == "L":
        grey = grey.point([0] * level + [255] * (256 - level))
    return grey.convert("1", dither=Image.Dither.NONE)


def pack_rows(image: Image.Image) -> bytes:
    """Return the rows of `image` ("L" or "1"), 8 dots a byte, 1 = black.

    The width is a multiple of 8. Where the bytes would spell a real-time command, one dot beside a
    black one is blackened too. Never dithered: grey is cut at 128.
    """
    if image.width % 8:
        raise ValueError(f"the width must be a multiple of 8 dots, not {image.width}")
    return _REAL_TIME.sub(_ONE_MORE_DOT, _packed(threshold(image)))


def _packed(dots: Image.Image) -> bytes:
    """One bit a dot; NumPy takes a sixth of Pillow's time for it, and both give the same bytes."""
    try:
        import numpy
    except ImportError:
        # "1;I": inverted, since a set bit is white to Pillow and black to a printer.
        return dots.tobytes("raw", "1;I")
    white = numpy.frombuffer(dots.convert("L").tobytes(), numpy.uint8)
    return bytes(numpy.packbits(~white).tobytes())


def to_escpos(image: Image.Image, *, cut: bool = True) -> bytes:
    """Return the whole job for `image`: initialise, strips of one width, feed, cut.

    `image` is as wide as the printer's line (576 or 384 dots).
    """
    row_bytes = image.width // 8
    packed = pack_rows(image)
    tail_rows = image.height % STRIP_ROWS
    if tail_rows and tail_rows % _BAD_HEIGHT_ROWS == 0:
        packed += bytes(row_bytes * _PADDING_ROWS)
    job = [INITIALISE]
    for start in range(0, len(packed), STRIP_ROWS * row_bytes):
        strip = packed[start : start + STRIP_ROWS * row_bytes]
        rows = len(strip) // row_bytes
        job.append(b"\x1dv0\x00" + row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little"))
        job.append(strip)

    job.append(FEED_TO_CUT + CUT if cut else FEED_TO_TEAR)
    return b"".join(job)


def to_png(image: Image.Image) -> bytes:
    """Return the very dots that `to_escpos` sends, as a 1-bit PNG: the screen shows the paper."""
    from PIL import Image

    dots = Image.frombytes("1", image.size, pack_rows(image).translate(_INVERT))
    file = io.BytesIO()
    dots.save(file, "PNG")
    return file.getvalue()
