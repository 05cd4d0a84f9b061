"""This file is the virtual panel: gpiozero's mock pins, moved and seen through a small folder.

`virtual:?dir=PATH` (PATH should be in RAM; it is made when it is not there):

    PATH/button   written by the virtual room: "1" = the button is down, "0" or no file = up.
                  It is looked at 50 times a second: keep a press at 1 for at least 100 ms.
    PATH/lamp     written by the panel: "off", "blink" or "on" (replaced as a whole, atomically)
    PATH/buzzer   written by the panel: how often it has sounded since the start, for example "2"

`virtual:` without `dir` is moved by `press()` and `release()` from the same process. `hold_s=3` as
for `gpio:`. Everything between the button and the lamp is the code that runs on a real box.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any

from appliance.devices.panel import LampPattern
from appliance.devices.panel.on_pins import PinPanel, pins_of
from appliance.devices.url import DeviceUrl

LOOK_EVERY_S = 0.02
_BUTTON, _LAMP, _BUZZER = 17, 27, 22


class VirtualPanel(PinPanel):
    """`factory` may be given to look at the mock pins' timeline."""

    def __init__(self, url: DeviceUrl, factory: Any = None) -> None:
        from gpiozero.pins.mock import MockFactory

        url.only("dir", "hold_s")
        self._factory = factory or MockFactory()
        self._dir = Path(url.option("dir")) if url.option("dir") else None
        self._sounded = 0
        if self._dir is not None:
            self._dir.mkdir(parents=True, exist_ok=True)
        pins = pins_of(DeviceUrl(str(url), "gpio", options=_with_pins(url)))
        super().__init__(url, pins, self._factory, virtual=True)
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        if self._dir is not None:
            self._tell("buzzer", "0")
            self._watcher = threading.Thread(target=self._watch, name="panel", daemon=True)
            self._watcher.start()

    def press(self) -> None:
        self._factory.pin(_BUTTON).drive_low()

    def release(self) -> None:
        self._factory.pin(_BUTTON).drive_high()

    @property
    def lamp_lit(self) -> bool:
        """Whether the lamp's pin is high at this moment."""
        return bool(self._factory.pin(_LAMP).state)

    def lamp(self, pattern: LampPattern) -> None:
        super().lamp(pattern)
        self._tell("lamp", pattern)

    def buzz(self) -> None:
        super().buzz()
        self._sounded += 1
        self._tell("buzzer", str(self._sounded))

    def close(self) -> None:
        if hasattr(self, "_stop"):
            self._stop.set()
        super().close()

    def _watch(self) -> None:
        assert self._dir is not None
        down = False
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                wanted = (self._dir / "button").read_text("utf-8").strip() == "1"
            except OSError:
                wanted = False
            if wanted != down:
                down = wanted
                with contextlib.suppress(Exception):  # closed between the look and the move
                    self.press() if down else self.release()

    def _tell(self, name: str, text: str) -> None:
        if self._dir is None:
            return
        part = self._dir / f".{name}.part"
        with contextlib.suppress(OSError):
            part.write_text(text, "utf-8")
            part.replace(self._dir / name)


def _with_pins(url: DeviceUrl) -> dict[str, str]:
    pins = {"button": str(_BUTTON), "lamp": str(_LAMP), "buzzer": str(_BUZZER)}
    return pins | ({"hold_s": url.option("hold_s")} if url.option("hold_s") else {})
