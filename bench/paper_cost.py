"""This file measures what a page costs: CPU against the floor, memory, bytes, time of the PDF."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import cv2
import numpy as np

from appliance.paper.pdf.pdf import make_pdf
from appliance.paper.scan.page import make_page
from bench.rows import Row, at_most
from bench.scenes import make_scene

FULL_PX = (4056, 3040)
PAPERS = ("A4", "A4", "certificate", "A5", "A4", "card")
TABLES = ("wood", "mat", "white", "cloth", "clutter", "tiles")
_ONE_PAGE = """
import re, sys
from pathlib import Path
import cv2
cv2.setNumThreads(1)
from appliance.paper.scan.page import make_page
def most_mb():  # ru_maxrss would still count the process this one was forked from
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before = most_mb()
for name in sys.argv[1:]:
    make_page(Path(name).read_bytes())
print(before, most_mb())
"""


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the rows on cost, from six photos of 12 megapixels, each taken three times."""
    jpegs = [
        make_scene(700 + i, size_px=FULL_PX, paper=PAPERS[i], table=TABLES[i]).jpeg()
        for i in range(6)
    ]
    make_page(jpegs[0])
    floors, costs, walls, sizes = [], [], [], []
    for data in jpegs:
        floors.append(min(_cpu_s(lambda d=data: _floor(d)) for _ in range(3)))  # type: ignore[misc]
        runs = [_cpu_s(lambda d=data: make_page(d)) for _ in range(3)]  # type: ignore[misc]
        costs.append(min(runs))
        page = make_page(data)
        walls.append(page.ms)
        if not page.needs_hand:
            sizes.append(len(page.jpeg) / 1000)
    ratios = [cost / floor for cost, floor in zip(costs, floors, strict=True)]
    before, peak = _memory_mb(jpegs[:3])
    bound = _cpu_s(lambda: make_pdf([make_page(jpegs[0]).jpeg] * 4, title="x", made_at=_FIXED))
    return [
        at_most("CPU photo -> page / decode + encode of the same 12 MP", mean(ratios), 4, 1.6, "x"),
        at_most("  worst of six photos", max(ratios), 8, 3, "x"),
        Row("  floor, page: CPU ms", f"{1000 * mean(floors):.0f}, {1000 * mean(costs):.0f}"),
        at_most("peak resident set of the work, MB", peak, 300, 150),
        Row("  of which after the imports, MB", f"{before:.0f}"),
        at_most("bytes of a colour page (mean), kB", mean(sizes), 200),
        at_most("  largest, kB", max(sizes), 210),
        Row("one page and a PDF of four, CPU ms", f"{1000 * bound:.0f}"),
    ]


_FIXED = datetime(2026, 1, 1, tzinfo=UTC)


def _floor(data: bytes) -> None:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    cv2.imencode(".jpg", np.asarray(pixels), [cv2.IMWRITE_JPEG_QUALITY, 92])


def _cpu_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _memory_mb(jpegs: list[bytes]) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, data in enumerate(jpegs):
            names.append(str(Path(folder) / f"{i}.jpg"))
            io.FileIO(names[-1], "w").write(data)
        command = [sys.executable, "-c", _ONE_PAGE, *names]
        told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd())
    before, peak = map(float, told.stdout.split())
    return before, peak
