"""This file measures small pages and true colours: bytes and OCR error of pages in layers against
JPEG pages, and what becomes of stamp, ink, print and paper on the way from photo to page.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from typing import Any

import cv2
import numpy as np

from appliance.paper.pdf.pdf import make_pdf
from appliance.paper.scan.decode import Pixels
from appliance.paper.scan.jpeg import encode_page
from appliance.paper.scan.page import make_page
from bench import paper_ocr
from bench.paper_upright import turned, turns_wanted
from bench.rounds import fresh, spread
from bench.rows import Row, at_most
from bench.scenes import make_scene

_FIXED = datetime(2026, 1, 1, tzinfo=UTC)
DPI = 200
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Outcome:
    """Bytes of one page's PDF as JPEG and in layers, OCR errors of both as poppler draws them, and
    {what: (before, after)} of hues (degrees) and greys."""

    plain_bytes: int
    small_bytes: int
    plain_error: float
    small_error: float
    tones: dict[str, tuple[float, float]]


def measure(scenes: int, photos: Path) -> list[Row]:
    """Return the rows; the OCR rows need poppler and tesseract with Vietnamese."""
    if not all(map(shutil.which, ("tesseract", "pdftoppm"))) or "vie" not in paper_ocr.languages():
        return [Row("poppler or tesseract with Vietnamese is not installed", "not measured")]
    count = max(3, min(scenes // 6, 24))
    found = [one for one in spread(look_at, range(98_000, 98_000 + count)) if one is not None]
    plain, small = (
        mean(getattr(o, f"{k}_bytes") for o in found) / 1000 for k in ("plain", "small")
    )
    before, after = (mean(getattr(o, f"{k}_error") for o in found) for k in ("plain", "small"))
    most = max(one.small_bytes for one in found) / 1000
    rows = [
        at_most("A4 page as JPEG in its PDF (mean), kB", plain, 200),
        at_most("A4 page in layers in its PDF (mean), kB", small, 40, 30),
        at_most("  largest, kB", most, 40, 30),
        at_most(
            "OCR error in layers - of the JPEG, as drawn by poppler", after - before, 0.01, 0.0
        ),
        Row("  error rates", f"{before:.4f}, {after:.4f}: x {after / before:.2f} of {len(found)}"),
    ]
    for what in found[0].tones:
        pairs = [one.tones[what] for one in found]
        then, now = (median(pair[n] for pair in pairs) for n in (0, 1))
        rows.append(Row(f"{what}: photo, page", f"{then:.0f}, {now:.0f}"))
    return rows


def look_at(seed: int) -> Outcome | None:
    """Return what became of one scene; None where no page was cropped."""
    shadow = ("shadow",) if seed % 2 else ()
    scene = make_scene(fresh(seed), size_px=(4056, 3040), paper="A4", table="wood", defects=shadow)
    page = make_page(scene.jpeg())
    if page.quad is None:
        return None
    pixels = np.asarray(cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR))
    still = (turns_wanted(scene, page.quad) - page.turns) % 4
    pixels = np.asarray(turned(pixels, still), np.uint8)
    jpeg = encode_page(pixels, dpi=DPI) if still else page.jpeg
    plain, small = (
        make_pdf([jpeg], title="x", made_at=_FIXED, small=small) for small in (False, True)
    )
    return Outcome(
        len(plain), len(small),
        paper_ocr.error_rate(scene.lines, paper_ocr.read_print(drawn(plain))),
        paper_ocr.error_rate(scene.lines, paper_ocr.read_print(drawn(small))),
        tones(np.asarray(paper_ocr.perfect_warp(scene), np.uint8), pixels),
    )  # fmt: skip


def drawn(pdf: bytes) -> Pixels:
    """Return a PDF's page as poppler draws it at 200 dpi."""
    with tempfile.TemporaryDirectory() as folder:
        name = str(Path(folder) / "page")
        Path(f"{name}.pdf").write_bytes(pdf)
        command = ["pdftoppm", "-r", str(DPI), "-singlefile", "-png", f"{name}.pdf", name]
        subprocess.run(command, check=True)
        return np.asarray(cv2.imread(f"{name}.png", cv2.IMREAD_COLOR), np.uint8)


def tones(photo: Pixels, page: Pixels) -> dict[str, tuple[float, float]]:
    """Return hues of stamp and ink, greys of print and paper, in the warped photo and the page.

    Where each is, the page says; its middle alone is looked at, away from mixed edges.
    """
    photo = photo[: page.shape[0], : page.shape[1]]
    page = page[: photo.shape[0], : photo.shape[1]]
    wide = page.astype(np.int16)
    blue, green, red = wide[..., 0], wide[..., 1], wide[..., 2]
    dark = wide.max(2) < 70
    places = {
        "stamp, hue in degrees": _middle(red - np.maximum(blue, green) > 70),
        "ink, hue in degrees": _middle(blue - np.maximum(red, green) > 50),
        "print, grey": _middle(dark),
        "paper, grey": wide.min(2) > 240,
    }
    measure_of = {name: _hue if "hue" in name else _grey for name in places}
    return {
        name: (measure_of[name](photo[where]), measure_of[name](page[where]))
        for name, where in places.items()
        if where.any()
    }


def _middle(mask: Mask) -> Mask:
    core = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(core if core.any() else mask)


def _hue(pixels: Pixels) -> float:
    """Return the hue of the median colour; red near 0 may come as -10."""
    colour = np.median(pixels, axis=0).astype(np.uint8).reshape(1, 1, 3)
    hue = 2.0 * float(cv2.cvtColor(colour, cv2.COLOR_BGR2HSV)[0, 0, 0])
    return hue - 360 if hue > 300 else hue


def _grey(pixels: Pixels) -> float:
    return float(np.median(pixels.mean(1)))
