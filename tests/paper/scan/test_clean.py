"""This file proves that light is evened without harming what is printed."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.paper.scan.clean import draw_out, even_light, grid_of


def clean(page: np.ndarray) -> np.ndarray:
    return draw_out(even_light(page, grid_of(page)))


def sheet() -> np.ndarray:
    """A white page with black text, a grey portrait in its middle, a red and a blue mark."""
    page = np.full((1600, 1200, 3), 235, np.uint8)
    for row in range(8):
        cv2.putText(page, "Uy ban nhan dan xa", (80, 120 + 60 * row), 0, 1.4, (20, 20, 20), 3)
    page[700:1020, 480:720] = (120, 130, 140)
    cv2.circle(page, (900, 1300), 110, (40, 30, 200), 8)
    cv2.line(page, (150, 1300), (500, 1350), (160, 50, 30), 6)
    return page


def test_a_hands_shadow_goes_and_the_portrait_stays() -> None:
    """The shadow falls in from the rim and is light; the portrait lies within and is print."""
    page = sheet().astype(np.float32)
    page[:600, :500] *= 0.6
    out = clean(page.astype(np.uint8))
    assert np.median(out[:560, :460]) == 255
    assert out[780:940, 540:660].max() < 200


def test_paper_around_a_lamps_reflection_comes_out_white() -> None:
    """It is darker than the burnt spot, as a picture is darker than paper; told that there is
    glare, the light is not taken from the spot alone."""
    page = np.full((1600, 1200, 3), 165, np.uint8)
    cv2.ellipse(page, (600, 800), (160, 60), 30, 0, 360, (255, 255, 255), -1)
    dim = draw_out(even_light(page, grid_of(page)))
    told = draw_out(even_light(page, grid_of(page), glare=True))
    beside = slice(940, 1000), slice(540, 660)
    assert np.median(dim[beside]) < 240
    assert np.median(told[beside]) == 255


def test_red_stays_red_and_blue_stays_blue() -> None:
    """Under yellow lamp light, the stamp and the signature keep their hue, paper turns white."""
    lit = (sheet() * np.array([0.82, 0.97, 1.0])).astype(np.uint8)
    out = clean(lit).astype(int)
    assert np.abs(out[1500, 100] - 255).max() < 8
    blue, green, red = out[..., 0], out[..., 1], out[..., 2]
    assert ((red - np.maximum(blue, green)) > 90).sum() > 2000
    assert ((blue - np.maximum(red, green)) > 60).sum() > 800


def test_any_size_of_page_keeps_its_size() -> None:
    """Sizes that are no multiple of eight, and very small ones."""
    for height, width in ((17, 33), (101, 203), (1001, 1203)):
        page = np.full((height, width, 3), 200, np.uint8)
        assert clean(page).shape == page.shape
