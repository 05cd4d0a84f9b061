"""This file fits weights such as those in appliance/paper/belief.py, on made-up photos alone.

The weights that stand there were fitted by the same method on other scenes, with 8 real photos
among them; take what this prints over only after measuring it with `bench.paper --only find`.

    python -m bench.belief [--scenes N]

Every candidate quad of N scenes (half of them harmed, one in five an empty table) is a row: its
features, and whether it covers the sheet (Jaccard index of at least .945). A logistic regression
with a light ridge gives the weights; five-fold figures, by scene, say what they are worth: how
often the best candidate is right, wrong but believed (silent), or sent to a person (hand).
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.paper import belief, regions
from appliance.paper.find import SURE, look, shrunk
from bench.accuracy import jaccard
from bench.scenes import DEFECTS, empty_table, make_scene

RIGHT = 0.945
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
        quad = None
        if i % 5 == 4:
            pixels = empty_table(200_000 + i)
        else:
            harm = (DEFECTS[i // 2 % len(DEFECTS)],) if i % 2 else ()
            scene = make_scene(200_000 + i, defects=harm)
            pixels, quad = scene.pixels, scene.quad
        small = shrunk(pixels)
        found = look(small, regions.prepare(small), "full")
        if found is None:
            continue
        scale = pixels.shape[1] / small.shape[1]
        for features, candidate in zip(found.features, found.quads, strict=True):
            there = (candidate + 0.5) * scale - 0.5
            rows.append(features)
            right.append(float(quad is not None and jaccard(there, quad) >= RIGHT))
            scene_of.append(i)
    return np.array(rows), np.array(right), np.array(scene_of)


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
