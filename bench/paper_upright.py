"""This file measures whether pages come out upright, and never surely wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from appliance.paper.page import make_page
from bench.rows import Row, at_least, at_most
from bench.scenes import Scene, make_scene

PAPERS = ("A4", "A5", "certificate", "A4", "A6", "receipt")


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the rows on turning: forms laid any way round on the mat, 12 megapixels."""
    wrong = sure = right = 0
    for i in range(scenes):
        paper = PAPERS[i % len(PAPERS)]
        scene = make_scene(95_000 + i, size_px=(4056, 3040), paper=paper, table="mat")
        page = make_page(scene.jpeg())
        if page.quad is None:
            continue
        good = page.turns == turns_wanted(scene, page.quad)
        wrong += page.upright_sure and not good
        sure += page.upright_sure
        right += good
    return [
        at_most(f"surely wrong turns in {scenes}", wrong, 0, 0),
        at_least("upright at once", right / scenes, 0.0, 1.0),
        Row("  sure", f"{sure / scenes:.3f}"),
    ]


def turns_wanted(scene: Scene, quad: tuple[tuple[float, float], ...]) -> int:
    """Return the clockwise quarter turns that bring the paper's own top left to the top left."""
    gaps = np.linalg.norm(np.array(quad) - scene.quad[0], axis=1)
    return int(-gaps.argmin()) % 4


def turned(picture: object, turns: int) -> np.ndarray:
    """Return a picture turned clockwise by quarter turns."""
    codes = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
    plain = np.asarray(picture)
    return np.asarray(cv2.rotate(plain, codes[turns])) if turns else plain
