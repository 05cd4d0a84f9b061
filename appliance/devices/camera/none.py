"""This file is the camera of a house that has none."""

from __future__ import annotations

from appliance.core.check import Check
from appliance.devices.camera import CameraError, Photo
from appliance.devices.url import DeviceUrl


class NoCamera:
    """`none:` – every capture says plainly that there is no camera."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only()
        self.url = str(url)
        self.virtual = False

    def capture(self, timeout_s: float = 5.0) -> Photo:
        raise CameraError(
            "this house has no camera (camera URL none:); set camera.url to use one",
            code="camera_none",
        )

    def preview(self) -> bytes | None:
        return None

    def check(self) -> Check:
        return Check("camera", "unknown", "none")

    def close(self) -> None:
        pass
