"""This file proves that a fixed camera expects papers of known size and right angles."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.scan.find import find_sheet
from appliance.paper.scan.overhead import EXPECTED, STRANGE, log_odds
from appliance.paper.scan.quad import in_order

PX_PER_MM = 3.0


def sheet(width_mm: float, height_mm: float, turn_deg: float = 20) -> np.ndarray:
    size = width_mm * PX_PER_MM, height_mm * PX_PER_MM
    box = cv2.boxPoints(((600, 500), size, turn_deg))
    return in_order(np.asarray(box, np.float64))


def test_known_papers_are_expected_and_other_sizes_are_strange() -> None:
    """A5 and a card, turned any way; not a frame printed 8 mm within an A4 sheet."""
    quads = np.stack([sheet(210, 148), sheet(54, 85.6), sheet(281, 194)])
    assert log_odds(quads, PX_PER_MM).tolist() == [EXPECTED, EXPECTED, STRANGE]


def test_a_receipt_may_have_any_length_and_a_skewed_sheet_is_strange() -> None:
    """Receipts count neither way; from above, corners are square."""
    skewed = sheet(210, 148)
    skewed[0] += [60, 0]
    assert log_odds(np.stack([sheet(80, 230), skewed]), PX_PER_MM).tolist() == [0, STRANGE]


def test_the_size_decides_how_sure_the_finder_is() -> None:
    """The same grey sheet is surer when it is as large as A5, and less when it is no paper."""
    picture = np.full((1000, 1300, 3), 90, np.uint8)
    cv2.fillPoly(picture, [np.round(sheet(210, 148)).astype(np.int32)], (225, 225, 225))
    told = [find_sheet(picture, field_mm=field).confidence for field in (1300 / 3, None, 520.0)]
    assert told[0] > told[1] > told[2]
