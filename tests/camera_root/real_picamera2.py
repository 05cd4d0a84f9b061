"""This file runs the camera contract and its faults over the real picamera2 (see `run`)."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import bridge
import numpy as np
import pytest
from PIL import Image

from appliance.devices.camera import CameraError, open_camera
from appliance.devices.camera.picamera2 import Picamera2Camera
from tests.devices.cameras_for_tests import wait_for_preview
from tests.devices.test_camera_contract import *  # noqa: F403 - the contract itself

URL = "picamera2:?size=4608x2592&preview=640x480"
SCENES = sorted(Path("/scene").glob("*.jpg"))

bridge.install()


@pytest.fixture
def any_camera() -> Iterator[Picamera2Camera]:
    camera = open_camera(URL)
    assert isinstance(camera, Picamera2Camera)
    yield camera
    bridge.Sensor.stalled = False
    camera.close()


@pytest.fixture
def any_live_camera(any_camera: Picamera2Camera) -> Picamera2Camera:
    """The contract's name for a camera one can look through; this one is."""
    return any_camera


def test_the_photo_is_the_scene(any_camera: Picamera2Camera) -> None:
    """Full size, and within a grey level of what lies under the camera."""
    photo = any_camera.capture()
    assert photo.size_px == (4608, 2592)
    seen = np.asarray(Image.open(io.BytesIO(photo.jpeg)).convert("L"), int)
    laid = [np.asarray(Image.open(path).convert("L"), int) for path in SCENES]
    assert min(np.abs(seen - one).mean() for one in laid) < 2


def test_the_photo_is_fresh(any_camera: Picamera2Camera) -> None:
    """Its exposure began after the call, also after a pause in which older frames waited."""
    any_camera.capture()
    time.sleep(0.5)
    began_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert float(any_camera.capture().meta["SensorTimestamp"]) >= began_ns


def test_a_stall_is_said_in_time_and_the_next_photo_works(any_camera: Picamera2Camera) -> None:
    any_camera.capture()
    bridge.Sensor.stalled = True
    with pytest.raises(CameraError) as caught:
        any_camera.capture(1.0)
    assert caught.value.code == "camera_stalled"
    assert any_camera.check().state == "bad"
    bridge.Sensor.stalled = False
    assert any_camera.capture().jpeg
    assert any_camera.check().state == "ok"


def test_check_alone_sees_a_stall_and_its_end(any_camera: Picamera2Camera) -> None:
    """Nobody photographs: the look every few seconds notices, opens anew and turns green."""
    assert any_camera.check().state == "ok"
    bridge.Sensor.stalled = True
    assert any_camera.check().code == "camera_stalled"
    bridge.Sensor.stalled = False
    assert any_camera.check().state == "ok"
    assert any_camera.capture().jpeg


def test_a_lasting_stall_is_not_opened_anew_at_every_look(any_camera: Picamera2Camera) -> None:
    """Reopening on a loose cable may block for ever: it is tried now and then, not each time."""
    any_camera.check()
    bridge.Sensor.stalled = True
    for _ in range(3):
        assert any_camera.check().code == "camera_stalled"
    opened = any_camera._camera
    assert any_camera.check().code == "camera_stalled"
    assert any_camera._camera is opened


def test_the_preview_is_not_frozen_after_a_stall(any_camera: Picamera2Camera) -> None:
    """During the stall there is no live picture; after recovery it moves again."""
    wait_for_preview(any_camera)
    bridge.Sensor.stalled = True
    with pytest.raises(CameraError):
        any_camera.capture(1.0)
    end_s = time.monotonic() + 20
    while any_camera.preview() is not None:
        assert time.monotonic() < end_s
        time.sleep(0.1)
    bridge.Sensor.stalled = False
    any_camera.capture()
    assert wait_for_preview(any_camera)


def test_an_unwanted_preview_stops(
    any_camera: Picamera2Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.devices.camera import picamera2 as adapter

    wait_for_preview(any_camera)
    monkeypatch.setattr(adapter, "PREVIEW_IDLE_S", 0.0)
    any_camera.check()
    count = any_camera._latest.count
    time.sleep(0.5)
    assert any_camera._latest.count <= count + 1
    monkeypatch.undo()
    assert wait_for_preview(any_camera)


def test_twelve_threads(any_camera: Picamera2Camera) -> None:
    photos: list[int] = []
    threads = [
        threading.Thread(target=lambda: photos.append(len(any_camera.capture(60).jpeg)))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(photos) == 12


def test_twenty_reopenings_leak_nothing(any_camera: Picamera2Camera) -> None:
    def again() -> None:
        any_camera._recover()
        any_camera.capture()

    for _ in range(3):
        again()
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(20):
        again()
    assert len(os.listdir("/proc/self/fd")) <= files + 1
    assert threading.active_count() <= threads + 1


def test_a_second_owner_is_told_that_the_camera_is_busy(any_camera: Picamera2Camera) -> None:
    any_camera.capture()
    second = open_camera(URL)
    with pytest.raises(CameraError) as caught:
        second.capture()
    assert caught.value.code == "camera_busy"
    second.close()
    assert any_camera.capture().jpeg


def test_a_size_the_camera_does_not_have_is_said(any_camera: Picamera2Camera) -> None:
    any_camera.close()
    wrong = open_camera("picamera2:?size=4000x3000&preview=640x480")
    with pytest.raises(CameraError, match="write that size"):
        wrong.capture()
    wrong.close()


def test_upstreams_own_save_still_hides_a_full_disk(
    any_camera: Picamera2Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the adapter saves to memory and checks: when this fails, upstream has mended it."""
    for name in ("AnalogueGain", "DigitalGain"):
        monkeypatch.delitem(bridge.METADATA, name)
    any_camera.capture()
    request = any_camera._camera.capture_request(wait=5)
    try:
        request.save("main", "/dev/full", format="jpeg")
    finally:
        request.release()


def test_the_trap_named_kms_is_not_installed() -> None:
    """picamera2 would import it; the package of that name on the index is something else."""
    import importlib.util

    assert importlib.util.find_spec("kms") is None
