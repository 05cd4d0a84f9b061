"""This file mends what a worn print head does to a code: thin white lines through the black.

A line of dots that was not printed cuts the square eyes of a QR code in two, and a reader that
looks for them finds none, whatever the error correction could still have put right.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from appliance.paper.scan.decode import Pixels

# Up to two dots of 203 an inch, from afar and from near.
GAPS_PX = (3, 5, 7)


def mended(grey: Pixels) -> Iterator[Pixels]:
    """Yield `grey` with white lines up to so many pixels wide filled: across, then along.

    What is wider, the white of a code's own squares, stays.
    """
    for gap in GAPS_PX:
        for kernel in (np.ones((gap, 1), np.uint8), np.ones((1, gap), np.uint8)):
            yield np.asarray(cv2.morphologyEx(grey, cv2.MORPH_OPEN, kernel), np.uint8)
