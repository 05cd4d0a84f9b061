"""This file lets an independent judge read the pages: tesseract, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from itertools import pairwise
from pathlib import Path
from statistics import mean

import cv2
import numpy as np

from appliance.paper.scan.page import make_page
from bench.paper_upright import turned, turns_wanted
from bench.rounds import fresh, spread
from bench.rows import Row, at_most
from bench.scenes import Scene, make_scene


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the character error rate of our pages against that of a perfect plain warp."""
    if not shutil.which("tesseract") or "vie" not in languages():
        return [Row("tesseract with Vietnamese is not installed", "not measured")]
    count = max(3, min(scenes // 6, 24))
    read = [one for one in spread(read_both, range(98_000, 98_000 + count)) if one is not None]
    ours, plain = (list(part) for part in zip(*read, strict=True))
    return [
        at_most("OCR error of the page / of a perfect warp", mean(ours) / mean(plain), 1.0, 0.5),
        Row("  error rates", f"{mean(ours):.4f} / {mean(plain):.4f} on {len(ours)}"),
    ]


def read_both(seed: int) -> tuple[float, float] | None:
    """Return the error rates of our page of a scene, and of its perfect warp; None: no page."""
    shadow = ("shadow",) if seed % 2 else ()
    scene = make_scene(fresh(seed), size_px=(4056, 3040), paper="A4", table="wood", defects=shadow)
    page = make_page(scene.jpeg())
    if page.quad is None:
        return None
    pixels = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    still = (turns_wanted(scene, page.quad) - page.turns) % 4
    ours = error_rate(scene.lines, read_print(turned(pixels, still)))
    return ours, error_rate(scene.lines, read_print(perfect_warp(scene)))


def error_rate(lines: list[str], text: str) -> float:
    """Return the share of wrong characters: each true line against its best place in `text`."""
    found = [_plain(line) for line in text.splitlines() if line.strip()]
    joined = [*found, *(f"{a} {b}" for a, b in pairwise(found))]
    wrong = total = 0
    for line in map(_plain, lines):
        total += len(line)
        wrong += min([len(line), *(_distance(line, other) for other in joined)])
    return wrong / max(1, total)


def _plain(line: str) -> str:
    return re.sub(r"[\s|_–—-]+", " ", unicodedata.normalize("NFC", line)).strip()


def _distance(a: str, b: str) -> int:
    """Return the least edits that turn `a` into some part of `b`."""
    row = [0] * (len(b) + 1)
    for i, letter in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            kept = previous if letter == other else previous + 1
            previous, row[j] = row[j], min(kept, row[j] + 1, row[j - 1] + 1)
    return min(row)


def perfect_warp(scene: Scene) -> np.ndarray:
    """Return the sheet of an A4 scene as a flat page at 200 dpi, from its true corners."""
    size = np.array([[0, 0], [1654, 0], [1654, 2339], [0, 2339]], np.float32)
    matrix = cv2.getPerspectiveTransform(scene.quad.astype(np.float32), size)
    return np.asarray(cv2.warpPerspective(scene.pixels, matrix, (1654, 2339)))


def languages() -> str:
    """Return what tesseract says of the languages it can read."""
    told = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
    return told.stdout


def read_print(pixels: np.ndarray) -> str:
    """Return the text that tesseract reads on an upright page of 200 dpi (H x W x 3 BGR)."""
    with tempfile.TemporaryDirectory() as folder:
        name = str(Path(folder) / "page.png")
        cv2.imwrite(name, pixels)
        command = ["tesseract", name, "-", "-l", "vie", "--psm", "4", "--dpi", "200"]
        told = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    return told.stdout
