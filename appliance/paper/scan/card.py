"""This file reads the QR codes on a card that lies somewhere in a photo: the small ones too."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.scan.decode import Photo, Pixels, decode, halve
from appliance.paper.scan.find import FIND_LONG_PX, Mat, find_sheet
from appliance.paper.scan.qr import read_qr
from appliance.paper.scan.quad import mapped

SPARE = 0.04
"""Of the card's own size, around it: the code stands near its rim."""
LARGEST_CARD_PX = 2000
"""On its long side, 23 pixels a millimetre: what is larger is no card, and slow to climb."""


def read_card(data: bytes, mat: Mat = "any") -> list[str]:
    """Return the texts of the QR codes in a photo's bytes, as said by `read_qr`. Raises BadPhoto.

    The whole frame first, enlarged where a code is suspected; then the card alone, all of it
    enlarged step by step.
    """
    photo = decode(data)
    grey = np.asarray(cv2.cvtColor(photo.pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    texts = read_qr(grey)
    if not texts:
        crop = _card_in(photo, grey, mat)
        if crop is not None and max(crop.shape) <= LARGEST_CARD_PX:
            texts = read_qr(crop, thorough=True)
    return texts


def _card_in(photo: Photo, grey: Pixels, mat: Mat) -> Pixels | None:
    """Return the box of the best guess at the card in the photo as stored; sure or not."""
    picture, to_shown = halve(photo, FIND_LONG_PX)
    found = find_sheet(picture, mat=mat)
    if found.quad is None:
        return None
    to_stored = np.asarray(np.linalg.inv(photo.to_shown) @ to_shown, np.float64)
    quad = mapped(to_stored, found.quad)
    spare = SPARE * (quad.max(0) - quad.min(0))
    height, width = grey.shape
    left, top = np.clip(quad.min(0) - spare, 0, [width - 8, height - 8]).astype(int)
    right, bottom = np.clip(quad.max(0) + spare, [left + 8, top + 8], [width, height]).astype(int)
    return np.ascontiguousarray(grey[top:bottom, left:right])
