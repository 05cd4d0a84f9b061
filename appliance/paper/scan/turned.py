"""This file turns a finished page by quarter turns, where the page maker could not be sure."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.scan.jpeg import encode_page
from appliance.paper.scan.photo import BadPhoto

_TURNS = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}


def turned_page(jpeg: bytes, turns: int) -> tuple[bytes, tuple[int, int]]:
    """Return a page's JPEG after `turns` clockwise quarter turns, and its (width, height).

    Raises BadPhoto (damaged).
    """
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise BadPhoto("damaged")
    if turns % 4:
        pixels = cv2.rotate(pixels, _TURNS[turns % 4])
    dpi = int.from_bytes(jpeg[14:16], "big") if jpeg[6:11] == b"JFIF\0" else 0
    page = np.asarray(pixels, np.uint8)
    return encode_page(page, dpi=dpi or 200), (page.shape[1], page.shape[0])
