"""This file proves that QR codes on papers are read, small ones by the ladder, none invented."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import segno

from appliance.paper.scan.qr import read_qr


def photo_of(text: str, module_px: float, blur_px: float = 0.7) -> np.ndarray:
    """A grey photo of a code whose modules are `module_px` wide, a little turned and soft."""
    code = np.array([list(row) for row in segno.make(text, error="l").matrix], np.uint8)
    big = np.kron(np.pad(1 - code, 4, constant_values=1), np.ones((8, 8), np.uint8)) * 190 + 30
    turn = cv2.getRotationMatrix2D((big.shape[1] / 2, big.shape[0] / 2), 7, module_px / 8)
    turn[:, 2] += [300 - big.shape[1] / 2, 250 - big.shape[0] / 2]
    smooth = cv2.GaussianBlur(big, (0, 0), 3.2 / module_px)
    seen = cv2.warpAffine(smooth, turn, (600, 500), borderValue=220)
    return cv2.GaussianBlur(seen, (0, 0), blur_px)


@pytest.mark.parametrize("module_px", [2.5, 3.3, 5.0])
def test_a_code_is_read_at_the_sizes_the_camera_gives(module_px: float) -> None:
    """From 2.5 pixels a module up, with Vietnamese letters kept."""
    text = "012345678901||Nguyễn Thị Hương|01011950|Nữ|Thôn 3, xã Tân Hưng|01062023"
    assert read_qr(photo_of(text, module_px), thorough=True) == [text]


def test_two_codes_are_read_in_reading_order_and_once() -> None:
    """The upper one first; the same text twice is one text."""
    picture = np.vstack([photo_of("one", 5), photo_of("two", 5), photo_of("one", 5)])
    assert read_qr(picture) == ["one", "two"]


def test_no_code_gives_no_text() -> None:
    """An empty page, noise, and text alone."""
    noise = np.random.default_rng(2).integers(0, 255, (400, 400)).astype(np.uint8)
    for picture in (np.full((400, 400), 230, np.uint8), noise):
        assert read_qr(picture, thorough=True) == []
