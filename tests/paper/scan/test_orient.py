"""This file proves that pages are turned by their lines of text, and never by a guess."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.paper.scan.orient import upright
from bench.papers import draw


@pytest.mark.parametrize("seed", range(3))
def test_a_form_is_turned_from_all_four_sides(seed: int) -> None:
    """A Vietnamese A4 form: the turns that make it upright, from each way it may lie."""
    art = draw("A4", np.random.default_rng(seed), 200 / 25.4)
    # As through a lens: an edge drawn by a computer is sharper than any in a photo.
    grey = cv2.GaussianBlur(cv2.cvtColor(art.pixels, cv2.COLOR_BGR2GRAY), (0, 0), 1.3)
    for turned in range(4):
        told = upright(np.ascontiguousarray(np.rot90(grey, turned)))
        assert told.sure
        assert told.turns == turned


def test_a_blank_or_drawn_page_is_left_as_it_lies() -> None:
    """No text, no confidence: nothing, noise, a big circle."""
    blank = np.full((2339, 1654), 250, np.uint8)
    noise = np.random.default_rng(3).integers(180, 255, blank.shape).astype(np.uint8)
    ring = blank.copy()
    cv2.circle(ring, (800, 1200), 500, 20, 12)
    for page in (blank, noise, ring):
        assert not upright(page).sure
