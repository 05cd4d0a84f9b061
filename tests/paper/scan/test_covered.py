"""This file proves that what lies over a page is told, and what is printed on it is not."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.scan.covered import COVERED, covered_share

SKIN = (120, 150, 205)


def card(change_cells: int) -> np.ndarray:
    """A card whose corner turns yellow within `change_cells` cells of its 8 x 8 grid."""
    y, x = np.mgrid[0:54, 0:86].astype(np.float32)
    far = np.hypot(x, y) - 16
    yellow = np.clip(0.5 - far / max(change_cells, 1), 0, 1)
    cells = np.full((54, 86, 3), (190, 205, 200), np.float32)
    cells[..., 0] *= np.exp(-0.25 * yellow)
    return np.rint(cells).astype(np.uint8)


def test_colours_that_run_into_one_another_are_printed() -> None:
    """The ground of an identity card turns from green to yellow: nothing lies over it. A thing of
    the same colour with an edge does."""
    assert covered_share(card(22)) == 0
    assert covered_share(card(2)) > COVERED


def test_a_finger_out_of_focus_is_told() -> None:
    """Raised above the paper its edge is 3 mm wide."""
    cells = np.full((290, 206, 3), 205, np.uint8)
    cv2.line(cells, (0, 150), (25, 150), SKIN, 15)
    assert covered_share(cv2.GaussianBlur(cells, (0, 0), 0.8)) > COVERED


def test_a_finger_over_a_coloured_card_is_told() -> None:
    """The ground it lies on may change as it likes."""
    cells = card(22)
    cv2.line(cells, (86, 30), (70, 30), SKIN, 13)
    assert covered_share(cells) > COVERED


def test_a_code_printed_at_the_rim_is_no_finger() -> None:
    """Its modules and margin are greyer than the card's ground, with an edge all around."""
    rng, cells = np.random.default_rng(4), card(22)
    cells[:, :, 0] = 150
    code = rng.integers(60, 190, (17, 17), np.uint8)
    cells[30:47, 68:85] = code[..., None]
    assert covered_share(cells) == 0
    cells[30:47, 68:85] = 125
    assert covered_share(cells) > COVERED


def test_a_finger_that_touches_a_shadow_is_told() -> None:
    """Shadows take a little of the light's colour: in one patch with it the finger had no edge."""
    cells = np.full((290, 206, 3), 205, np.uint8)
    cells[130:220, :120] = (82, 90, 96)
    cv2.line(cells, (0, 140), (25, 140), SKIN, 15)
    assert covered_share(cells) > COVERED
