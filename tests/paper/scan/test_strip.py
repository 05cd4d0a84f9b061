"""This file proves that a photo loses place, time and maker, and nothing of its pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from appliance.paper.scan.decode import decode
from appliance.paper.scan.photo import BadPhoto
from appliance.paper.scan.strip import strip

PLACE = b"10.7769N 106.7009E"


def photo(orientation: int = 1, *, progressive: bool = False) -> bytes:
    """A photo as a telephone makes it: GPS, maker, thumbnail-like XMP, a comment, a trailer."""
    shade = np.add.outer(np.arange(120), np.arange(160)).astype(np.uint8)
    image = Image.fromarray(np.dstack([shade, shade[::-1], shade]))
    exif = Image.Exif()
    exif[0x010F] = "Nokia 3310"
    exif[0x0132] = "2026:11:22 10:00:00"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[0x1B] = PLACE
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"Ba Nam " + PLACE, progressive=progressive)
    return out.getvalue() + b"MotionPhoto_Data" + PLACE


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("progressive", [False, True])
def test_pixels_stay_and_the_rest_goes(orientation: int, progressive: bool) -> None:
    """The same picture, turned the same way; not a letter of where it was taken."""
    before = photo(orientation, progressive=progressive)
    after = strip(before)
    for told in (PLACE, b"Nokia", b"2026:11:22", b"Ba Nam", b"MotionPhoto"):
        assert told in before and told not in after
    one, two = decode(before), decode(after)
    assert one.orientation == two.orientation == orientation
    assert np.array_equal(one.pixels, two.pixels)
    with Image.open(io.BytesIO(after)) as image:
        assert dict(image.getexif()) in ({}, {0x0112: orientation})


def test_only_a_whole_jpeg_is_taken() -> None:
    """Nothing, text, a PNG, a photo cut anywhere: refused with a code, never an exception."""
    png = io.BytesIO()
    Image.new("RGB", (100, 100)).save(png, "PNG")
    for bad, code in ((b"", "empty"), (b"hello" * 50, "not_an_image")):
        with pytest.raises(BadPhoto) as e:
            strip(bad)
        assert e.value.code == code
    with pytest.raises(BadPhoto):
        strip(png.getvalue())
    whole = photo().split(b"MotionPhoto")[0]
    for cut in range(1, len(whole) - 1, 97):
        with pytest.raises(BadPhoto):
            strip(whole[:cut])
