"""This file lays photos and the pages made of them side by side, to be looked at by a person."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from appliance.paper.scan.page import Page, make_page
from bench.rows import Row
from bench.scenes import DEFECTS, MORE_DEFECTS, make_scene

TILE_PX = 460
PAIRS_A_ROW = 4
PAIRS_A_SHEET = 16
MADE_UP = 40


def measure(scenes: int, photos: Path) -> list[Row]:
    """Write the contact sheets as PNG into a fresh temporary folder, and say where."""
    folder = Path(tempfile.mkdtemp(prefix="hien-pages-"))
    pairs = [_pair(name, data) for name, data in (*_real(photos), *_made_up())]
    for number, first in enumerate(range(0, len(pairs), PAIRS_A_SHEET), start=1):
        some = pairs[first : first + PAIRS_A_SHEET]
        some += [some[0] * 0] * (-len(some) % PAIRS_A_ROW)
        rows = [cv2.hconcat(some[i : i + PAIRS_A_ROW]) for i in range(0, len(some), PAIRS_A_ROW)]
        cv2.imwrite(str(folder / f"{number}.png"), cv2.vconcat(rows))
    return [Row(f"{len(pairs)} photos and their pages", str(folder))]


def _real(photos: Path) -> Iterator[tuple[str, bytes]]:
    truth = photos / "truth.json"
    for name in json.loads(truth.read_text("utf-8")) if truth.exists() else ():
        yield Path(name).stem, (photos / name).read_bytes()


def _made_up() -> Iterator[tuple[str, bytes]]:
    harms = ("", "", "", *DEFECTS, *MORE_DEFECTS)
    for i in range(MADE_UP):
        harm = harms[i % len(harms)]
        wanted = {"defects": (harm,)} if harm else {}
        scene = make_scene(99_000 + i, size_px=(2704, 2028), **wanted)  # type: ignore[arg-type]
        yield f"{i} {harm}", scene.jpeg()


def _pair(name: str, data: bytes) -> np.ndarray:
    page = make_page(data)
    photo = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    if page.guess is not None:
        colour = (60, 160, 0) if page.quad is not None else (0, 0, 255)
        corners = np.round(np.array(page.guess)).astype(np.int32)
        width = max(3, max(photo.shape) // 250)
        cv2.polylines(photo, [corners], True, colour, width, cv2.LINE_AA)
    made = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    pair = cv2.hconcat([_tile(photo), _tile(made)])
    for line, text in enumerate((name, _said(page))):
        at = 6, TILE_PX - 26 + 20 * line
        cv2.putText(pair, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 0, 255), 1, cv2.LINE_AA)
    return np.asarray(pair)


def _said(page: Page) -> str:
    bad = [check.code for check in page.checks.values() if check.state == "bad"]
    return " ".join([f"{page.confidence:.3f}", *(["hand"] if page.needs_hand else []), *bad])


def _tile(picture: object) -> np.ndarray:
    plain = np.asarray(picture)
    ratio = (TILE_PX - 4) / max(plain.shape[:2])
    small = cv2.resize(plain, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    below, right = TILE_PX - small.shape[0], TILE_PX - small.shape[1]
    return np.asarray(cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT))
