"""This file is `./hien bench paper`: what the photo side costs, finds, misses and reads, as ratios.

    ./hien bench paper [-- --scenes N] [-- --only real,cost,find,gates,upright,qr,ocr,small,peers]
    ./hien bench paper -- --only sheet       pages beside their photos, as pictures to look at

--scenes 300 is the run with all the scenes that the figures ask for: an hour and more of one
processor; HIEN_BENCH_JOBS=2 spreads what is only counted, HIEN_BENCH_SEED=1000 takes other scenes,
and with HIEN_BENCH_KEEP=FOLDER a run that was cut off goes on where it was.
CPU is process time of one thread, every ratio comes from one run. --photos names a folder with real
photos and a truth.json; by default ../shared/photos/dev beside the checkout, where that exists.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from bench import (
    paper_cost,
    paper_find,
    paper_gates,
    paper_ocr,
    paper_qr,
    paper_sheet,
    paper_small,
    paper_upright,
)
from bench.rows import Row, show

DEV_PHOTOS = Path(__file__).resolve().parents[2] / "shared" / "photos" / "dev"
Part = Callable[[int, Path], list[Row]]


def _peers(scenes: int, photos: Path) -> list[Row]:
    """Return the rows of other programs on the same photos, from bench/paper_peers.py."""
    if importlib.util.find_spec("bench.paper_peers") is None:
        return [Row("other programs", "not measured")]
    part: Part = importlib.import_module("bench.paper_peers").measure
    return part(scenes, photos)


PARTS: dict[str, Part] = {
    "real": paper_find.real,
    "cost": paper_cost.measure,
    "find": paper_find.measure,
    "gates": paper_gates.measure,
    "upright": paper_upright.measure,
    "qr": paper_qr.measure,
    "ocr": paper_ocr.measure,
    "small": paper_small.measure,
    "peers": _peers,
}
ASKED_FOR: dict[str, Part] = {"sheet": paper_sheet.measure}
"""Run only when named."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; return 0 when every "must" is met, 1 when one is not."""
    parser = argparse.ArgumentParser(prog="hien bench paper", description=__doc__)
    parser.add_argument("--scenes", type=int, default=24, help="made-up photos per measure")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--photos", type=Path, default=DEV_PHOTOS, help="real photos, truth.json")
    chosen = parser.parse_args(argv)
    cv2.setNumThreads(1)
    rows: list[Row] = []
    for name in chosen.only.split(","):
        started = time.monotonic()
        part = (PARTS | ASKED_FOR)[name](chosen.scenes, chosen.photos)
        show(part, f"{name} ({time.monotonic() - started:.0f} s)")
        rows += part
    return 0 if all(row.ok is not False for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
