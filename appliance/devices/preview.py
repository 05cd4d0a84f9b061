"""This file keeps the live picture of the camera in RAM, only while somebody looks at it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from appliance.devices.camera import Camera
from appliance.store.ram import Ram

WANTED_FOR_S = 5.0
# A new picture this often, the time its making took included; and a rest for others after each.
FRAME_S = 0.12
REST_S = 0.02
LOOK_S = 0.2


class Preview:
    """`warm` is called when somebody begins to look: a photo will be asked for soon."""

    def __init__(self, ram: Ram, camera: Camera, warm: Callable[[], None]) -> None:
        self._ram = ram
        self._camera = camera
        self._warm = warm
        self._last: bytes | None = None
        self._showing = False

    def turn(self) -> float:
        ago_s = self._ram.preview_wanted_ago_s(time.time())
        # A clock set back makes it negative: still somebody who looks.
        if ago_s is None or ago_s >= WANTED_FOR_S:
            if self._showing:
                self._showing, self._last = False, None
                with contextlib.suppress(OSError):
                    self._ram.drop_preview()
            return LOOK_S
        began_s = time.monotonic()
        if not self._showing:
            self._showing = True
            self._warm()
        frame = self._camera.preview()
        if frame is None:
            if self._last is not None:
                # No live picture must not look like one: the screen sees that it is gone.
                self._last = None
                (self._ram.root / "preview" / "latest.jpg").unlink(missing_ok=True)
        elif frame is not self._last:
            self._last = frame
            self._ram.put_preview(frame)
        return max(REST_S, FRAME_S - (time.monotonic() - began_s))
