"""This file proves that a second paper is seen: beside a sheet, over it, or upon it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.paper.scan import rivals
from appliance.paper.scan.regions import Scene, prepare

SHEET = np.array([[80.0, 60], [280, 60], [280, 343], [80, 343]])


def quad(middle: tuple[float, float], wide: float, high: float, turn: float) -> np.ndarray:
    return np.asarray(cv2.boxPoints((middle, (wide, high), turn)), np.float64)


def seen(*patches: tuple[np.ndarray, tuple[int, int, int]], ground: int = 60) -> Scene:
    """A table with quads of one colour (B G R) each, the later over the earlier, and some noise."""
    picture = np.full((480, 640, 3), ground, np.float32)
    for corners, colour in patches:
        cv2.fillConvexPoly(picture, np.round(corners).astype(np.int32), colour, cv2.LINE_AA)
    picture += np.random.default_rng(5).normal(0, 1.5, picture.shape)
    return prepare(np.clip(picture, 0, 255).astype(np.uint8))


WHITE, SHADED, WOOD, CARD = (236, 238, 236), (170, 172, 170), (70, 120, 190), (190, 226, 206)


def test_corners_are_compared_whichever_comes_first() -> None:
    """Of a sheet at 45 degrees either of two corners may be called the top left one."""
    turned = np.stack([np.roll(SHEET, k, 0) for k in range(4)])
    assert rivals.corner_gaps(turned, turned).max() == 0
    assert rivals.corner_gaps(turned[:1], turned[2:] + np.array([0, 5])).tolist() == [[5, 5]]


def test_another_sheet_in_other_light_is_a_reason_to_look_again() -> None:
    """A receipt beside the form, in a hand's shadow; a wooden board and a small slip are none."""
    receipt, slip = quad((450, 200), 90, 210, 30), quad((450, 200), 30, 40, 30)
    assert rivals.paper_elsewhere(seen((SHEET, WHITE), (receipt, SHADED)), SHEET)
    assert not rivals.paper_elsewhere(seen((SHEET, WHITE), (receipt, WOOD)), SHEET)
    assert not rivals.paper_elsewhere(seen((SHEET, WHITE), (slip, WHITE)), SHEET)
    assert not rivals.paper_elsewhere(seen((SHEET, WHITE)), SHEET)


@pytest.mark.parametrize("turn", [0, 25, 77])
def test_a_card_upon_a_form_is_seen(turn: float) -> None:
    """It has a tint of its own and the shape of a card, whichever way it lies."""
    assert rivals.card_upon(seen((SHEET, WHITE), (quad((180, 200), 116, 73, turn), CARD)), SHEET)


def test_what_is_printed_is_no_card() -> None:
    """A photo of a face is higher, a coloured band longer, a grey box has no colour of its own."""
    for wide, high, colour in ((60, 80, CARD), (180, 25, CARD), (116, 73, SHADED)):
        patch = quad((180, 200), wide, high, 0)
        assert not rivals.card_upon(seen((SHEET, WHITE), (patch, colour)), SHEET)


def test_a_card_has_no_card_upon_it() -> None:
    """Its own colours run into one another, and make patches of any shape."""
    card = quad((300, 200), 280, 177, 12)
    patch = quad((300, 200), 120, 76, 12)
    assert not rivals.card_upon(seen((card, WHITE), (patch, CARD)), card)


def test_a_sheet_beside_the_best_is_its_rival_and_print_within_is_not() -> None:
    """A frame within the sheet, and the same sheet named from another corner, are no others."""
    frame = SHEET + np.array([[12, 12], [-12, 12], [-12, -12], [12, -12]])
    beside = SHEET + np.array([260, 20])
    quads = np.stack([SHEET, np.roll(SHEET, 1, 0), frame])
    assert rivals.rival(quads, np.array([0.9, 0.9, 0.8]), 0) == 0
    both = np.stack([SHEET, beside])
    assert rivals.rival(both, np.array([0.9, 0.7]), 0) == pytest.approx(0.7)


def test_two_sheets_within_the_best_are_what_it_is_drawn_around() -> None:
    """Two A5 side by side have the shape of an A4; one half alone may be print."""
    left, right = SHEET.copy(), SHEET.copy()
    left[[1, 2], 0] = 178
    right[[0, 3], 0] = 182
    quads, chances = np.stack([SHEET, left, right]), np.array([0.9, 0.8, 0.7])
    assert rivals.rival(quads, chances, 0) == pytest.approx(0.7)
    assert rivals.rival(quads[:2], chances[:2], 0) == 0
