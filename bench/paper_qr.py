"""This file measures the reading of QR codes: on real photos, and on cards by size of module."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from appliance.paper.scan.page import make_page
from appliance.paper.scan.qr import read_qr
from bench.rounds import fresh, spread
from bench.rows import Row, at_least
from bench.scenes import make_scene

FULL_WIDTH_PX = 4056
CARD_FRAME_PX = (1600, 1200)
CARD_BLUR = 0.59
"""A lens as soft as 0.83 pixels where the card lies, as before, in a smaller frame around it."""
LEVELS = ((3.3, 1.0, None), (2.5, 0.9, None), (1.9, 0.0, 0.9))


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the share of codes read, on cards whose modules are this many pixels wide."""
    rows = _real(photos) if (photos / "truth_qr.json").exists() else []
    count = max(4, scenes // 3)
    for level, must, goal in LEVELS:
        read = spread(card_read, [(97_000 + i, level) for i in range(count)])
        share = sum(read) / count
        rows.append(at_least(f"cards at {level} px a module, {count} each", share, must, goal))
    return rows


def card_read(task: tuple[int, float]) -> bool:
    """Return whether the code of a card, its modules so many pixels wide, was read."""
    seed, level = task
    probe = make_scene(fresh(seed), size_px=(400, 300), paper="card", table="mat", px_per_mm=1)
    scene = make_scene(
        fresh(seed),
        size_px=CARD_FRAME_PX,
        paper="card",
        table="mat",
        px_per_mm=level / probe.qr_module_px,
        blur_px=1.4 * FULL_WIDTH_PX / CARD_FRAME_PX[0] * CARD_BLUR,
    )
    return scene.qr in make_page(scene.jpeg()).qr


def _real(photos: Path) -> list[Row]:
    truth = json.loads((photos / "truth_qr.json").read_text("utf-8"))
    read = 0
    for name, said in truth.items():
        grey = np.asarray(cv2.imread(str(photos / name), cv2.IMREAD_GRAYSCALE), np.uint8)
        read += said["text"] in read_qr(grey, thorough=True)
    return [Row(f"{len(truth)} real photos of codes", f"{read / len(truth):.3f}")]
