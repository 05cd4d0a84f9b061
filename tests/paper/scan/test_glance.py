"""This file proves what a look at one frame of the live picture says about focus."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from appliance.paper.scan.glance import glance

PREVIEW_PX = (1280, 960)


def frame(blur_px: float, noise: float = 2.0) -> bytes:
    """A printed A4 sheet on a dark mat as a camera of 12 megapixels gives it, then made small."""
    photo = np.full((2880, 3840, 3), 45, np.uint8)
    photo[500:2300, 600:3146] = 225
    for row in range(24):
        text = "Giay xac nhan cu tru 0123456789 abcde"
        cv2.putText(photo, text, (760, 640 + 66 * row), 0, 1.6, (40, 40, 40), 4, cv2.LINE_AA)
    turned = cv2.warpAffine(
        photo,
        cv2.getRotationMatrix2D((1920, 1440), 11, 1.0),
        (3840, 2880),
        borderValue=(45, 45, 45),
    )
    soft = cv2.GaussianBlur(turned, (0, 0), blur_px)
    small = cv2.resize(soft, PREVIEW_PX, interpolation=cv2.INTER_AREA).astype(np.float32)
    small += np.random.default_rng(2).normal(0, noise, small.shape)
    data = cv2.imencode(".jpg", np.clip(small, 0, 255).astype(np.uint8), [1, 70])[1]
    return bytes(data)


@pytest.mark.parametrize(("blur_px", "code"), [(1.0, ""), (6.0, "blurred"), (8.0, "blurred")])
def test_a_sheet_far_out_of_focus_is_told_before_the_tap(blur_px: float, code: str) -> None:
    """A sharp one is ready; slight blur is left to the photo itself, which has the pixels."""
    assert glance(frame(blur_px)).code == code


def test_a_blank_sheet_has_nothing_to_be_soft() -> None:
    """No print, no word about focus."""
    photo = np.full((960, 1280, 3), 45, np.uint8)
    photo[170:770, 200:1049] = 225
    soft = cv2.GaussianBlur(photo, (0, 0), 3)
    assert glance(bytes(cv2.imencode(".jpg", soft)[1])).code in ("", "unsure")
