"""This file measures the reading of QR codes: on real photos, and on cards by size of module."""

from __future__ import annotations

import json
from pathlib import Path

import cv2

from appliance.paper.page import make_page
from appliance.paper.qr import read_qr
from bench.rows import Row, at_least
from bench.scenes import make_scene

LEVELS = ((3.3, 1.0, None), (2.5, 0.9, None), (1.9, 0.0, 0.9))


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the share of codes read, on cards whose modules are this many pixels wide."""
    rows = _real(photos) if (photos / "truth_qr.json").exists() else []
    count = max(4, scenes // 3)
    for level, must, goal in LEVELS:
        read = 0
        for i in range(count):
            seed = 97_000 + i
            probe = make_scene(seed, size_px=(1200, 900), paper="card", table="mat", px_per_mm=4)
            scale = 4 * level / probe.qr_module_px
            scene = make_scene(
                seed, size_px=(2400, 1800), paper="card", table="mat", px_per_mm=scale, blur_px=1.4
            )
            read += scene.qr in make_page(scene.jpeg()).qr
        rows.append(
            at_least(f"cards at {level} px a module, {count} each", read / count, must, goal)
        )
    return rows


def _real(photos: Path) -> list[Row]:
    truth = json.loads((photos / "truth_qr.json").read_text("utf-8"))
    read = 0
    for name, said in truth.items():
        grey = cv2.imread(str(photos / name), cv2.IMREAD_GRAYSCALE)
        read += said["text"] in read_qr(grey, thorough=True)
    return [Row(f"{len(truth)} real photos of codes", f"{read / len(truth):.3f}")]
