"""This file is the virtual camera: it sees a scene file, or a paper it draws itself.

`virtual:`                      a sample paper on a table
`virtual:?scene=PATH`           the JPEG at PATH, read anew for each photo; no file = a bare table
`&size=4608x2592`               pixels of what it draws itself
`&faults=PATH`                  a small file of faults that may change at any time (fault_file.py)

Faults, in the URL or in that file:
`stall=1` no frame comes · `black=1` a black frame · `blur=1` out of focus · `truncated=1` the
JPEG is cut off · `busy=1` another program holds it · `unplugged=1` it is gone · `disk_full=1`.
"""

from __future__ import annotations

import io
import threading
from pathlib import Path

from appliance.core.check import Check
from appliance.devices.camera import CameraError, Photo
from appliance.devices.camera.jpeg import verified
from appliance.devices.camera.sample_paper import table_jpeg
from appliance.devices.camera.small import small_jpeg
from appliance.devices.fault_file import Faults
from appliance.devices.url import DeviceUrl

FAULTS = ("stall", "black", "blur", "truncated", "busy", "unplugged", "disk_full")
_REFUSALS = {
    "unplugged": ("camera_none", "the camera is not there any more; check its cable"),
    "busy": ("camera_busy", "another program holds the camera; close it and try again"),
    "disk_full": ("disk_full", "there is no room left for the photo; free some space"),
}


class VirtualCamera:
    """Gives a fresh JPEG of its scene on each call, or the fault it was told to have."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("scene", "size", "faults", *FAULTS)
        self.url = str(url)
        self.virtual = True
        self._scene = Path(url.option("scene")) if url.option("scene") else None
        self._size_px = url.size("size", (4608, 2592))
        self._closed = threading.Event()
        self._count = 0
        self._small: tuple[object, bytes] | None = None
        self.faults = Faults(url, FAULTS)

    def capture(self, timeout_s: float = 5.0) -> Photo:
        if self._closed.is_set():
            raise CameraError("the camera is closed; open it again", code="camera_none")
        for fault, (code, text) in _REFUSALS.items():
            if self.faults.on(fault):
                raise CameraError(text, code=code)
        if self.faults.on("stall"):
            self._closed.wait(timeout_s)
            raise CameraError("no frame came from the camera; try again", code="camera_stalled")
        jpeg, size_px = verified(self._frame())
        self._count += 1
        return Photo(jpeg, size_px, {"camera": "virtual", "frame": self._count})

    def preview(self) -> bytes | None:
        if self._closed.is_set() or any(
            self.faults.on(fault) for fault in ("stall", "busy", "unplugged")
        ):
            return None
        stamp = self._stamp()
        if self._small is None or self._small[0] != stamp:
            try:
                self._small = (stamp, small_jpeg(self._frame()))
            except CameraError:
                return None
        return self._small[1]

    def check(self) -> Check:
        for fault, (code, text) in _REFUSALS.items():
            if self.faults.on(fault):
                return Check("camera", "bad", code, text)
        if self.faults.on("stall"):
            return Check("camera", "bad", "camera_stalled")
        return Check("camera", "ok", "virtual")

    def close(self) -> None:
        self._closed.set()

    def _stamp(self) -> object:
        """Changes whenever the picture would."""
        looks = tuple(self.faults.text(fault) for fault in ("black", "blur", "truncated"))
        try:
            stat = self._scene.stat() if self._scene else None
        except OSError:
            stat = None
        return looks, (stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else None

    def _frame(self) -> bytes:
        if self.faults.on("black"):
            return _black(self._size_px)
        data = self._see()
        if self.faults.on("blur"):
            data = _blurred(data)
        return data[: len(data) * 2 // 3] if self.faults.on("truncated") else data

    def _see(self) -> bytes:
        if self._scene is None:
            return table_jpeg(self._size_px, paper=True)
        try:
            return self._scene.read_bytes()
        except FileNotFoundError:
            return table_jpeg(self._size_px, paper=False)
        except OSError as error:
            raise CameraError(f"the scene cannot be read: {error}", code="camera_none") from error


def _black(size_px: tuple[int, int]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size_px).save(out, "JPEG")
    return out.getvalue()


def _blurred(jpeg: bytes) -> bytes:
    from PIL import Image, ImageFilter

    verified(jpeg)
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as image:
        radius = max(image.size) / 300
        image.convert("RGB").filter(ImageFilter.GaussianBlur(radius)).save(out, "JPEG", quality=90)
    return out.getvalue()
