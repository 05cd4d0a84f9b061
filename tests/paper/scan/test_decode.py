"""This file proves that photos are seen as displayed, whatever their EXIF orientation."""

from __future__ import annotations

import io
import sys

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from appliance.paper.scan.decode import decode, halve
from appliance.paper.scan.quad import mapped


def corner_picture(orientation: int) -> bytes:
    """A JPEG with one marked corner each: red top left, green top right, as stored."""
    pixels = np.full((400, 600, 3), 128, np.uint8)
    pixels[:80, :80] = (250, 20, 20)
    pixels[:80, -80:] = (20, 250, 20)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_shown_as_pillow_shows_it(orientation: int) -> None:
    """A small copy is turned for display, and its matrix leads back to the same places."""
    data = corner_picture(orientation)
    photo = decode(data)
    small, to_shown = halve(photo, 300)
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))[:, :, ::-1]
    assert photo.shown_px == (shown.shape[1], shown.shape[0])
    for y, x in ((20, 20), (20, small.shape[1] - 20), (small.shape[0] - 20, 20)):
        there = mapped(to_shown, np.array([[x, y]], float))[0]
        expected = shown[round(there[1]), round(there[0])].astype(int)
        assert np.abs(small[y, x].astype(int) - expected).max() < 30


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_matrix_leads_from_stored_pixels_to_shown_ones(orientation: int) -> None:
    """The marked corner is found where the display has it."""
    photo = decode(corner_picture(orientation))
    red = (photo.pixels[..., 2] > 200) & (photo.pixels[..., 1] < 90)
    y, x = np.argwhere(red).mean(0)
    at = mapped(photo.to_shown, np.array([[x, y]], float))[0]
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(corner_picture(orientation)))))
    expected = np.argwhere((shown[..., 0] > 200) & (shown[..., 1] < 90)).mean(0)[::-1]
    assert np.abs(at - expected).max() < 1


def test_a_very_large_jpeg_is_decoded_at_half_size() -> None:
    """Above 25 megapixels memory is saved; corners still come out in the photo's own pixels."""
    out = io.BytesIO()
    Image.new("RGB", (6000, 4400), "white").save(out, "JPEG", quality=30)
    photo = decode(out.getvalue())
    assert photo.pixels.shape[:2] == (2200, 3000)
    assert photo.shown_px == (6000, 4400)
    far = mapped(photo.to_shown, np.array([[2999, 2199]], float))[0]
    assert np.abs(far - [5998.5, 4398.5]).max() < 0.1


@pytest.mark.parametrize(
    "options",
    [
        [],
        [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x411111],
        [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111],
        [cv2.IMWRITE_JPEG_RST_INTERVAL, 8],
    ],
)
def test_the_quicker_decoder_gives_the_same_pixels(
    options: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With simplejpeg (where it is installed) and without it, bit by bit, whatever the JPEG."""
    pytest.importorskip("simplejpeg", reason="simplejpeg is not installed")
    grey = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 255, (301, 403), np.uint8), (0, 0), 3
    )
    data = cv2.imencode(".jpg", cv2.merge([grey, grey[::-1], grey[:, ::-1]]), options)[1].tobytes()
    quick = decode(data).pixels
    monkeypatch.setitem(sys.modules, "simplejpeg", None)
    assert (decode(data).pixels == quick).all()
