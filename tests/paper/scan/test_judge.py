"""This file proves that the law's words are told: sharp, complete, unharmed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.paper.scan.judge import judge_complete, judge_sharp, judge_unharmed


def text_page(blur_px: float) -> np.ndarray:
    page = np.full((1200, 900), 250, np.uint8)
    for row in range(18):
        cv2.putText(page, "Giay xac nhan cu tru 1234", (40, 80 + 60 * row), 0, 1.2, 10, 3)
    return cv2.GaussianBlur(page, (0, 0), blur_px) if blur_px else page


def test_sharp_text_is_ok_and_soft_text_is_bad() -> None:
    """The value is the width of an edge in pixels: it grows with the blur."""
    sharp, soft = judge_sharp(text_page(0.7)), judge_sharp(text_page(4))
    assert (sharp.state, soft.state) == ("ok", "bad")
    assert soft.code == "blurred"
    assert sharp.value is not None
    assert soft.value is not None
    assert sharp.value < soft.value


def test_a_blank_page_cannot_be_judged_sharp() -> None:
    """No print, no word: unknown, not ok."""
    assert judge_sharp(np.full((1200, 900), 250, np.uint8)).state == "unknown"


def test_a_corner_outside_the_photo_is_cut_off() -> None:
    """Inside is complete; touching or beyond the frame is not; no sheet, no word."""
    inside = np.array([[50.0, 50], [900, 60], [890, 700], [40, 690]])
    assert judge_complete(inside, (1000, 800)).state == "ok"
    assert judge_complete(inside - [60, 0], (1000, 800)).code == "cut_off"
    assert judge_complete(None, (1000, 800)).state == "unknown"


def test_a_side_along_the_frame_is_where_the_picture_ends() -> None:
    """Cut off below, the sheet seems to end on a line beside the frame; a sheet that lies as near
    has its sides a little aslant."""
    cut = np.array([[246.4, 227.6], [805.2, 282], [724.1, 1040.1], [129.1, 1040.1]])
    aslant = cut + np.array([[0, 0], [0, 0], [0, 0], [0, -3]])
    assert judge_complete(cut, (965, 1051)).code == "cut_off"
    assert judge_complete(cut[:, ::-1], (1051, 965)).code == "cut_off"
    assert judge_complete(aslant, (965, 1051)).state == "ok"
    assert judge_complete(cut, (965, 1060)).state == "ok"


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("none", ""), ("glare", "glare"), ("finger", "covered"), ("palm", "covered"),
        ("stamp", ""), ("bowed", ""),
    ],
)  # fmt: skip
def test_glare_and_fingers_are_told_and_stamps_are_not(harm: str, code: str) -> None:
    """A burnt-out spot and skin over the rim are harm; a red stamp within the page is not, nor is
    the sliver of table that shows past a side that bows."""
    cells = np.full((290, 206, 3), 205, np.uint8)
    if harm == "glare":
        cv2.ellipse(cells, (100, 140), (20, 9), 20, 0, 360, (255, 255, 255), -1)
    if harm == "finger":
        cv2.line(cells, (0, 150), (25, 150), (120, 150, 205), 15)
    if harm == "palm":
        cv2.ellipse(cells, (0, 150), (18, 60), 0, 0, 360, (120, 150, 205), -1)
    if harm == "bowed":
        cv2.ellipse(cells, (206, 150), (7, 70), 0, 0, 360, (110, 160, 205), -1)
    if harm == "stamp":
        cv2.circle(cells, (130, 220), 16, (60, 50, 200), -1)
    assert judge_unharmed(cells).code == code


def smeared_page(degrees: float, length_px: int = 15) -> np.ndarray:
    kernel = np.zeros((length_px, length_px), np.float32)
    kernel[length_px // 2] = 1 / length_px
    middle = (length_px // 2, length_px // 2)
    turned = cv2.warpAffine(
        kernel, cv2.getRotationMatrix2D(middle, degrees, 1), (length_px, length_px)
    )
    return cv2.filter2D(text_page(0.7), -1, turned / turned.sum())


@pytest.mark.parametrize("degrees", [0, 22, 45, 68, 90, 112, 135, 157])
def test_print_that_moved_is_blurred_whichever_way_it_went(degrees: float) -> None:
    """Edges along the way stay steep; that none is steep across it gives it away."""
    assert judge_sharp(smeared_page(degrees)).code == "blurred"


def test_a_short_move_on_a_page_made_larger_is_blurred() -> None:
    """A6 is enlarged twice for its page: nothing on it is wide, but all is wide one way."""
    page = smeared_page(90, 13)
    assert judge_sharp(page, 2.0).code == "blurred"
    assert judge_sharp(text_page(1.8), 2.0).state == "ok"


@pytest.mark.parametrize("upright", [False, True])
def test_long_lines_around_sharp_print_are_no_movement(upright: bool) -> None:
    """A form that is nearly all ruled lines has few edges across them, and is sharp."""
    page = np.full((1200, 900), 250, np.uint8)
    for row in range(30):
        cv2.line(page, (20, 60 + 37 * row), (880, 64 + 37 * row), 60, 3, cv2.LINE_AA)
    for row in range(3):
        cv2.putText(page, "Giay xac nhan", (40, 200 + 370 * row), 0, 1.2, 10, 3, cv2.LINE_AA)
    noise = np.random.default_rng(1).normal(0, 2, page.shape)
    page = np.clip(cv2.GaussianBlur(page, (0, 0), 0.7) + noise, 0, 255).astype(np.uint8)
    page = np.ascontiguousarray(page.T) if upright else page
    assert judge_sharp(page).state == "ok"


def test_a_small_spot_over_print_is_glare() -> None:
    """A lamp's reflection of 8 mm ends at once, and burns the print below it; as much paper burnt
    white here and there, or less of it, is none."""
    fine = np.full((580, 412, 3), 205, np.uint8)
    for row in range(40, 540, 12):
        fine[row : row + 3, 30:380:3] = 60
    for radius, code in ((9, "glare"), (4, "")):
        lit = fine.copy()
        cv2.circle(lit, (200, 300), radius, (255, 255, 255), -1)
        cells = cv2.resize(lit, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        assert judge_unharmed(cells, lit).code == code, radius
