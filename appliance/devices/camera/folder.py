"""This file is the camera that is a folder: a scanner or a phone drops photos there, we take them.

`folder:/path`            the oldest complete JPEG is taken; it moves to /path/taken
`folder:/path?after=delete`  it is deleted instead (say this where the folder is on the card)
`folder:/path?after=keep`    it stays and is remembered until the program ends

A file that is still being written is left alone: it counts once its JPEG has an end and its size
and time stood still between two looks.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from appliance.core.check import Check
from appliance.devices.camera import CameraError, Photo
from appliance.devices.camera.jpeg import verified
from appliance.devices.camera.small import small_jpeg
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

LOOK_EVERY_S = 0.1
_MAX_BYTES = 64 * 2**20

_Key = tuple[str, int, int]


class FolderCamera:
    """Takes complete photos out of a watched folder, oldest first, each once."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("after")
        if not url.path:
            raise ConfigError(f"{url}: say which folder, for example folder:/srv/scans")
        self.url = str(url)
        self.virtual = False
        self._dir = Path(url.path)
        self._after = url.option("after", "move")
        if self._after not in ("move", "delete", "keep"):
            raise ConfigError(f"{url}: after must be move, delete or keep")
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._taken: set[_Key] = set()
        self._seen: set[_Key] = set()
        self._small: tuple[_Key, bytes] | None = None

    def capture(self, timeout_s: float = 5.0) -> Photo:
        end_s = time.monotonic() + timeout_s
        while not self._closed.is_set():
            with self._lock:
                photo = self._take_oldest()
            if photo is not None:
                return photo
            if time.monotonic() >= end_s:
                break
            self._closed.wait(LOOK_EVERY_S)
        raise CameraError("no new photo came into the folder; scan or send it again")

    def preview(self) -> bytes | None:
        with self._lock:
            try:
                waiting = self._waiting()
                for path, key in reversed(waiting):
                    if self._small is None or self._small[0] != key:
                        self._small = (key, small_jpeg(verified(path.read_bytes())[0]))
                    return self._small[1]
            except (CameraError, OSError):
                pass
        return None

    def check(self) -> Check:
        try:
            self._waiting()
        except CameraError as error:
            return Check("camera", "bad", error.code, str(error))
        return Check("camera", "ok", "folder")

    def close(self) -> None:
        self._closed.set()

    def _waiting(self) -> list[tuple[Path, _Key]]:
        """JPEG files not yet taken, oldest first."""
        found: list[tuple[int, Path, _Key]] = []
        try:
            for path in self._dir.iterdir():
                if path.suffix.lower() not in (".jpg", ".jpeg") or path.name.startswith("."):
                    continue
                stat = path.stat()
                key = (path.name, stat.st_mtime_ns, stat.st_size)
                if key not in self._taken and 0 < stat.st_size <= _MAX_BYTES:
                    found.append((stat.st_mtime_ns, path, key))
        except FileNotFoundError as error:
            if not self._dir.is_dir():
                raise CameraError(
                    f"the folder {self._dir} is not there; make it or set camera.url",
                    code="camera_none",
                ) from error
        except OSError as error:
            raise CameraError(f"the folder cannot be read: {error}", code="camera_none") from error
        return [(path, key) for _, path, key in sorted(found, key=lambda entry: entry[:2])]

    def _take_oldest(self) -> Photo | None:
        waiting = self._waiting()
        still = {key for _, key in waiting} & self._seen
        self._seen = {key for _, key in waiting}
        for path, key in waiting:
            if key not in still:
                continue
            try:
                jpeg, size_px = verified(path.read_bytes())
            except (CameraError, OSError):
                continue  # not complete (yet), or gone again: the next one may be good
            self._taken.add(key)
            self._put_away(path)
            return Photo(jpeg, size_px, {"camera": "folder"})
        return None

    def _put_away(self, path: Path) -> None:
        try:
            if self._after == "delete":
                path.unlink()
            elif self._after == "move":
                (self._dir / "taken").mkdir(exist_ok=True)
                path.replace(self._dir / "taken" / path.name)
        except OSError:
            pass  # a folder we may only read: it is remembered, which is enough for this run
