"""This file takes the photo of a drawn paper: on a wooden table, a little crooked, unevenly lit."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageChops, ImageFilter

PHOTO_PX = (3280, 2464)
TABLE_RGB = (96, 70, 50)
WHITE_RGB = (248, 247, 243)
JPEG_QUALITY = 88


@dataclass(frozen=True)
class Pose:
    """How the paper lies and how the light falls.

    `turn_deg` anticlockwise; `lean` 0–0.2 how much nearer the camera the lower edge is; `fill` the
    paper's share of the photo's height; `light` 1 = daylight; `blur_px` out of focus; `glare` a
    lamp mirrored on the paper; `cut` the paper reaches over the photo's edge; `white` a white table
    on which a white paper hardly shows.
    """

    turn_deg: float = 2.5
    lean: float = 0.05
    fill: float = 0.86
    light: float = 1.0
    blur_px: float = 0.0
    glare: bool = False
    cut: bool = False
    white: bool = False


def photograph(sheet: Image.Image, pose: Pose = Pose()) -> bytes:
    """A JPEG of `PHOTO_PX` pixels as a camera above the table would take it."""
    width, height = PHOTO_PX
    corners = _corners(sheet.size, pose)
    coefficients = _perspective(corners, sheet.size)
    flat = sheet.convert("RGBA")
    laid = flat.transform(
        PHOTO_PX, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    photo = Image.new("RGB", PHOTO_PX, WHITE_RGB) if pose.white else table().copy()
    shadow = laid.getchannel("A").resize((width // 8, height // 8))
    shadow = shadow.filter(ImageFilter.GaussianBlur(4)).resize(PHOTO_PX)
    if not pose.white:
        photo.paste((20, 14, 10), (14, 18), shadow.point(lambda level: level * 0.55))
    photo.paste(laid, (0, 0), laid)
    photo = _lit(photo, pose.light)
    if pose.glare:
        photo = _with_glare(photo)
    if pose.blur_px:
        photo = photo.filter(ImageFilter.GaussianBlur(pose.blur_px))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


@lru_cache(maxsize=1)
def table() -> Image.Image:
    """A wooden table top with a grain; the same on every call."""
    import numpy as np

    random = np.random.default_rng(11)
    width, height = PHOTO_PX[0] // 4, PHOTO_PX[1] // 4
    rows = np.linspace(0, 34, height)[:, None]
    columns = np.linspace(0, 5, width)[None, :]
    grain = np.sin(rows * 2.2 + np.sin(columns * 1.3) * 1.6 + np.sin(rows * 0.31) * 3)
    grain = grain * 0.05 + random.normal(0, 0.025, (height, width)) + 1
    wood = np.clip(np.array(TABLE_RGB)[None, None, :] * grain[:, :, None], 0, 255)
    return Image.fromarray(wood.astype("uint8"), "RGB").resize(PHOTO_PX, Image.Resampling.BICUBIC)


def _corners(size_px: tuple[int, int], pose: Pose) -> list[tuple[float, float]]:
    """Where the sheet's four corners (TL, TR, BR, BL) come to lie in the photo."""
    import math

    width, height = PHOTO_PX
    tall = height * pose.fill
    wide = tall * size_px[0] / size_px[1]
    if wide > width * 0.9:  # a paper wider than the photo is high
        wide, tall = width * 0.9, width * 0.9 * size_px[1] / size_px[0]
    turn = math.radians(-pose.turn_deg)
    centre_x = width / 2 - (width * 0.36 if pose.cut else 0)
    found = []
    for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        near = 1 + pose.lean * (y * 2)
        at_x, at_y = x * wide * near, y * tall
        found.append(
            (
                centre_x + at_x * math.cos(turn) - at_y * math.sin(turn),
                height / 2 + at_x * math.sin(turn) + at_y * math.cos(turn),
            )
        )
    return found


def _perspective(corners: list[tuple[float, float]], size_px: tuple[int, int]) -> list[float]:
    """The eight numbers that lead from a pixel of the photo back to one of the sheet."""
    import numpy as np

    width, height = size_px
    sheet = [(0, 0), (width, 0), (width, height), (0, height)]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, sheet, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    answer: Any = np.linalg.solve(np.array(rows), np.array([n for uv in sheet for n in uv]))
    return [float(number) for number in answer]


def _lit(photo: Image.Image, light: float) -> Image.Image:
    """Light from the upper left that falls off across the table."""
    import numpy as np

    width, height = 64, 48
    fall = np.linspace(1.0, 0.74, width)[None, :] * np.linspace(1.0, 0.88, height)[:, None]
    mask = Image.fromarray(np.clip(fall * light * 255, 0, 255).astype("uint8"), "L")
    mask = mask.resize(photo.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(photo, Image.merge("RGB", (mask, mask, mask)))


def _with_glare(photo: Image.Image) -> Image.Image:
    """A bright, burnt-out patch in the middle of the paper."""
    from PIL import ImageDraw

    width, height = photo.size
    mask = Image.new("L", (width // 8, height // 8), 0)
    box = (width // 8 * 0.47, height // 8 * 0.3, width // 8 * 0.62, height // 8 * 0.5)
    ImageDraw.Draw(mask).ellipse(box, 255)
    mask = mask.filter(ImageFilter.GaussianBlur(9)).resize(photo.size)
    photo.paste((255, 255, 252), mask=mask)
    return photo
