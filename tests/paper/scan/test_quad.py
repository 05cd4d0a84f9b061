"""This file proves the geometry of sheets: order, area, true aspect, known sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from appliance.paper.scan.quad import area, in_order, is_card, nearly_card, page_mm, true_aspect


def seen_from(tilt_deg: float, aspect: float) -> np.ndarray:
    """The corners of a flat aspect x 1 sheet seen by a pinhole camera tilted over it."""
    flat = np.array([[-aspect, -1], [aspect, -1], [aspect, 1], [-aspect, 1]]) * 0.8
    a, b = np.radians(tilt_deg), np.radians(0.6 * tilt_deg)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    solid = np.c_[flat, np.zeros(4)] @ (about_y @ about_x).T + [0, 0, 6]
    return solid[:, :2] / solid[:, 2:] * 3300 + [2000, 1500]


def test_corners_in_any_order_come_back_clockwise_from_the_top_left() -> None:
    """TL, TR, BR, BL, whatever order a person or a contour gave them in."""
    quad = np.array([[10.0, 12], [200, 20], [190, 300], [5, 280]])
    for mixed in ([2, 0, 3, 1], [3, 2, 1, 0], [1, 2, 3, 0]):
        assert np.allclose(in_order(quad[mixed]), quad)


def test_area_is_the_shoelace_area() -> None:
    """A 30 x 20 rectangle has 600 pixels."""
    assert area(np.array([[0.0, 0], [30, 0], [30, 20], [0, 20]])) == pytest.approx(600)


def test_the_true_aspect_survives_a_steep_view() -> None:
    """Seen from 35 degrees off, A4 still comes out within the snap; side lengths alone do not."""
    quad = in_order(seen_from(35, 1 / 2**0.5))
    name = page_mm(true_aspect(quad, (4000, 3000)))[2]
    assert name == "A4"


@pytest.mark.parametrize(
    ("aspect", "expected"),
    [
        (1 / 1.414, (210, 297, "A4")),
        (1.43, (297, 210, "A4")),
        (1.586, (85.6, 53.98, "ID-1")),
        (0.63, (53.98, 85.6, "ID-1")),
        (0.4, (0.4 * 297, 297, "")),
        (1.0, (210, 210, "")),
    ],
)
def test_known_sizes_snap_and_others_keep_their_shape(
    aspect: float, expected: tuple[float, float, str]
) -> None:
    """A4 and the identity card snap, lying or standing; a receipt keeps its own shape."""
    width, height, name = page_mm(aspect)
    assert (width, height) == pytest.approx(expected[:2], rel=1e-3)
    assert name == expected[2]


@pytest.mark.parametrize(
    ("long_mm", "expected"),
    [(297, "A4"), (215, "A5"), (146, "A6"), (420, "A4"), (None, "A4")],
)
def test_a5_and_a6_are_told_from_a4_by_their_size(long_mm: float | None, expected: str) -> None:
    """All three have one aspect; without a scale the page is made as A4."""
    width, height, name = page_mm(1 / math.sqrt(2), long_mm)
    assert name == expected and width < height
    assert page_mm(85.6 / 53.98, 85.6)[2] == "ID-1"


@pytest.mark.parametrize(("rim_mm", "doubted"), [(0.0, False), (0.4, False), (3.0, True)])
def test_an_even_rim_around_a_card_is_told_by_its_shape(rim_mm: float, doubted: bool) -> None:
    """A plastic sleeve makes a card stouter; the card itself and other papers are left alone."""
    width, height = 85.6 + 2 * rim_mm, 53.98 + 2 * rim_mm
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]]) * 9.0
    assert nearly_card(box) is doubted
    assert is_card(box) is not doubted
    assert not nearly_card(np.array([[0, 0], [210, 0], [210, 297], [0, 297]]) * 9.0)


def test_the_shape_of_a_card_seen_aslant_says_nothing() -> None:
    """Opposite sides differ then, and foreshortening would be taken for a rim."""
    assert not nearly_card(seen_from(35, 85.6 / 53.98))
    assert not is_card(seen_from(35, 85.6 / 53.98))
