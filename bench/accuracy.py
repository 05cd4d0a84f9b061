"""This file measures a found crop against the true one, as the SmartDoc 2015 contest does."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np


def jaccard(found: object, truth: object, plane: tuple[int, int] = (2100, 2970)) -> float:
    """Return the Jaccard index (intersection / union) of two quads in the plane of the document.

    `found` and `truth`: 4 x 2 corners each; None for not found gives 0. Mapping by the truth's own
    homography makes an error count the same wherever it lies in the picture.
    """
    if found is None:
        return 0.0
    width, height = plane
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    to_plane = cv2.getPerspectiveTransform(np.asarray(truth, np.float32), page)
    there = cv2.perspectiveTransform(np.asarray(found, np.float32).reshape(1, 4, 2), to_plane)[0]
    hull = cv2.convexHull(there)
    common, _ = cv2.intersectConvexConvex(hull, page.reshape(-1, 1, 2))
    union = cv2.contourArea(hull) + width * height - common
    return float(common / union)


def share_at_least(values: Sequence[float], least: float) -> float:
    """Return the share of `values` that reach `least`; 0 for none."""
    return sum(value >= least for value in values) / len(values) if values else 0.0
