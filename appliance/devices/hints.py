"""This file says what to do under the camera before the tap, while somebody looks at the picture.

It is thought out in the page maker's child, where the libraries for pictures are, and never while a
page is being made there. What comes of it lies in RAM as `preview/hint.json`: {code, sheet,
left_ms, taken_in}, see devices.shutter; code is "" when nothing can be said, "busy" while a page is
made.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from typing import Protocol

from appliance.devices.camera import Camera
from appliance.devices.page_maker import Glance, PageError
from appliance.devices.preview import LOOK_S, WANTED_FOR_S
from appliance.devices.shutter import Hint, Shutter
from appliance.store.ram import Ram

log = logging.getLogger("hien.devices")

SEE_EVERY_S = 0.25
AFTER_FAULT_S = 5.0
BLIND = Hint("")
BUSY = Hint("busy")


class Eyes(Protocol):
    """What of the page maker is used here: None while a page is being made."""

    def signature(self, frame: bytes) -> bytes | None: ...
    def glance(self, frame: bytes) -> Glance | None: ...


class Hints:
    """A duty of its own: the child takes seconds to begin, and the live picture does not wait."""

    def __init__(
        self,
        ram: Ram,
        camera: Camera,
        eyes: Eyes,
        shutter: Shutter,
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ram = ram
        self._camera = camera
        self._eyes = eyes
        self._shutter = shutter
        self._now_s = now_s
        self._seen: bytes | None = None
        self._hint: Hint | None = None

    def turn(self) -> float:
        ago_s = self._ram.preview_wanted_ago_s(time.time())
        if ago_s is None or ago_s >= WANTED_FOR_S:
            self._seen, self._hint = None, None
            return LOOK_S
        try:
            self._say(self._look())
        except PageError as error:
            # Hints are a courtesy: without them the button works as before.
            log.warning("no hint from the live picture: %s", error.code)
            self._say(BLIND)
            return AFTER_FAULT_S
        return SEE_EVERY_S

    def _look(self) -> Hint:
        frame = self._camera.preview()
        if frame is None:
            return BLIND
        if frame is not self._seen:
            signature = self._eyes.signature(frame)
            if signature is None:
                return self._busy()
            self._shutter.see(signature, self._now_s())
            self._seen = frame
        if self._shutter.wants_glance(self._now_s()):
            glance = self._eyes.glance(frame)
            if glance is None:
                return self._busy()
            self._shutter.glanced(glance)
        return self._shutter.hint(self._now_s())

    def _busy(self) -> Hint:
        """Meanwhile the sheet may be changed for another."""
        self._shutter.look_away()
        self._seen = None
        return BUSY

    def _say(self, hint: Hint) -> None:
        """Written when it changes; the time that is left is counted by the screen."""
        old = self._hint
        if old is None or old.mark != hint.mark:
            self._hint = hint
            with contextlib.suppress(OSError):
                self._ram.put_hint(hint.as_dict())
