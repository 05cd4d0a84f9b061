"""This file draws the house's icon as a PNG: a porch on green, as static/icon.svg has it.

Rows of runs, not pixels, and only zlib: drawn when the first telephone asks, in a few milliseconds.
"""

from __future__ import annotations

import struct
import zlib

GREEN, PAPER, LAMP = bytes((11, 93, 87)), bytes((251, 247, 240)), bytes((255, 211, 122))
UNITS = 64.0
"""The drawing is 64 units wide. It keeps to the middle 80 %, so a launcher may cut it round."""
_SHRINK = 0.8
_BARS = ((17, 36, 22, 51), (29.5, 36, 34.5, 51), (42, 36, 47, 51), (12, 51, 52, 55))
_EAVES = (14, 30, 50, 34)


def draw_icon(size_px: int) -> bytes:
    """A square RGB picture of `size_px`, as PNG bytes."""
    rows = bytearray()
    for y_px in range(size_px):
        y = _unit(y_px, size_px)
        row = bytearray(GREEN * size_px)
        for left, right, colour in _runs(y):
            first, last = _pixel(left, size_px), _pixel(right, size_px)
            row[3 * first : 3 * last] = colour * (last - first)
        rows += b"\x00" + row  # filter: none
    head = struct.pack(">IIBBBBB", size_px, size_px, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _runs(y: float) -> list[tuple[float, float, bytes]]:
    """(left, right, colour) in units of everything that crosses this height."""
    found: list[tuple[float, float, bytes]] = []
    if 14 <= y < 30:  # the roof: a triangle from (32, 14) down to 8 and 56
        half = 24 * (y - 14) / 16
        found.append((32 - half, 32 + half, PAPER))
    boxes = [(*_EAVES, PAPER), *((*bar, LAMP) for bar in _BARS)]
    found += [(x0, x1, colour) for x0, y0, x1, y1, colour in boxes if y0 <= y < y1]
    return found


def _unit(px: int, size_px: int) -> float:
    return ((px + 0.5) / size_px * UNITS - UNITS / 2) / _SHRINK + UNITS / 2


def _pixel(unit: float, size_px: int) -> int:
    return round(((unit - UNITS / 2) * _SHRINK + UNITS / 2) / UNITS * size_px)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
