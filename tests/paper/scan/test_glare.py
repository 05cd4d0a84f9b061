"""This file proves that light thrown back over print is told, and more light on paper is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.paper.scan.decode import Pixels, halved
from appliance.paper.scan.folds import quarter_of
from appliance.paper.scan.glare import burnt_with_a_rim, veiled_share, washed_out
from appliance.paper.scan.judge import judge_unharmed

Plane = np.ndarray


def form(paper: float = 120.0) -> Plane:
    """An A4 page in cells of half a millimetre as a camera sees it, the lamp to its upper left."""
    inked = np.full((2339, 1654, 3), 255, np.uint8)
    for row in range(28):
        cv2.putText(inked, "Giay xac nhan 01234", (150, 170 + 76 * row), 0, 2.0, (30, 30, 30), 5)
    cells = quarter_of(inked).astype(np.float32) / 255
    y, x = np.mgrid[0 : cells.shape[0], 0 : cells.shape[1]].astype(np.float32)
    lit = paper * (1.1 - 0.0007 * x - 0.0004 * y)
    return np.asarray(cells * lit[..., None] * np.array([0.92, 1, 0.98], np.float32))


def spot(at: tuple[int, int], axes: tuple[int, int], soft: float = 8) -> Plane:
    """A soft ellipse, 0 to 1, in cells."""
    plane = np.zeros(form().shape[:2], np.float32)
    cv2.ellipse(plane, at, axes, 25, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(plane, (0, 0), soft)[..., None]


def seen(page: Plane) -> Pixels:
    noise = np.random.default_rng(3).normal(0, 1, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("at", "axes"), [((205, 225), (75, 30)), ((125, 450), (45, 23)), ((0, 150), (125, 75))]
)
def test_a_veil_that_burns_nothing_out_is_glare(at: tuple[int, int], axes: tuple[int, int]) -> None:
    """Paper of 120 levels shows 230 under the lamp's reflection, its print 130: none is clipped."""
    page = form() + 115 * spot(at, axes)
    assert page.max() < 255
    assert veiled_share(seen(page)) > 0.002
    assert judge_unharmed(halved(seen(page)), seen(page)).code == "glare"


@pytest.mark.parametrize("soft", [1, 8])
def test_the_lit_gap_in_a_shadow_is_not_glare(soft: float) -> None:
    """A hand takes half the light all around; print in the gap keeps its contrast."""
    gap = 0.5 + 0.5 * spot((205, 225), (75, 40), soft)
    assert veiled_share(seen(form(200) * gap)) == 0


def test_sheen_that_leaves_inkedwell_readable_is_let_pass() -> None:
    """Plastic that adds a fifth to the light leaves four fifths of the contrast."""
    assert veiled_share(seen(form(180) + 36 * spot((205, 225), (100, 50)))) == 0


def test_white_boxes_on_a_coloured_form_are_not_glare() -> None:
    """Print in a white box is as black as beside it, an empty one holds nothing to be hidden."""
    page = form(200)
    page[..., 0] *= 0.6
    for top in (105, 375):
        page[top : top + 75, 75:325, 0] /= 0.6
    assert veiled_share(seen(page)) == 0


def test_pale_print_on_a_page_all_burnt_out_is_glare_and_black_print_is_not() -> None:
    """Nothing is brighter than the rest, so that print is pale must tell."""
    black, pale = seen(form(400)), seen(form(150) + 190)
    assert judge_unharmed(halved(black), black).code == "overexposed"
    assert judge_unharmed(halved(pale), pale).code == "glare"


@pytest.mark.parametrize("soft", [1, 8])
def test_a_spot_burnt_into_nearly_burnt_paper_is_glare(soft: float) -> None:
    """Paper of 240 levels leaves a spot of 255 nothing but its rim to be known by."""
    page = np.minimum(form(228), 243) + 160 * spot((205, 225), (60, 35), soft)
    assert burnt_with_a_rim(seen(page))
    assert judge_unharmed(halved(seen(page)), seen(page)).code == "glare"


def test_paper_burnt_out_by_a_near_lamp_has_no_rim() -> None:
    """It darkens by a level or two in each centimetre, and its print stays black."""
    page = seen(form(340))
    assert (page.min(2) == 255).mean() > 0.2
    assert not burnt_with_a_rim(page)
    assert judge_unharmed(halved(page), page).code in ("", "overexposed")


def test_a_lit_corner_no_lighter_than_other_lit_paper_is_a_gap() -> None:
    """A large shadow leaves two corners lit; half of a title lies in one of them."""
    lit = np.maximum(spot((70, 120), (90, 60), 6), spot((330, 500), (110, 90), 6))
    assert veiled_share(seen(form(200) * (0.47 + 0.53 * lit))) == 0


def test_paper_burnt_white_right_under_the_lamp_is_not_glare() -> None:
    """Where paper is as bright as can be, its print is as black as that further away."""
    page = seen(form(262))
    assert (page.min(2) == 255).mean() > 0.01
    assert judge_unharmed(halved(page), page).code == ""


def test_a_piece_too_small_for_the_grid_has_no_glare() -> None:
    """A strip of paper is judged by what is burnt out alone."""
    assert veiled_share(np.full((20, 200, 3), 200, np.uint8)) == 0
    assert not washed_out(np.full((20, 200, 3), 255, np.uint8))
