"""This file takes from a JPEG what is no picture: where and when it was taken, by which telephone.

The pixels stay as they are, byte for byte; so does the way the picture is to be turned.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from appliance.paper.scan.photo import BadPhoto, read_header

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_APP0, _APP14, _APP15, _COM = 0xE0, 0xEE, 0xEF, 0xFE
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length: TEM and the restart markers."""


def strip(data: bytes) -> bytes:
    """The JPEG without EXIF (place, time, maker), XMP, comments, thumbnails, and what follows it.

    Kept: JFIF and Adobe's colour marker, which decoders need, and the orientation. Raises BadPhoto
    (empty, not_an_image, truncated, …); anything but a JPEG is not_an_image.
    """
    header = read_header(data)
    if header.kind not in ("JPEG", "MPO"):
        raise BadPhoto("not_an_image")
    kept = [b"\xff\xd8"]
    for marker, segment in _segments(data):
        if marker == _APP0 and segment[4:9] != b"JFIF\x00":
            continue  # a thumbnail (JFXX)
        if _APP0 < marker <= _APP15 and marker != _APP14:
            continue
        if marker == _COM:
            continue
        kept.append(segment)
    if header.orientation != 1:
        at = 2 if len(kept) > 1 and kept[1][1] == _APP0 else 1
        kept.insert(at, _turned(header.orientation))
    return b"".join(kept)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, bytes with the marker) up to the end of the first picture; a scan's data with it."""
    at = 2
    while True:
        if at + 2 > len(data) or data[at] != 0xFF:
            raise BadPhoto("truncated" if at + 2 > len(data) else "damaged")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == _EOI:
            yield marker, data[at : at + 2]
            return
        if marker in _ALONE:
            yield marker, data[at : at + 2]
            at += 2
            continue
        if at + 4 > len(data):
            raise BadPhoto("truncated")
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise BadPhoto("truncated")
        if marker == _SOS:
            end = _end_of_scan(data, end)
        yield marker, data[at:end]
        at = end


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands; inside a scan FF is followed by 00 or a restart marker."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise BadPhoto("truncated")
        if data[at + 1] == 0x00 or data[at + 1] in _ALONE:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at


def _turned(orientation: int) -> bytes:
    """An EXIF segment that holds the orientation and nothing else."""
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
