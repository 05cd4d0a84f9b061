"""This file is the Raspberry Pi camera: the one owner of one Picamera2 with one configuration.

`picamera2:?size=4608x2592&focus_m=0.35&rotate=180`. Measured on picamera2 0.3.38; each rule below
answers a fault that was seen:

* Full resolution YUV420 `main` plus `lores` for the preview, for ever: no mode switches, no second
  allocation, no new focus scan, and the JPEG is made from YUV directly.
* `capture_request(wait=…)` with `release()` in `finally`: an exception inside a capture job would
  leak its buffer, and after four of them the camera stands still.
* The JPEG goes to memory and is checked for its end: Picamera2's own save() swallows "disk full".
* A wait that ends in a time-out leaves its job queued; so the queue is flushed, the camera closed,
  the cyclic objects collected, and the camera opened anew.
* stop() and close() have no time limit (a loose cable blocks them in the kernel); they run under
  the room's watchdog, which ends the process when they never return.
"""

from __future__ import annotations

import contextlib
import gc
import io
import threading
import time
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from appliance.core.check import Check
from appliance.devices.camera import CameraError, Photo
from appliance.devices.camera.jpeg import verified
from appliance.devices.camera.latest_frame import LatestFrame
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

PREVIEW_IDLE_S = 10.0
STALE_S = 2.0
SETTLE_S = 1.5
RECOVER_EVERY_S = 30.0
_AE_CONVERGED = 2


class Picamera2Camera:
    """Opens at first use; every public call takes the one lock and waits a bounded time for it."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("size", "preview", "quality", "focus_m", "rotate")
        self.url = str(url)
        self.virtual = False
        self._size_px = url.size("size", (4608, 2592))
        self._preview_px = url.size("preview", (1280, 720))
        self._quality = int(url.number("quality", 92, 50, 100))
        self._focus_m = url.number("focus_m", 0.0, 0.0, 10.0)
        self._rotate = url.option("rotate", "0")
        if self._rotate not in ("0", "180"):
            raise ConfigError(f"{url}: rotate must be 0 or 180; turn the camera for anything else")
        self._lock = threading.RLock()
        self._camera: Any = None
        self._encoding = False
        self._closed = False
        self._settled = False
        self._suspect = False
        self._recovered_s = float("-inf")
        self._fault: CameraError | None = None
        self._latest = LatestFrame()

    def capture(self, timeout_s: float = 5.0) -> Photo:
        with self._held(timeout_s):
            if self._suspect:
                self._recover()
            self._ensure_open()
            self._settle()
            try:
                request = self._camera.capture_request(wait=timeout_s, flush=True)
            except (FutureTimeout, TimeoutError, CancelledError) as error:
                self._recover()
                self._fault = CameraError(
                    "no frame came from the camera; it was started again, try once more"
                )
                raise self._fault from error
            buffer = io.BytesIO()
            try:
                request.save("main", buffer, format="jpeg")
                metadata = dict(request.get_metadata())
            finally:
                request.release()
            jpeg, size_px = verified(buffer.getvalue())
            self._fault = None
            self._suspect = False
        return Photo(jpeg, size_px, _flat(metadata))

    def preview(self) -> bytes | None:
        """Starts the preview at the first call; it stops by itself when nobody asks any more."""
        self._latest.wanted()
        if not self._encoding and self._lock.acquire(timeout=0.05):
            try:
                self._ensure_open()
                self._start_preview()
            except CameraError:
                return None
            finally:
                self._lock.release()
        return self._latest.newest(STALE_S)

    def check(self) -> Check:
        """Also the place where an unwanted preview stops; called every few seconds."""
        if not self._lock.acquire(timeout=0.05):
            return Check("camera", "ok", "busy") if self._fault is None else self._bad()
        try:
            if self._closed:
                return Check("camera", "unknown")
            if self._encoding and self._latest.unwanted_for_s() > PREVIEW_IDLE_S:
                self._stop_preview()
            if self._suspect and time.monotonic() - self._recovered_s > RECOVER_EVERY_S:
                self._recover()
            self._ensure_open()
            self._look_for_frames()
        except CameraError as error:
            self._fault = error
        finally:
            self._lock.release()
        return Check("camera", "ok") if self._fault is None else self._bad()

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._let_go()

    def _bad(self) -> Check:
        fault = self._fault or CameraError("the camera does not answer")
        return Check("camera", "bad", fault.code, str(fault))

    @contextlib.contextmanager
    def _held(self, timeout_s: float) -> Any:
        if not self._lock.acquire(timeout=timeout_s):
            raise CameraError("the camera is taking another photo; wait", code="camera_busy")
        try:
            yield
        finally:
            self._lock.release()

    def _ensure_open(self) -> None:
        if self._closed:
            raise CameraError("the camera is closed; open it again", code="camera_none")
        if self._camera is None:
            self._camera = self._open()
            self._settled = False

    def _open(self) -> Any:
        try:
            from libcamera import Transform, controls
            from picamera2 import Picamera2
        except ImportError as error:
            raise CameraError(
                "picamera2 is not installed; on the Pi: apt install python3-picamera2",
                code="camera_none",
            ) from error
        try:
            camera = Picamera2()
        except (RuntimeError, IndexError) as error:
            busy = "busy" in f"{error} {error.__cause__}".lower() or "acquire" in str(error).lower()
            raise CameraError(
                f"the camera does not open ({error}); check its cable, then start the box again",
                code="camera_busy" if busy else "camera_none",
            ) from error
        try:
            camera.options["quality"] = self._quality
            flip = self._rotate == "180"
            configuration = camera.create_still_configuration(
                main={"size": self._size_px, "format": "YUV420"},
                lores={"size": self._preview_px, "format": "YUV420"},
                raw=None,
                buffer_count=3,
                queue=False,
                display=None,
                encode="lores",
                transform=Transform(hflip=flip, vflip=flip),
                controls=self._focus(camera, controls),
            )
            camera.configure(configuration)
            got = camera.camera_configuration()["main"]["size"]
            if tuple(got) != self._size_px:
                raise CameraError(
                    f"the camera gives {got[0]}x{got[1]}; write that size into camera.url",
                    code="camera_none",
                )
            camera.start()
        except BaseException as error:
            camera.close()
            if isinstance(error, RuntimeError | OSError) and not isinstance(error, CameraError):
                raise CameraError(f"the camera does not start ({error})") from error
            raise
        return camera

    def _focus(self, camera: Any, controls: Any) -> dict[str, Any]:
        """Focus settings, only those this camera has: an unknown control is an error there.

        A copy stand of known height focuses most repeatably with a fixed lens (1 / metres).
        """
        if "AfMode" not in camera.camera_controls:
            return {}
        if self._focus_m > 0:
            return {"AfMode": controls.AfModeEnum.Manual, "LensPosition": 1.0 / self._focus_m}
        return {
            "AfMode": controls.AfModeEnum.Continuous,
            "AfRange": controls.AfRangeEnum.Full,
        }

    def _settle(self) -> None:
        """After opening, give exposure a moment; never wait for it without an end."""
        if self._settled:
            return
        end_s = time.monotonic() + SETTLE_S
        while time.monotonic() < end_s:
            try:
                metadata = self._camera.capture_metadata(wait=SETTLE_S)
            except (FutureTimeout, TimeoutError, CancelledError):
                break  # the capture that follows notices the same and recovers
            # Newer libcamera says AeState, older AeLocked; one that says neither has no such wait.
            state, locked = metadata.get("AeState"), metadata.get("AeLocked")
            if locked or (state is None and locked is None):
                break
            if state is not None and int(state) == _AE_CONVERGED:
                break
        self._settled = True

    def _look_for_frames(self) -> None:
        """Do frames arrive? libcamera cancels requests in silence when its sensor falls silent, and
        picamera2 never gets those buffers back: only opening it anew brings the camera back."""
        try:
            self._camera.capture_metadata(wait=1.0)
            self._fault = None
            self._suspect = False
        except (FutureTimeout, TimeoutError, CancelledError) as error:
            self._camera.cancel_all_and_flush()
            self._suspect = True
            raise CameraError(
                "no frame comes from the camera; check its cable, then start the box again"
            ) from error

    def _start_preview(self) -> None:
        if self._encoding:
            return
        from picamera2.encoders import JpegEncoder
        from picamera2.outputs import FileOutput

        encoder = JpegEncoder(num_threads=1, q=70)
        self._camera.start_encoder(encoder, FileOutput(self._latest), name="lores")
        self._encoding = True

    def _stop_preview(self) -> None:
        self._encoding = False
        with contextlib.suppress(RuntimeError):
            self._camera.stop_encoder()

    def _recover(self) -> None:
        self._recovered_s = time.monotonic()
        self._suspect = False
        self._let_go()
        try:
            self._ensure_open()
            if self._latest.unwanted_for_s() < PREVIEW_IDLE_S:
                self._start_preview()
        except CameraError as error:
            self._fault = error

    def _let_go(self) -> None:
        camera, self._camera = self._camera, None
        encoding, self._encoding = self._encoding, False
        self._latest.forget()
        if camera is None:
            return
        camera.cancel_all_and_flush()
        try:
            if encoding:
                camera.stop_encoder()
        finally:
            camera.close()
            del camera
            gc.collect()  # closed Picamera2 objects are cyclic: their buffers stay until collected


def _flat(metadata: dict[str, Any]) -> dict[str, float | int | str]:
    """The plain numbers among the metadata (exposure, focus, light), for the page's record."""
    return {
        name: value
        for name, value in metadata.items()
        if isinstance(value, int | float | str) and not isinstance(value, bool)
    }
