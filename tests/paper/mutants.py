"""This file makes photos that are damaged, each from its seed, and the largest that are taken."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from appliance.paper.scan.photo import MAX_JPEG_PIXELS, MAX_OTHER_PIXELS, MAX_WEBP_PIXELS
from bench.scenes import make_scene

KINDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("JPEG", "RGB", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "L", {}),
    ("JPEG", "CMYK", {}),
    ("JPEG", "RGB", {"restart_marker_rows": 1}),
    ("JPEG", "RGB", {"exif": True}),
    ("PNG", "RGB", {}),
    ("WEBP", "RGB", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
)


@cache
def form(large: bool) -> np.ndarray:
    size_px = (4056, 3040) if large else (640, 480)
    return make_scene(9, paper="A5", table="mat", size_px=size_px).pixels[:, :, ::-1]


@cache
def whole(kind: int, large: bool) -> bytes:
    """A photo of a form on a mat; `large`: 12 megapixels."""
    pixels = form(large)
    name, mode, options = KINDS[kind]
    options = dict(options)
    if options.pop("exif", False):
        exif = Image.Exif()
        exif[0x0112], exif[0x010E] = 6, "x" * 300
        options["exif"] = exif
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).convert(mode).save(out, name, **options)
    return out.getvalue()


def mutant(seed: int) -> bytes:
    """A photo with up to a dozen places changed, cut out, doubled or cut off; some are noise.

    Two thirds are JPEGs; from seed 1000, one in forty has 12 megapixels. 0 to 8 are whole.
    """
    rng = np.random.default_rng((17, seed))
    if seed % 31 == 30:
        return b"\xff\xd8\xff\xe0" + rng.bytes(int(rng.integers(0, 60_000)))
    data = bytearray(whole(seed % len(KINDS), seed >= 1000 and seed % 40 == 27))
    for _ in range(int(rng.integers(1, 12)) if seed >= len(KINDS) else 0):
        # Headers are short and matter most: half of the changes hit the first kilobyte.
        reach = min(len(data), 1200) if rng.random() < 0.5 else len(data)
        at = int(rng.integers(0, max(1, reach)))
        change = rng.random()
        if change < 0.7 and at < len(data):
            data[at] = int(rng.integers(0, 256))
        elif change < 0.8:
            del data[at : at + int(rng.integers(1, 60))]
        elif change < 0.92:
            data[at:at] = data[at : at + 40]
        else:
            del data[max(at, 40) :]
    return bytes(data)


def largest(kind: str, mode: str, options: dict[str, Any]) -> bytes:
    """The largest photo of a kind that is taken, in blocks of random colours."""
    plain = kind == "JPEG" and mode == "RGB"
    most = MAX_JPEG_PIXELS if plain else MAX_WEBP_PIXELS if kind == "WEBP" else MAX_OTHER_PIXELS
    block = int((most / 12) ** 0.5) // 10
    colours = np.random.default_rng(0).integers(0, 255, (30, 40, 3)).astype(np.uint8)
    pixels = np.kron(colours, np.ones((block, block, 1), np.uint8))
    if mode == "I;16":
        image = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(pixels).convert(mode)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
