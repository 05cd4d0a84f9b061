"""This file puts other programs beside ours, on the same photos, run as they come from a registry.

jscanify (npm) finds corners: Jaccard index and CPU of finding, on the real photos and made-up ones.
page-dewarp (PyPI) finds no sheet but straightens lines of text: OCR error and CPU of the whole way.
Both are fetched into a folder of their own when this runs, and never kept; without npm, or
without a network, that peer's rows say so.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import cv2
import numpy as np

from appliance.paper.scan.decode import decode, halve, turn
from appliance.paper.scan.find import FIND_LONG_PX, find_sheet
from appliance.paper.scan.page import make_page
from appliance.paper.scan.quad import in_order, mapped
from bench import paper_ocr
from bench.accuracy import jaccard, share_at_least
from bench.paper_upright import turned, turns_wanted
from bench.rows import Row
from bench.scenes import make_scene

JSCANIFY, PAGE_DEWARP = "jscanify@1.4.3", "page-dewarp==0.3.4"
MADE_UP = 12
READ = 3
_DRIVER = """
const fs = require("fs");
const folder = process.argv[2];
global.cv = require(folder + "/node_modules/jscanify/src/opencv.js");
const Scanner = require("jscanify/client");
const names = ["topLeftCorner", "topRightCorner", "bottomRightCorner", "bottomLeftCorner"];
function work() {
  const scanner = new Scanner();
  for (const one of JSON.parse(fs.readFileSync(folder + "/photos.json"))) {
    const data = new Uint8ClampedArray(fs.readFileSync(one.file));
    const img = cv.matFromImageData({ data, width: one.width, height: one.height });
    const before = process.cpuUsage();
    let corners = null;
    try {
      const contour = scanner.findPaperContour(img);
      const found = contour ? scanner.getCornerPoints(contour, img) : {};
      if (names.every((name) => found[name])) {
        corners = names.map((name) => [found[name].x, found[name].y]);
      }
    } catch (error) { corners = null; }
    const used = process.cpuUsage(before);
    img.delete();
    console.log(JSON.stringify({ corners, cpu_ms: (used.user + used.system) / 1000 }));
  }
  process.exit(0);
}
if (cv.Mat) work(); else cv.onRuntimeInitialized = work;
"""


@dataclass(frozen=True)
class Known:
    """A photo with its true corners (pixels as displayed), and whether it is a real one."""

    jpeg: bytes
    corners: Any
    real: bool


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return a row for each program and set of photos; nothing here is a "must"."""
    known = [*_real(photos), *_made_up(min(scenes, MADE_UP))]
    rows = _rows("ours", known, [_ours(one) for one in known])
    with tempfile.TemporaryDirectory(prefix="hien-peers-") as name:
        for peer in (lambda: _with_jscanify(known, Path(name)), lambda: _with_dewarp(Path(name))):
            rows += _unless_missing(peer)
    return rows


def _unless_missing(peer: Callable[[], list[Row]]) -> list[Row]:
    try:
        return peer()
    except subprocess.TimeoutExpired as error:
        return [Row(f"a peer was not had or done in {error.timeout:.0f} s", "not measured")]
    except (OSError, subprocess.SubprocessError) as error:
        told = str(getattr(error, "stderr", "") or error).strip().splitlines()
        return [Row("a peer could not be had or run", (told or ["?"])[-1][:60])]


def _real(photos: Path) -> Iterator[Known]:
    truth = photos / "truth.json"
    told = json.loads(truth.read_text("utf-8")) if truth.exists() else {}
    for name, one in told.items():
        yield Known((photos / name).read_bytes(), np.array(one["corners"]), True)


def _made_up(count: int) -> Iterator[Known]:
    for i in range(count):
        scene = make_scene(50_000 + i)
        if scene.inside:
            yield Known(scene.jpeg(), scene.quad, False)


def _ours(one: Known) -> tuple[float, float]:
    """Return (Jaccard index, CPU in ms of finding after decoding) of our finder."""
    photo = decode(one.jpeg)
    started = time.process_time()
    picture, to_shown = halve(photo, FIND_LONG_PX)
    found = find_sheet(picture)
    cpu_ms = 1000 * (time.process_time() - started)
    quad = None if found.quad is None else mapped(to_shown, found.quad)
    return jaccard(quad, one.corners), cpu_ms


def _rows(name: str, known: list[Known], found: list[tuple[float, float]]) -> list[Row]:
    rows = []
    for real, where in ((True, "real"), (False, "made-up")):
        own = [f for one, f in zip(known, found, strict=True) if one.real is real]
        if own:
            good = share_at_least([index for index, _ in own], 0.95)
            value = f"{mean(i for i, _ in own):.3f}, {good:.0%}, {mean(c for _, c in own):.0f} ms"
            rows.append(Row(f"{name}, {len(own)} {where}: mean JI, >= .95, CPU to find", value))
    return rows


def _with_jscanify(known: list[Known], folder: Path) -> list[Row]:
    for program in ("npm", "node"):
        if shutil.which(program) is None:
            return [Row("jscanify needs node and npm", "not measured")]
    # Without scripts: its canvas would be compiled, and is only for drawing.
    install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", JSCANIFY]
    (folder / "package.json").write_text("{}")
    subprocess.run(install, cwd=folder, capture_output=True, text=True, check=True, timeout=300)
    listed = []
    for number, one in enumerate(known):
        photo = decode(one.jpeg)
        shown = turn(photo.pixels, photo.orientation)
        file = folder / f"{number}.rgba"
        file.write_bytes(cv2.cvtColor(shown, cv2.COLOR_BGR2RGBA).tobytes())
        listed.append({"file": str(file), "width": shown.shape[1], "height": shown.shape[0]})
    (folder / "photos.json").write_text(json.dumps(listed))
    (folder / "driver.js").write_text(_DRIVER)
    command = ["node", "driver.js", str(folder)]
    told = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=600
    )
    found = []
    for line, one in zip(told.stdout.splitlines(), known, strict=True):
        answer = json.loads(line)
        quad = answer["corners"] and in_order(np.array(answer["corners"], np.float64))
        found.append((jaccard(quad, one.corners), answer["cpu_ms"]))
    return _rows("jscanify 1.4.3", known, found)


def _with_dewarp(folder: Path) -> list[Row]:
    if shutil.which("tesseract") is None or "vie" not in paper_ocr.languages():
        return [Row("page-dewarp is judged by tesseract, which is not here", "not measured")]
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
    install = [str(venv / "bin/pip"), "install", "-q", PAGE_DEWARP]
    subprocess.run(install, check=True, capture_output=True, text=True, timeout=600)
    ours, theirs = [], []
    for i in range(READ):
        scene = make_scene(98_000 + i, size_px=(4056, 3040), paper="A4", table="mat", turn_deg=1.5)
        started = time.process_time()
        page = make_page(scene.jpeg())
        cpu_s = time.process_time() - started
        pixels = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
        still = 0 if page.quad is None else (turns_wanted(scene, page.quad) - page.turns) % 4
        error = paper_ocr.error_rate(scene.lines, paper_ocr.read_print(turned(pixels, still)))
        ours.append((error, cpu_s, len(page.jpeg)))
        theirs.append(_dewarped(venv, folder, scene.jpeg(), scene.lines))
    return [
        Row(f"{name}, {READ} A4 of 12 MP: OCR error, CPU, size", _three(found))
        for name, found in (("ours", ours), ("page-dewarp 0.3.4", theirs))
    ]


def _dewarped(venv: Path, folder: Path, jpeg: bytes, lines: list[str]) -> tuple[float, float, int]:
    (folder / "photo.jpg").write_bytes(jpeg)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(venv / "bin/page-dewarp"), "-o", str(folder), str(folder / "photo.jpg")]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run(
        command, check=True, capture_output=True, timeout=300, env={**os.environ, **threads}
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    made = next(folder.glob("photo_thresh*.png"))
    text = paper_ocr.read_print(np.asarray(cv2.imread(str(made), cv2.IMREAD_COLOR)))
    size = made.stat().st_size
    made.unlink()
    return paper_ocr.error_rate(lines, text), cpu_s, size


def _three(found: list[tuple[float, float, int]]) -> str:
    errors, cpus, sizes = zip(*found, strict=True)
    return f"{mean(errors):.4f}, {mean(cpus):.1f} s, {mean(sizes) / 1000:.0f} kB"
