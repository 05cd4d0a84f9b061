"""This file makes clean pages for tests: a drawn form as a scanner would give it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from appliance.paper.scan.jpeg import encode_page
from bench.papers import draw

DOTS_PER_MM = 200 / 25.4


@lru_cache(maxsize=4)
def form_page(seed: int = 3, kind: str = "A4") -> bytes:
    """The JPEG of a form at 200 dpi, with black print, a red stamp and a blue signature."""
    art = draw(kind, np.random.default_rng(seed), DOTS_PER_MM)
    pixels = np.asarray(art.pixels, np.uint8)
    soft = cv2.GaussianBlur(pixels, (3, 3), 0.7)
    return encode_page(np.asarray(np.where(soft > 225, 255, soft), np.uint8), dpi=200)
