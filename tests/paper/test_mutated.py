"""This file proves that damaged and mutated photos give a clear error or a page, never a crash."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from appliance.paper.page import make_page
from appliance.paper.photo import BadPhoto
from bench.scenes import make_scene


def kinds() -> list[bytes]:
    """Small photos of one scene as JPEG (plain, progressive, grey), PNG, WebP and TIFF."""
    pixels = make_scene(9, paper="A5", table="mat", size_px=(400, 300)).pixels[:, :, ::-1]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    out = []
    for kind, mode, options in (
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}),
        ("WEBP", "RGB", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ):
        data = io.BytesIO()
        image.convert(mode).save(data, kind, **options)
        out.append(data.getvalue())
    return out


@pytest.mark.parametrize("kind", range(7))
def test_a_mutated_photo_is_an_error_or_a_page(kind: int) -> None:
    """Bytes changed, cut out, doubled and cut off at random places, 40 times a kind."""
    whole = kinds()[kind]
    for seed in range(40):
        rng = np.random.default_rng((kind, seed))
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 12))):
            at = int(rng.integers(0, len(data)))
            change = rng.random()
            if change < 0.7:
                data[at] = int(rng.integers(0, 256))
            elif change < 0.8:
                del data[at : at + int(rng.integers(1, 60))]
            elif change < 0.9:
                data[at:at] = data[at : at + 40]
            else:
                del data[max(at, 40) :]
        try:
            page = make_page(bytes(data))
        except BadPhoto as told:
            assert told.code
            continue
        assert page.jpeg.startswith(b"\xff\xd8")


def test_random_bytes_behind_every_magic_number_are_refused() -> None:
    """Each format's first bytes, then noise."""
    rng = np.random.default_rng(4)
    for magic in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"BM"):
        for size in (0, 10, 3000):
            with pytest.raises(BadPhoto):
                make_page(magic + rng.bytes(size))
