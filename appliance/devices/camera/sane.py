"""This file is the camera that is a flatbed scanner, through SANE's own `scanimage`.

`sane:`                          the first scanner SANE finds
`sane:epson2:libusb:001:004`     this one (`scanimage -L` lists them)
`?resolution=300&mode=Color&source=Flatbed`   as the scanner names them; 300 dots an inch, colour

A scan takes ten seconds and more, so it has its own limit (`limit_s`, 60) whatever the caller's is.
A scanner has no live picture: the sheet lies under its lid.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from typing import BinaryIO

from appliance.core.check import Check
from appliance.devices.camera import CameraError, Photo
from appliance.devices.camera.jpeg import verified
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

LIMIT_S = 60.0
END_S = 3.0
LOOK_LIMIT_S = 15.0
LOOK_EVERY_S = 60.0
# scanimage ends with SANE's own status as its exit code.
_BUSY, _INVALID, _DENIED = 3, 4, 11
_TEXTS = {
    _BUSY: "another program holds the scanner; close it and try again",
    _INVALID: "the scanner is not there; is it on, is the cable in?",
    _DENIED: "the scanner may not be used; put the service user in group scanner",
}


class SaneCamera:
    """One scan at a time. `check` asks the scanner at most once a minute, never during a scan."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("resolution", "mode", "source", "limit_s")
        if shutil.which("scanimage") is None:
            raise ConfigError(f"{url}: scanimage not found; on Debian: apt install sane-utils")
        self.url = str(url)
        self.virtual = False
        self._limit_s = url.number("limit_s", LIMIT_S, 1, 170)
        device = _word(url, "device", url.path) if url.path else ""
        self._device = ["-d", device] if device else []
        self._argv = ["scanimage", *self._device, "--format=jpeg"]
        self._argv.append(f"--resolution={url.number('resolution', 300, 50, 1200):.0f}")
        self._argv.append(f"--mode={_word(url, 'mode', url.option('mode', 'Color'))}")
        if url.option("source"):
            self._argv.append(f"--source={_word(url, 'source', url.option('source'))}")
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._last = Check("camera", "unknown")
        self._looked_s = float("-inf")

    def capture(self, timeout_s: float = 5.0) -> Photo:
        end_s = time.monotonic() + max(timeout_s, self._limit_s)
        if not self._lock.acquire(timeout=max(timeout_s, self._limit_s)):
            raise CameraError("the scanner is still at the page before", code="camera_busy")
        try:
            jpeg = self._scan(self._argv, end_s)
            data, size_px = verified(jpeg)
            self._told(Check("camera", "ok"))
            return Photo(data, size_px, {"camera": "sane"})
        except CameraError as error:
            self._told(Check("camera", "bad", error.code, str(error)))
            raise
        finally:
            self._lock.release()

    def preview(self) -> bytes | None:
        return None

    def check(self) -> Check:
        if time.monotonic() - self._looked_s < LOOK_EVERY_S or not self._lock.acquire(False):
            return self._last
        try:
            # Opens the scanner and sets its options, without moving the lamp.
            self._scan(["scanimage", *self._device, "-n"], time.monotonic() + LOOK_LIMIT_S)
            self._told(Check("camera", "ok"))
        except CameraError as error:
            self._told(Check("camera", "bad", error.code, str(error)))
        finally:
            self._lock.release()
        return self._last

    def close(self) -> None:
        self._closed.set()
        child = self._child
        if child is not None:
            with contextlib.suppress(OSError):
                child.terminate()

    def _told(self, check: Check) -> None:
        self._last, self._looked_s = check, time.monotonic()

    def _scan(self, argv: list[str], end_s: float) -> bytes:
        """What scanimage wrote; CameraError when it could not. It is always ended in time."""
        if self._closed.is_set():
            raise CameraError("the scanner is closed; open it again", code="camera_none")
        # In memory, not a pipe: a backend's reader process may outlive scanimage and hold its end.
        with _memory("photo") as out, _memory("words") as words:
            try:
                child = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=words,
                    env=os.environ | {"LC_ALL": "C"},
                    start_new_session=True,
                )
            except OSError as error:
                raise CameraError(
                    f"scanimage cannot be run: {error}", code="camera_none"
                ) from error
            self._child = child
            try:
                if self._closed.is_set():
                    child.terminate()
                status = child.wait(max(0.1, end_s - time.monotonic()))
            except subprocess.TimeoutExpired as error:
                raise CameraError("the scanner does not answer; switch it off and on") from error
            finally:
                self._child = None
                _end(child)
            if self._closed.is_set():
                raise CameraError("the scanner is closed; open it again", code="camera_none")
            if status:
                words.seek(0)
                raise _refused(status, words.read().decode("utf-8", "replace"))
            out.seek(0)
            return out.read()


def _memory(name: str) -> BinaryIO:
    """A file that is nowhere but in memory."""
    return os.fdopen(os.memfd_create(name), "w+b")


def _refused(status: int, complaint: str) -> CameraError:
    code = {_BUSY: "camera_busy", _INVALID: "camera_none", _DENIED: "camera_none"}.get(status)
    lines = [line for line in complaint.splitlines() if "received signal" not in line]
    said = lines[0].removeprefix("scanimage: ") if lines else f"scanimage ended with {status}"
    if code is None and re.search(r"no SANE devices|open of device", complaint):
        code = "camera_none"
    return CameraError(_TEXTS.get(status, said), code=code or "camera_stalled")


def _end(child: subprocess.Popen[bytes]) -> None:
    """SIGTERM lets scanimage drive its lamp home; what does not go by that is killed, and so is
    what it left behind."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(END_S)
    with contextlib.suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _word(url: DeviceUrl, name: str, value: str) -> str:
    """A word for the command line: what could be taken for an option is refused."""
    if not re.fullmatch(r"[\w][\w :./()-]{0,200}", value):
        raise ConfigError(f"{url}: {name} cannot be {value!r}")
    return value
