"""This file draws what papers lie on: wood, cloth, flowers, tiles, white boards, a dark mat."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

KINDS = ("wood", "cloth", "flowers", "white", "tiles", "clutter", "mat")
WILD_KINDS = (*KINDS, "newspaper", "slats")
Plane = NDArray[np.float32]
Rng = np.random.Generator


def draw_table(kind: str, rng: Rng, size_px: tuple[int, int], px_per_mm: float) -> Plane:
    """Return H x W x 3 BGR float32 (0-255) of a table of `kind`, evenly lit."""
    width, height = size_px
    make = {
        "wood": _wood,
        "cloth": _cloth,
        "flowers": _flowers,
        "white": _white,
        "tiles": _tiles,
        "clutter": _clutter,
        "mat": _mat,
        "newspaper": _newspaper,
        "slats": _slats,
    }[kind]
    return np.asarray(make(rng, width, height, px_per_mm), np.float32)


def clouds(rng: Rng, width: int, height: int, stretch: float = 1.0) -> Plane:
    """Return smooth noise, 0 to 1, coarse to fine; `stretch` > 1 draws it out sideways."""
    total = np.zeros((height, width), np.float32)
    for octave, weight in enumerate((1.0, 0.55, 0.3, 0.17, 0.09)):
        rows, columns = 3 * 2**octave, max(2, round(4 * 2**octave / stretch))
        coarse = rng.normal(0, 1, (rows, columns)).astype(np.float32)
        total += weight * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    total -= total.min()
    return np.asarray(total / (total.max() + 1e-6), np.float32)


def _plain(rng: Rng, width: int, height: int, low: float, high: float) -> Plane:
    return np.zeros((height, width, 3), np.float32) + rng.uniform(low, high, 3).astype(np.float32)


def _wood(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    grain = clouds(rng, width // 2, height // 2, stretch=9)
    slope = np.linspace(0, 7, height // 2, dtype=np.float32)[:, None]
    rings = 0.5 + 0.5 * np.sin(grain * rng.uniform(25, 70) + slope)
    share = (0.6 * grain + 0.4 * rings)[..., None]
    dark = np.array([30, 55, 95]) * rng.uniform(0.6, 1.4)
    light = np.array([95, 150, 200]) * rng.uniform(0.7, 1.2)
    board = (dark + (light - dark) * share).astype(np.float32)
    return np.asarray(cv2.resize(board, (width, height)), np.float32)


def _cloth(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    cloth = _plain(rng, width, height, 40, 170)
    period = max(4, round(rng.uniform(8, 26) * px_per_mm))
    y, x = np.mgrid[0:height, 0:width]
    squares = ((x // period + y // period) % 2).astype(np.float32)[..., None]
    return np.asarray(cloth + squares * rng.uniform(-60, 80, 3).astype(np.float32), np.float32)


def _flowers(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    cloth = _plain(rng, width, height, 30, 130)
    for _ in range(420):
        at = int(rng.integers(0, width)), int(rng.integers(0, height))
        petal = [float(c) for c in rng.uniform(20, 235, 3)]
        cv2.circle(cloth, at, max(1, round(rng.uniform(2, 13) * px_per_mm)), petal, -1, cv2.LINE_AA)
    return cloth


def _white(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    board = np.zeros((height, width, 3), np.float32) + rng.uniform(200, 236)
    board += rng.uniform(-5, 5, 3).astype(np.float32)
    return np.asarray(board + (clouds(rng, width, height) - 0.5)[..., None] * 10, np.float32)


def _tiles(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    """Floor or table tiles: long straight joints that are no sheet's edge."""
    ground = _plain(rng, width, height, 110, 215)
    ground += (clouds(rng, width, height) - 0.5)[..., None] * 24
    period = round(rng.uniform(60, 160) * px_per_mm)
    joint = [float(c) for c in rng.uniform(60, 150, 3)]
    for x in range(int(rng.integers(0, period)), width, period):
        cv2.line(ground, (x, 0), (x, height), joint, max(1, round(1.6 * px_per_mm)), cv2.LINE_AA)
    for y in range(int(rng.integers(0, period)), height, period):
        cv2.line(ground, (0, y), (width, y), joint, max(1, round(1.6 * px_per_mm)), cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(0, 90)), 1.5)
    turned = cv2.warpAffine(ground, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(turned, np.float32)


def _clutter(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    """A wooden desk with a phone, a pen, a cup, a folder, partly under the sheet."""
    desk = _wood(rng, width, height, px_per_mm)
    for _ in range(int(rng.integers(3, 7))):
        middle = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        colour = [float(c) for c in rng.uniform(15, 160, 3)]
        if rng.random() < 0.3:
            at = round(middle[0]), round(middle[1])
            cv2.circle(desk, at, round(rng.uniform(25, 45) * px_per_mm), colour, -1, cv2.LINE_AA)
            continue
        sides = float(rng.uniform(8, 110) * px_per_mm), float(rng.uniform(8, 160) * px_per_mm)
        box = cv2.boxPoints((middle, sides, float(rng.uniform(0, 180))))
        cv2.fillPoly(desk, [np.round(box).astype(np.int32)], colour, cv2.LINE_AA)
    return desk


def _mat(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    mat = np.zeros((height, width, 3), np.float32) + rng.uniform(20, 75)
    mat += rng.uniform(-8, 8, 3).astype(np.float32)
    return np.asarray(mat + (clouds(rng, width, height) - 0.5)[..., None] * 8, np.float32)


def _newspaper(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    """Old newspapers spread as a cloth: grey print, pictures, edges of sheets in all places."""
    cover = np.zeros((height, width, 3), np.float32) + rng.uniform(165, 215)
    for _ in range(5):
        middle = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        sides = 290 * px_per_mm, 400 * px_per_mm
        page = cv2.boxPoints((middle, sides, float(rng.uniform(0, 180))))
        tone = rng.uniform(165, 215) + rng.uniform(-6, 6, 3)
        sheet = np.zeros((400, 290, 3), np.float32) + tone.astype(np.float32)
        for x in range(14, 260, 66):
            for y in range(20, 380, 3):
                if rng.random() < 0.9:
                    sheet[y, x : x + int(rng.integers(30, 60))] *= rng.uniform(0.4, 0.8)
        for _ in range(3):
            x, y = int(rng.integers(10, 200)), int(rng.integers(10, 300))
            sheet[y : y + 70, x : x + 80] = rng.uniform(40, 170, 3)
        source = np.array([[0, 400], [0, 0], [290, 0], [290, 400]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, page.astype(np.float32))
        cv2.warpPerspective(
            sheet, matrix, (width, height), dst=cover, borderMode=cv2.BORDER_TRANSPARENT
        )
    return cover


def _slats(rng: Rng, width: int, height: int, px_per_mm: float) -> Plane:
    """A sedge mat or a slatted bed: long parallel lines from rim to rim, light and dark."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    a = float(rng.uniform(0, np.pi))
    across = x * np.cos(a) + y * np.sin(a)
    period = float(rng.uniform(4, 45) * px_per_mm)
    place = np.floor(across / period).astype(int)
    shades = rng.uniform(-18, 18, 4096).astype(np.float32)[place % 4096]
    gap = (np.mod(across, period) < max(1.0, 0.06 * period)).astype(np.float32)
    light = np.array([110, 165, 195]) * rng.uniform(0.6, 1.15)
    mat = light.astype(np.float32) + shades[..., None]
    return np.asarray(mat * (1 - rng.uniform(0.2, 0.6) * gap[..., None]), np.float32)
