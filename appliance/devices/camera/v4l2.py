"""This file is the camera on a V4L2 node: USB document cameras and webcams, through OpenCV.

`v4l2:/dev/video0?size=1920x1080`. The camera sends MJPG and we keep its JPEG as it is where the
driver hands it over; else the decoded frame is encoded once. A thread of our own reads frames, so
a driver that hangs never hangs the caller; it lets go of the device after `IDLE_S` without use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from appliance.core.check import Check
from appliance.devices.camera import CameraError, Photo
from appliance.devices.camera.jpeg import verified
from appliance.devices.camera.small import small_jpeg
from appliance.devices.url import DeviceUrl

IDLE_S = 30.0
STALE_S = 2.0
FAULT_S = 15.0


class V4l2Camera:
    """One reader thread per opened device; `open_capture` is given by tests only."""

    def __init__(self, url: DeviceUrl, open_capture: Callable[[], Any] | None = None) -> None:
        url.only("size")
        self.url = str(url)
        self.virtual = False
        self._node = url.path or "/dev/video0"
        self._size_px = url.size("size", (1920, 1080))
        self._open_capture = open_capture or self._open_node
        self._news = threading.Condition()
        self._reader: threading.Thread | None = None
        self._frame: tuple[int, float, Any] | None = None
        self._count = 0
        self._wanted_s = 0.0
        self._fault: CameraError | None = None
        self._failed_s = 0.0
        self._stop = False

    def capture(self, timeout_s: float = 5.0) -> Photo:
        began_s = time.monotonic()
        with self._news:
            self._want()
            # A driver queues a few frames: the second new one was exposed after the call.
            first = self._count + 2
            fresh = self._news.wait_for(
                lambda: self._count >= first or self._fault is not None or self._stop, timeout_s
            )
            if self._fault is not None:
                raise CameraError(str(self._fault), code=self._fault.code) from self._fault
            if not fresh or self._stop or self._frame is None:
                raise CameraError("no frame came from the camera; check its cable and try again")
            number, at_s, frame = self._frame
        jpeg, size_px = verified(_as_jpeg(frame, quality=92))
        waited_ms = int((at_s - began_s) * 1000)
        return Photo(jpeg, size_px, {"camera": "v4l2", "frame": number, "waited_ms": waited_ms})

    def preview(self) -> bytes | None:
        with self._news:
            if self._stop:
                return None
            self._want()
            frame = self._frame
        if frame is None or time.monotonic() - frame[1] > STALE_S:
            return None  # a frozen picture must not pass for a live one
        try:
            return small_jpeg(_as_jpeg(frame[2], quality=85))
        except CameraError:
            return None

    def check(self) -> Check:
        with self._news:
            if self._fault is not None and time.monotonic() - self._failed_s < FAULT_S:
                return Check("camera", "bad", self._fault.code, str(self._fault))
            if self._reader is not None and self._frame is not None:
                age_s = time.monotonic() - self._frame[1]
                if age_s > STALE_S:
                    return Check("camera", "bad", "camera_stalled")
                return Check("camera", "ok")
        return self._node_check()

    def close(self) -> None:
        with self._news:
            self._stop = True
            reader = self._reader
            self._news.notify_all()
        if reader is not None:
            reader.join(1.0)  # a driver that hangs in read() must not hold up the whole house

    def _want(self) -> None:
        self._wanted_s = time.monotonic()
        if self._stop:
            raise CameraError("the camera is closed; open it again", code="camera_none")
        if self._reader is None:
            self._fault = None
            self._reader = threading.Thread(target=self._read, name="v4l2", daemon=True)
            self._reader.start()

    def _read(self) -> None:
        capture: Any = None
        try:
            capture = self._open_capture()
            while not self._stop and time.monotonic() - self._wanted_s < IDLE_S:
                good, frame = capture.read()
                if not good:
                    raise CameraError("the camera stopped sending; check its cable and try again")
                with self._news:
                    self._count += 1
                    self._frame = (self._count, time.monotonic(), frame)
                    self._news.notify_all()
        except CameraError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - OpenCV raises its own kind; the room lives on
            self._fail(CameraError(f"the camera cannot be read: {error}"))
        finally:
            if capture is not None:
                capture.release()
            self._end()

    def _fail(self, error: CameraError) -> None:
        with self._news:
            self._fault, self._failed_s = error, time.monotonic()
            self._end()
            self._news.notify_all()

    def _end(self) -> None:
        """This reader is no longer the one; the next use of the camera begins another."""
        with self._news:
            if self._reader is threading.current_thread():
                self._frame = None
                self._reader = None

    def _open_node(self) -> Any:
        import cv2

        check = self._node_check()
        if check.state == "bad":
            raise CameraError(check.detail, code=check.code)
        capture = cv2.VideoCapture(self._node, cv2.CAP_V4L2)
        if not capture.isOpened():
            raise CameraError(
                f"{self._node} does not open; another program may hold it", code="camera_busy"
            )
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size_px[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size_px[1])
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        return capture

    def _node_check(self) -> Check:
        """What the node itself says without opening it: not there, not ours, or unknown."""
        import os

        if not os.path.exists(self._node):  # noqa: PTH110 - a device node, no file of ours
            return Check("camera", "bad", "camera_none", f"{self._node} is not there; plug it in")
        if not os.access(self._node, os.R_OK | os.W_OK):
            detail = f"{self._node} may not be opened; put the service user in group video"
            return Check("camera", "bad", "camera_none", detail)
        return Check("camera", "unknown")


def _as_jpeg(frame: Any, *, quality: int) -> bytes:
    """The JPEG in a raw MJPG frame (1 × N bytes), or the decoded frame encoded."""
    import cv2

    if frame.ndim == 1 or 1 in frame.shape[:2]:
        return bytes(frame.tobytes())
    good, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not good:
        raise CameraError("the frame cannot be encoded; try again", code="camera_bad_photo")
    return bytes(encoded.tobytes())
