"""This file proves that folds over print are seen, and that print and shadows are no folds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.paper.scan.folds import CREASED, crease, folded_corner, quarter_of


def page() -> np.ndarray:
    """An A5 page at 200 dpi: lines of print, a ruled frame 6 mm within, no fold."""
    sheet = np.full((1654, 1165, 3), 235, np.uint8)
    for row in range(22):
        cv2.putText(sheet, "Giay xac nhan cu tru 1234567", (110, 160 + 62 * row), 0, 1.6, 20, 4)
    cv2.rectangle(sheet, (47, 47), (1165 - 47, 1654 - 47), (60, 60, 190), 7)
    return sheet


def test_a_plain_page_with_a_frame_has_no_fold() -> None:
    """Lines of print and a ruled frame reach no rim; a smooth page's corners are all there."""
    quarter = quarter_of(page())
    assert crease(quarter) < 0.02
    assert folded_corner(quarter) == 0.0


@pytest.mark.parametrize(("lost", "told"), [(0.03, False), (0.2, True)])
@pytest.mark.parametrize("lying", [True, False])
def test_a_deep_crease_from_rim_to_rim_is_seen_and_a_faint_one_is_not(
    lost: float, told: bool, lying: bool
) -> None:
    """1 mm wide, a little aslant; how much of the light it loses is what counts."""
    folded = page().astype(np.float32)
    y, x = np.mgrid[0:1654, 0:1165]
    off = y - 800 - 0.01 * x if lying else x - 600 - 0.01 * y
    folded *= (1 - lost * np.exp(-((off / 4.0) ** 2)))[..., None]
    assert (crease(quarter_of(folded.astype(np.uint8))) > CREASED) is told


@pytest.mark.parametrize("turn", range(4))
def test_a_corner_folded_over_is_seen_at_each_corner(turn: int) -> None:
    """The table shows in a triangle of 40 mm; the flap lies over the print."""
    sheet = np.ascontiguousarray(np.rot90(page(), turn))
    cv2.fillPoly(sheet, [np.array([[320, 0], [0, 320], [300, 300]])], (225, 225, 225))
    cv2.fillPoly(sheet, [np.array([[0, 0], [320, 0], [0, 320]])], (60, 90, 120))
    turned = np.ascontiguousarray(np.rot90(sheet, -turn))
    assert folded_corner(quarter_of(turned)) == pytest.approx(320 / 1165, abs=0.03)


def test_a_soft_shadow_in_a_corner_is_no_fold() -> None:
    """A hand's shadow has a soft rim."""
    dark = np.ones((1654, 1165), np.float32)
    cv2.fillPoly(dark, [np.array([[0, 0], [400, 0], [0, 400]])], 0.5)
    shaded = page() * cv2.GaussianBlur(dark, (0, 0), 30)[..., None]
    assert folded_corner(quarter_of(shaded.astype(np.uint8))) == 0.0


def test_a_tiny_page_is_not_judged() -> None:
    """Too few cells for a fold: none, and no error."""
    tiny = np.full((20, 16, 3), 200, np.uint8)
    assert crease(tiny) == 0.0
    assert folded_corner(tiny) == 0.0
