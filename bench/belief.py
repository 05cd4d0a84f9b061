"""This file fits weights such as those in appliance/paper/scan/belief.py, on made-up photos alone.

Take what this prints over only after measuring it with `bench.paper --only find`.

    python -m bench.belief [--scenes N]

Every candidate quad of N scenes (a third of them harmed, one in ten an empty table) is a row: its
features, and whether it covers the sheet (Jaccard index of at least .945). A logistic regression
with a light ridge gives the weights; five-fold figures, by scene, say what they are worth: how
often the best candidate is right, wrong but believed (silent), or sent to a person (hand).
"""

from __future__ import annotations

import argparse
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper.scan import belief, regions
from appliance.paper.scan.find import SMALL, SURE, around, look, shrunk
from appliance.paper.scan.quad import area
from bench.accuracy import jaccard
from bench.scenes import DEFECTS, empty_table, make_scene
from bench.tables import WILD_KINDS

RIGHT = 0.945
NEITHER = 0.9, 0.95
"""From afar a small sheet's quad in between is neither right nor wrong: near by it is fitted."""
SEEDS = 300_000
SIZE_PX = (1352, 1014)
HARMS = (*DEFECTS, "flap", "several", "faint_crease")
RIDGE = 4e-4
Floats = NDArray[np.float64]


def main() -> None:
    """Print the fitted weights as they stand in belief.py, and what they are worth."""
    parser = argparse.ArgumentParser(prog="bench.belief", description=__doc__)
    parser.add_argument("--scenes", type=int, default=400)
    count = parser.parse_args().scenes
    cv2.setNumThreads(1)
    rows, right, scene_of = _collect(count)
    weights, bias = fit(rows, right)
    print("\n".join(f'    "{n}": {w:.2f},' for n, w in zip(belief.FEATURES, weights, strict=True)))
    print(f"BIAS = {bias:.2f}")
    fold = np.random.default_rng(0).integers(0, 5, count)[scene_of]
    chances = np.zeros(len(rows))
    for k in range(5):
        w, b = fit(rows[fold != k], right[fold != k])
        chances[fold == k] = 1 / (1 + np.exp(-(rows[fold == k] @ w + b)))
    _worth(chances, right, scene_of)


def fit(rows: Floats, right: Floats) -> tuple[Floats, float]:
    """Return the weights and bias of a ridge logistic regression, by Newton's method."""
    middle, spread = rows.mean(0), rows.std(0) + 1e-9
    x = np.c_[(rows - middle) / spread, np.ones(len(rows))]
    ridge = np.eye(x.shape[1]) * RIDGE * len(rows)
    ridge[-1, -1] = 0
    w = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (p - right) + ridge @ w
        bend = (x * (p * (1 - p))[:, None]).T @ x + ridge + 1e-9 * np.eye(len(w))
        step = np.linalg.solve(bend, slope)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    weights = w[:-1] / spread
    return weights, float(w[-1] - (middle / spread) @ w[:-1])


def _collect(count: int) -> tuple[Floats, Floats, NDArray[np.intp]]:
    rows, right, scene_of = [], [], []
    for i in range(count):
        pixels, quad, others = _scene(i)
        looks = _looks(pixels)
        for far, (features, quads) in enumerate(looks):
            for row, there in zip(features, quads, strict=True):
                index = 0.0 if quad is None else jaccard(there, quad)
                another = max((jaccard(there, other) for other in others), default=0.0)
                if another > NEITHER[0] or (far == 0 and NEITHER[0] < index < NEITHER[1]):
                    continue
                rows.append(row)
                right.append(float(index >= RIGHT))
                scene_of.append(i)
    return np.array(rows), np.array(right), np.array(scene_of)


def _scene(i: int) -> tuple[NDArray[np.uint8], Floats | None, tuple[Floats, ...]]:
    """Return a picture, its sheet, further sheets: a third harmed, a tenth empty, all tables."""
    seed = SEEDS + i
    table = WILD_KINDS[seed % len(WILD_KINDS)]
    if i % 10 == 8:
        return empty_table(seed, size_px=SIZE_PX, table=table), None, ()
    wanted: dict[str, Any] = {"table": "white" if i % 10 == 4 else table}
    if i % 10 == 3:
        wanted["tilt_deg"] = 25.0
    if i % 10 in (5, 6, 7):
        wanted["defects"] = (HARMS[(i // 10 * 3 + i % 10 - 5) % len(HARMS)],)
    if i % 10 == 9:
        wanted["paper"] = ("card", "receipt", "card", "A6")[i // 10 % 4]
    scene = make_scene(seed, size_px=SIZE_PX, **wanted)
    return scene.pixels, scene.quad, scene.others


def _looks(pixels: NDArray[np.uint8]) -> list[tuple[Floats, Floats]]:
    """Return features and quads as seen from afar and, for a small sheet, from near by."""
    looks = []
    offset = np.zeros(2)
    for _ in range(2):
        small = shrunk(pixels)
        found = look(small, regions.prepare(small), "full")
        if found is None:
            break
        quads = (found.quads + 0.5) * (pixels.shape[1] / small.shape[1]) - 0.5
        looks.append((found.features, quads + offset))
        best = quads[int(belief.chance(found.features).argmax())]
        if area(best) >= SMALL * pixels.shape[0] * pixels.shape[1]:
            break
        box = around(pixels.shape[:2], best)
        pixels, offset = pixels[box], np.array([box[1].start, box[0].start], float)
    return looks


def _worth(chances: Floats, right: Floats, scene_of: NDArray[np.intp]) -> None:
    silent = hand = found = 0
    scenes = np.unique(scene_of)
    for scene in scenes:
        mine = np.flatnonzero(scene_of == scene)
        best = mine[chances[mine].argmax()]
        found += bool(right[best])
        silent += bool(chances[best] >= SURE and not right[best])
        hand += bool(chances[best] < SURE and right[best])
    print(f"# five-fold, {len(scenes)} scenes: right {found}, silent wrong {silent}, hand {hand}")


if __name__ == "__main__":
    main()
