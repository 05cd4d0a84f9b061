"""This file is what cameras see in tests: a paper, a film of it, a folder somebody fills."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from appliance.devices.camera import Camera
from appliance.devices.camera.v4l2 import V4l2Camera
from appliance.devices.url import parse_url


def paper_jpeg(text: str = "Mẫu", size_px: tuple[int, int] = (1600, 1200)) -> bytes:
    """A white sheet with a word on it, on a dark table."""
    image = Image.new("RGB", size_px, (60, 50, 40))
    pen = ImageDraw.Draw(image)
    pen.rectangle((300, 100, size_px[0] - 300, size_px[1] - 100), fill=(240, 240, 235))
    pen.text((400, 200), text.encode("ascii", "replace").decode(), fill=(10, 10, 20))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def drop(folder: Path, name: str, data: bytes, *, at_ns: int | None = None) -> Path:
    """Put a file into the folder, with a time of its own when order matters."""
    path = folder / name
    path.write_bytes(data)
    if at_ns is not None:
        os.utime(path, ns=(at_ns, at_ns))
    return path


def wait_for_preview(camera: Camera, timeout_s: float = 20.0) -> bytes:
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        frame = camera.preview()
        if frame is not None:
            return frame
        time.sleep(0.02)
    raise AssertionError("no preview came")


class LoopedFilm:
    """What cv2.VideoCapture is to the adapter: a real one over an MJPG film, played round."""

    def __init__(self, film: Path) -> None:
        import cv2

        self._film = str(film)
        self._cv2: Any = cv2
        self._capture: Any = cv2.VideoCapture(self._film)
        self.stop_after: int | None = None
        self._frames = itertools.count(1)
        self.released = False

    def read(self) -> tuple[bool, Any]:
        if self.stop_after is not None and next(self._frames) > self.stop_after:
            return False, None
        time.sleep(0.01)
        good, frame = self._capture.read()
        if not good:
            self._capture = self._cv2.VideoCapture(self._film)
            good, frame = self._capture.read()
        return good, frame

    def release(self) -> None:
        self.released = True
        self._capture.release()


def film(folder: Path) -> Path:
    """Ten frames of paper as an MJPG film, written by OpenCV."""
    import cv2

    path = folder / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (1600, 1200))
    for number in range(10):
        jpeg = paper_jpeg(str(number))
        writer.write(cv2.imdecode(_array(jpeg), cv2.IMREAD_COLOR))
    writer.release()
    return path


def film_camera(folder: Path) -> V4l2Camera:
    path = film(folder)
    return V4l2Camera(parse_url("v4l2:/dev/video0"), lambda: LoopedFilm(path))


def sane_test_url(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> str:
    """SANE's own test backend as a scanner of A4's width, its faults set by `more` as its
    configuration file names them. Skips where scanimage is not installed."""
    if shutil.which("scanimage") is None:
        pytest.skip("scanimage is not installed (apt install sane-utils)")
    settings = {"br_x": "200.0", "br_y": "200.0", "test-picture": '"Grid"', "ppl-loss": "0"} | more
    (folder / "dll.conf").write_text("test\n")
    (folder / "test.conf").write_text("".join(f"{k} {v}\n" for k, v in settings.items()))
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))
    return "sane:test:0?resolution=100"


def _array(data: bytes) -> Any:
    import numpy

    return numpy.frombuffer(data, numpy.uint8)
