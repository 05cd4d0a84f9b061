"""This file proves that every kind of bad photo is refused with a clear error, before decoding."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from appliance.paper.scan.decode import decode
from appliance.paper.scan.photo import BadPhoto, read_header


def picture(size: tuple[int, int] = (300, 200), mode: str = "RGB") -> Image.Image:
    """A picture with a dark left half and a light right half."""
    grey = np.full((size[1], size[0]), 230, np.uint8)
    grey[:, : size[0] // 2] = 40
    return Image.fromarray(grey).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header_only(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds almost no data: a decompression bomb's front."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg_claiming(width: int, height: int) -> bytes:
    """A JPEG whose frame header claims another size."""
    data = bytearray(saved(picture(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("empty", b""),
        ("not_an_image", b"%PDF-1.7 not a photo at all"),
        ("not_an_image", bytes(5000)),
        ("not_an_image", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(400)),
        ("not_an_image", b"RIFF\x24\x10\0\0AVI LIST\x14\1\0\0hdrlavih" + bytes(400)),
        ("not_an_image", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1matroska" + bytes(400)),
        ("not_an_image", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)),
        ("too_small", saved(picture((1, 1)), "PNG")),
        ("too_small", saved(picture((1, 1)), "JPEG")),
        ("too_small", saved(picture((4000, 3)), "JPEG")),
        ("too_large", png_header_only(10_000, 10_000)),
        ("too_large", png_header_only(60_000, 60_000)),
        ("too_large", jpeg_claiming(10_000, 10_000)),
        ("too_large", jpeg_claiming(65_500, 65_500)),
        ("truncated", saved(picture((900, 900)), "JPEG")[:-400]),
        ("truncated", saved(picture(), "PNG")[:-60]),
        ("truncated", b"\xff\xd8\xff\xe0"),
    ],
)
def test_a_bad_photo_has_its_own_code(code: str, data: bytes) -> None:
    """Each fault is named by a stable code, and the message says it in Vietnamese."""
    with pytest.raises(BadPhoto) as told:
        decode(data)
    assert told.value.code == code
    assert not str(told.value).isascii()


def test_the_header_alone_is_enough_to_refuse_a_bomb() -> None:
    """The size is judged before any pixel exists: read_header raises by itself."""
    with pytest.raises(BadPhoto):
        read_header(png_header_only(10_000, 10_000))


def test_an_animated_picture_is_refused() -> None:
    """A GIF or WebP that moves is no photo of a paper."""
    frames = [picture(), picture().rotate(180)]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        with pytest.raises(BadPhoto) as told:
            decode(data)
        assert told.value.code == "animated"


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "P", {}),
        ("PNG", "1", {}),
        ("PNG", "I;16", {}),
        ("TIFF", "RGB", {}),
        ("WEBP", "RGB", {}),
        ("BMP", "RGB", {}),
    ],
)
def test_unusual_kinds_keep_dark_dark_and_light_light(
    kind: str, mode: str, options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CMYK, 16 bit, palette, transparency, progressive: the picture comes out as it looks, whole
    or, being large, at half size."""
    if mode == "I;16":
        image = Image.fromarray(np.asarray(picture().convert("L")).astype(np.uint16) * 257)
    else:
        image = picture(mode=mode)
    data = saved(image, kind, **options)
    pixels = decode(data).pixels
    assert pixels.shape == (200, 300, 3)
    monkeypatch.setattr("appliance.paper.scan.decode.REDUCE_ABOVE_PIXELS", 10_000)
    for found in (pixels, decode(data).pixels):
        width = found.shape[1]
        assert found[:, : width // 3].mean() < 70
        assert found[:, 2 * width // 3 :].mean() > 200
    assert decode(data).shown_px == (300, 200)


@pytest.mark.parametrize("name", ["rgb16.png", "rgb16.tif", "grey16.tif"])
def test_sixteen_bits_a_channel_look_the_same(name: str) -> None:
    """What a scanner writes with 48 bits a pixel, and 16 bit grey as TIFF."""
    deep = np.asarray(picture())[:, :, ::-1].astype(np.uint16) * 257
    if name.startswith("grey"):
        deep = deep[..., 0]
    _, data = cv2.imencode(name[-4:], deep)
    pixels = decode(data.tobytes()).pixels
    assert pixels.shape == (200, 300, 3)
    assert pixels[:, :100].mean() < 70
    assert pixels[:, 200:].mean() > 200


def test_transparency_is_laid_on_white() -> None:
    """A page cut out by another program: nothing is paper, not black."""
    image = picture(mode="RGBA")
    image.putalpha(
        Image.fromarray(
            np.where(np.arange(300) < 200, 255, 0).astype(np.uint8)[None].repeat(200, 0)
        )
    )
    for kind in ("PNG", "WEBP", "TIFF"):
        assert decode(saved(image, kind)).pixels[:, 220:].min() > 245
