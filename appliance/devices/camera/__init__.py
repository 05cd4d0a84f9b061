"""This file is the port of the camera: what every adapter promises, and the table of adapters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from appliance.core.check import Check
from appliance.devices.url import build
from appliance.errors import DeviceError

PREVIEW_LONG_SIDE_PX = 1280

ADAPTERS = {
    "picamera2": "appliance.devices.camera.picamera2:Picamera2Camera",
    "v4l2": "appliance.devices.camera.v4l2:V4l2Camera",
    "folder": "appliance.devices.camera.folder:FolderCamera",
    "sane": "appliance.devices.camera.sane:SaneCamera",
    "virtual": "appliance.devices.camera.virtual:VirtualCamera",
    "none": "appliance.devices.camera.none:NoCamera",
}


class CameraError(DeviceError):
    """No photo. Codes: camera_none, camera_stalled, camera_busy, camera_bad_photo, disk_full."""

    default_code: ClassVar[str] = "camera_stalled"


@dataclass(frozen=True)
class Photo:
    """One photograph: a complete JPEG, its size in pixels, and what the camera said about it."""

    jpeg: bytes
    size_px: tuple[int, int]
    meta: dict[str, float | int | str] = field(default_factory=dict)


class Camera(Protocol):
    """One owner of one camera. Every call may come from any thread and returns in bounded time."""

    url: str
    virtual: bool

    def capture(self, timeout_s: float = 5.0) -> Photo:
        """A photo whose exposure began after the call; CameraError when none came in time."""

    def preview(self) -> bytes | None:
        """The newest small JPEG (long side at most 1280 px); None when there is no live one, and
        always from a scanner."""

    def check(self) -> Check: ...

    def close(self) -> None:
        """Let go of the device; a second call does nothing."""


def open_camera(url: str) -> Camera:
    """Build the adapter the URL names; ConfigError for an unknown scheme or option.

    The device itself is touched at first use, so that a camera that is unplugged now and back in
    five minutes needs no restart.
    """
    camera: Camera = build(url, ADAPTERS, "camera")
    return camera
