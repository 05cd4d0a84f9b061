"""This file measures whether pages come out upright, and never surely wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from appliance.paper.scan.page import make_page
from bench.rounds import fresh, spread
from bench.rows import Row, at_least, at_most
from bench.scenes import Scene, make_scene

PAPERS = ("A4", "A5", "certificate", "A4", "A6", "receipt")
FIVE_MP = (2704, 2028)


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the rows on turning: forms laid any way round on the mat, 5 megapixels."""
    told = [one for one in spread(turn_of, range(95_000, 95_000 + scenes)) if one is not None]
    wrong = sum(sure and not good for sure, good in told)
    return [
        at_most(f"surely wrong turns in {len(told)}", wrong, 0, 0),
        at_least("upright at once", sum(good for _, good in told) / len(told), 0.0, 1.0),
        Row("  sure", f"{sum(sure for sure, _ in told) / len(told):.3f}"),
    ]


def turn_of(seed: int) -> tuple[bool, bool] | None:
    """Return whether the page of a scene was turned surely, and rightly; None without a page."""
    paper = PAPERS[seed % len(PAPERS)]
    scene = make_scene(fresh(seed), size_px=FIVE_MP, paper=paper, table="mat")
    page = make_page(scene.jpeg())
    if page.quad is None:
        return None
    return page.upright_sure, page.turns == turns_wanted(scene, page.quad)


def turns_wanted(scene: Scene, quad: tuple[tuple[float, float], ...]) -> int:
    """Return the clockwise quarter turns that bring the paper's own top left to the top left."""
    gaps = np.linalg.norm(np.array(quad) - scene.quad[0], axis=1)
    return int(-gaps.argmin()) % 4


def turned(picture: object, turns: int) -> np.ndarray:
    """Return a picture turned clockwise by quarter turns."""
    codes = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
    plain = np.asarray(picture)
    return np.asarray(cv2.rotate(plain, codes[turns])) if turns else plain
