"""This file writes a page as a small JPEG that knows its resolution and nothing else."""

from __future__ import annotations

import cv2

from appliance.paper.scan.decode import Pixels

AIM_BYTES = 195_000
QUALITIES = (62, 52, 42, 32)


def encode_page(page: Pixels, *, dpi: int) -> bytes:
    """Return `page` (BGR) as a JPEG of at most about 200 kB, without EXIF, with its dpi."""
    data = b""
    for quality in QUALITIES:
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        _, encoded = cv2.imencode(".jpg", page, options)
        data = encoded.tobytes()
        if len(data) <= AIM_BYTES:
            break
    return with_dpi(data, dpi)


def with_dpi(data: bytes, dpi: int) -> bytes:
    """Return a JPEG whose JFIF header says `dpi`; left as it is when it has no such header."""
    if data[2:4] != b"\xff\xe0" or data[6:11] != b"JFIF\0":
        return data
    density = b"\x01" + dpi.to_bytes(2, "big") * 2
    return data[:13] + density + data[18:]
