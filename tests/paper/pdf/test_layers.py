"""This file proves how a page is parted: print by its ink, all else as pictures."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.pdf.layers import FINER, Layers, part

RED, BLUE = (60, 40, 205), (170, 60, 40)


def sheet() -> np.ndarray:
    """White, with a red bar down and a black bar across it, and a blue bar apart."""
    page = np.full((600, 800, 3), 255, np.uint8)
    page[100:500, 300:330] = RED
    page[290:300, 200:430] = (25, 20, 22)
    page[100:500, 600:606] = BLUE
    return cv2.GaussianBlur(page, (3, 3), 0.6)


def at(mask: np.ndarray, y: int, x: int) -> bool:
    return bool(mask[round(y * FINER), round(x * FINER)])


def parted(page: np.ndarray) -> Layers:
    layers = part(page)
    assert layers is not None
    return layers


def test_black_red_and_blue_are_three_inks() -> None:
    """Each keeps its colour and place; paper that is white needs no picture."""
    layers = parted(sheet())
    assert layers.ground is None and layers.pictures == []
    (red,) = (mask for (b, g, r), mask in layers.inks if r > b + 80)
    (blue,) = (mask for (b, g, r), mask in layers.inks if b > r + 80)
    assert at(red, 150, 315) and not at(red, 150, 603)
    assert at(blue, 150, 603) and not at(layers.black, 150, 603)


def test_black_print_over_a_stamp_stays_black() -> None:
    """A name under the ring of a stamp can still be read."""
    layers = parted(sheet())
    assert all(at(layers.black, 295, x) for x in (210, 305, 315, 325, 420))


def test_a_portrait_is_kept_as_a_picture() -> None:
    """Many tones over a large area are no print; the letters beside it are."""
    page = sheet()
    rng = np.random.default_rng(2)
    face = cv2.GaussianBlur(rng.normal(135, 60, (200, 150)), (0, 0), 6) * 3 - 270
    page[350:550, 50:200] = np.clip(face, 90, 190)[..., None]
    layers = parted(page)
    ((left, top, width, height),) = layers.pictures
    assert left <= 50 and top <= 350 and left + width >= 200 and top + height >= 550
    assert not at(layers.black, 450, 120)


def test_tinted_paper_keeps_its_tint() -> None:
    """A pink form stays pink below its print; the print leaves no hole in it."""
    page = np.minimum(sheet(), np.array([215, 205, 255], np.uint8))
    ground = parted(page).ground
    assert ground is not None
    assert np.abs(ground.astype(int) - [215, 205, 255]).max() < 12


def test_what_is_no_paper_is_not_parted() -> None:
    """A dark photo, a stamp-sized scrap."""
    assert part(np.full((600, 800, 3), 90, np.uint8)) is None
    assert part(np.full((40, 40, 3), 255, np.uint8)) is None
