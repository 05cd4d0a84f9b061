"""This file is the contract every camera keeps, run over each adapter or over `--camera URL`."""

from __future__ import annotations

import io
import threading
import time

import pytest
from PIL import Image

from appliance.devices.camera import Camera, CameraError, Photo
from tests.devices.cameras_for_tests import wait_for_preview


def test_a_photo_is_a_whole_jpeg_of_the_size_it_says(any_camera: Camera) -> None:
    """An independent decoder reads all of it."""
    photo = any_camera.capture()
    image = Image.open(io.BytesIO(photo.jpeg))
    image.load()
    assert image.size == photo.size_px
    assert photo.jpeg.endswith(b"\xff\xd9")


def test_preview_is_small(any_live_camera: Camera) -> None:
    """The newest preview decodes and is at most 1280 px long."""
    with Image.open(io.BytesIO(wait_for_preview(any_live_camera))) as image:
        image.load()
        assert max(image.size) <= 1280


def test_check_is_ok_after_a_photo(any_camera: Camera) -> None:
    any_camera.capture()
    check = any_camera.check()
    assert (check.name, check.state) == ("camera", "ok")


def test_preview_goes_on_while_photographing(any_live_camera: Camera) -> None:
    """A photo in between does not end the preview."""
    wait_for_preview(any_live_camera)
    for _ in range(3):
        any_live_camera.capture()
    assert wait_for_preview(any_live_camera)


def test_many_threads_each_get_a_photo(any_camera: Camera) -> None:
    photos: list[Photo] = []
    threads = [
        threading.Thread(target=lambda: photos.append(any_camera.capture(30))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(photos) == 6


def test_a_closed_camera_says_so_at_once(any_camera: Camera) -> None:
    """Closing twice is no error; a photo afterwards is one, without waiting out its time."""
    any_camera.close()
    any_camera.close()
    began_s = time.monotonic()
    with pytest.raises(CameraError):
        any_camera.capture(60)
    assert time.monotonic() - began_s < 30
    assert any_camera.preview() is None or any_camera.url.startswith("folder:")
