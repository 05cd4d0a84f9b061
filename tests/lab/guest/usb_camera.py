"""This file runs, in a lab machine, the camera contract over the kernel's virtual V4L2 camera."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from appliance.devices.camera import Camera, CameraError, open_camera
from tests.devices.cameras_for_tests import wait_for_preview
from tests.devices.test_camera_contract import *  # noqa: F403 - the contract itself

NODE = "/dev/video0"
URL = f"v4l2:{NODE}?size=1280x720"


DRIVER = Path("/sys/bus/platform/drivers/vivid")


@pytest.fixture(scope="session", autouse=True)
def _vivid() -> None:
    subprocess.run(["modprobe", "vivid", "n_devs=1", "node_types=0x1"], check=True)
    _wait_for_node()


@pytest.fixture
def any_camera() -> Iterator[Camera]:
    camera = open_camera(URL)
    camera.capture(90)  # an emulated machine takes its time to load OpenCV
    yield camera
    camera.close()


@pytest.fixture
def any_live_camera(any_camera: Camera) -> Camera:
    return any_camera


def test_the_photo_is_the_test_picture(any_camera: Camera) -> None:
    """Colour bars from a driver that has no MJPG: decoded right, not as a grey noise."""
    photo = any_camera.capture(60)
    assert photo.size_px == (1280, 720)
    picture = Image.open(io.BytesIO(photo.jpeg)).convert("RGB")
    row = [picture.getpixel((x, 400)) for x in range(40, 1280, 80)]
    assert len({tuple(c // 64 for c in colour) for colour in row}) >= 6  # type: ignore[union-attr]


def test_frames_move(any_camera: Camera) -> None:
    """The driver writes a running clock into its picture: two photos differ."""
    first = any_camera.capture(60).jpeg
    assert any_camera.capture(60).jpeg != first


def test_unplugged_is_said_and_back_it_works(any_camera: Camera) -> None:
    """The driver lets go of its device while frames flow: ENODEV. Once it is back, so are we."""
    wait_for_preview(any_camera, 60)
    (DRIVER / "unbind").write_text("vivid.0")
    with pytest.raises(CameraError):
        any_camera.capture(20)
    assert any_camera.check().state == "bad"
    assert any_camera.preview() is None
    (DRIVER / "bind").write_text("vivid.0")
    _wait_for_node()
    assert any_camera.capture(60).size_px == (1280, 720)
    assert any_camera.check().state == "ok"


def _wait_for_node() -> None:
    end_s = time.monotonic() + 60
    while not Path(NODE).exists():
        assert time.monotonic() < end_s
        time.sleep(0.1)
    subprocess.run(["udevadm", "settle"], check=False)


def test_not_allowed() -> None:
    os.chmod(NODE, 0o660)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        check = open_camera(URL).check()
        os._exit(0 if (check.state, "group video" in check.detail) == ("bad", True) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
