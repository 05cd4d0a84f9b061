"""This file tells a complete JPEG from a cut one without decoding it (ITU-T T.81, Annex B)."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.devices.camera import CameraError

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA


@dataclass(frozen=True)
class JpegShape:
    """Size in pixels as stored, and the length up to and with the end-of-image marker."""

    width_px: int
    height_px: int
    length: int


def jpeg_shape(data: bytes) -> JpegShape:
    """Walk the markers from start to end of image; CameraError(camera_bad_photo) when cut.

    A phone or scanner may add bytes of its own after the end; they are not counted.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise _bad("the camera handed over something that is not a JPEG")
    size: tuple[int, int] | None = None
    at = 2
    while True:
        at = _marker(data, at)
        code = data[at + 1]
        at += 2
        if code == _EOI:
            if size is None:
                raise _bad("the photo says no size")
            return JpegShape(size[0], size[1], at)
        if code in _NO_LENGTH or code == _SOI:
            continue
        if at + 2 > len(data):
            raise _cut()
        length = int.from_bytes(data[at : at + 2], "big")
        if code in _SOF and length >= 8 and at + 7 <= len(data):
            height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (3, 5))
            size = (width, height)
        at += length
        if code == _SOS:
            at = _after_scan(data, at)


def verified(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """The JPEG without what follows its end, and its (width, height) in pixels."""
    shape = jpeg_shape(data)
    if shape.width_px == 0 or shape.height_px == 0:
        raise _bad("the photo is empty")
    return data[: shape.length], (shape.width_px, shape.height_px)


def _marker(data: bytes, at: int) -> int:
    """The place of the next marker; fill bytes before it are allowed, anything else is not."""
    while at + 1 < len(data) and data[at] == 0xFF and data[at + 1] == 0xFF:
        at += 1
    if at + 1 >= len(data):
        raise _cut()
    if data[at] != 0xFF:
        raise _bad("the photo is damaged")
    return at


def _after_scan(data: bytes, at: int) -> int:
    """Skip entropy-coded data: 0xFF there is followed by 0x00 or a restart marker."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise _cut()
        if data[at + 1] != 0x00 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _cut() -> CameraError:
    return _bad("the photo is cut off before its end")


def _bad(what: str) -> CameraError:
    return CameraError(f"{what}; take it again", code="camera_bad_photo")
