"""This file is the panel on gpiozero's pins, whichever factory they come from."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.core.check import Check
from appliance.devices.panel import LampPattern, PanelError
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

PIN_OPTIONS = ("button", "lamp", "buzzer", "hold_s")
BUTTON_PIN = 17
BOUNCE_S = 0.05
HOLD_S = 3.0
STUCK_S = 60.0
BLINK_S = 0.5


@dataclass(frozen=True)
class Pins:
    """BCM numbers of the pins; None = not there. The button pulls its pin to ground."""

    button: int
    lamp: int | None
    buzzer: int | None
    hold_s: float = HOLD_S


def pins_of(url: DeviceUrl) -> Pins:
    """The pins the URL names; the button is on GPIO 17 when it does not say."""

    def pin(name: str) -> int | None:
        raw = url.option(name)
        if not raw:
            return None
        if not raw.isdigit() or int(raw) > 27:
            raise ConfigError(f"{url}: {name} must be a GPIO number from 0 to 27, not {raw!r}")
        return int(raw)

    button = pin("button")
    pins = Pins(
        BUTTON_PIN if button is None else button,
        pin("lamp"),
        pin("buzzer"),
        url.number("hold_s", HOLD_S, 0.1, 60),
    )
    used = [number for number in (pins.button, pins.lamp, pins.buzzer) if number is not None]
    if len(used) != len(set(used)):
        raise ConfigError(f"{url}: two parts share one GPIO")
    return pins


class PinPanel:
    """Button, lamp and buzzer; contact bounce is also filtered here, as a worn button needs it."""

    def __init__(self, url: DeviceUrl, pins: Pins, factory: Any, *, virtual: bool) -> None:
        from gpiozero import LED, Button, Buzzer

        self.url = str(url)
        self.virtual = virtual
        self.on_press: Callable[[], None] | None = None
        self.on_hold: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._edge_s = float("-inf")
        self._pattern: LampPattern | None = None
        self._parts: list[Any] = []
        try:
            self._button = Button(
                pins.button, bounce_time=BOUNCE_S, hold_time=pins.hold_s, pin_factory=factory
            )
            self._parts.append(self._button)
            self._lamp = LED(pins.lamp, pin_factory=factory) if pins.lamp is not None else None
            self._buzzer = (
                Buzzer(pins.buzzer, pin_factory=factory) if pins.buzzer is not None else None
            )
            self._parts += [part for part in (self._lamp, self._buzzer) if part is not None]
        except Exception as error:
            self.close()
            raise PanelError(f"the panel's pins cannot be had: {error}") from error
        self._button.when_pressed = self._pressed
        self._button.when_released = self._released
        self._button.when_held = self._held
        self.lamp("off")

    def lamp(self, pattern: LampPattern) -> None:
        """Off, half a second on and off, or steady; asking for the same again changes nothing."""
        with self._lock:
            if pattern == self._pattern:
                return
            self._pattern = pattern
            if self._lamp is not None:
                if pattern == "blink":
                    self._lamp.blink(on_time=BLINK_S, off_time=BLINK_S)
                else:
                    self._lamp.value = pattern == "on"

    def buzz(self) -> None:
        if self._buzzer is not None:
            self._buzzer.beep(on_time=0.15, off_time=0.15, n=2)

    def check(self) -> Check:
        """Bad when the button has been down for a minute: stuck, or something leans on it."""
        active_s = self._button.active_time
        if active_s is not None and active_s > STUCK_S:
            return Check("panel", "bad", "button_stuck", f"down for {int(active_s)} s")
        return Check("panel", "ok", "virtual" if self.virtual else "")

    def close(self) -> None:
        parts, self._parts = self._parts, []
        for part in reversed(parts):
            with contextlib.suppress(Exception):
                part.close()

    def _bounced(self) -> bool:
        """True for an edge that follows another within the bounce time."""
        now_s = time.monotonic()
        with self._lock:
            bounced = now_s - self._edge_s < BOUNCE_S
            self._edge_s = now_s
        return bounced

    def _pressed(self) -> None:
        if self._bounced():
            return
        if self.on_press is not None:
            self.on_press()

    def _released(self) -> None:
        self._bounced()

    def _held(self) -> None:
        if self.on_hold is not None:
            self.on_hold()
