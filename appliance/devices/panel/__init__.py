"""This file is the port of the panel: one button, one lamp, perhaps a buzzer."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal, Protocol

from appliance.core.check import Check
from appliance.devices.url import build
from appliance.errors import DeviceError

LampPattern = Literal["off", "blink", "on"]

ADAPTERS = {
    "gpio": "appliance.devices.panel.gpio:GpioPanel",
    "virtual": "appliance.devices.panel.virtual:VirtualPanel",
    "none": "appliance.devices.panel.none:NoPanel",
}


class PanelError(DeviceError):
    """The panel's pins cannot be had."""

    default_code: ClassVar[str] = "panel_no_pins"


class Panel(Protocol):
    """`on_press` is called once a press, when the button goes down; `on_hold` after 3 s down (its
    `on_press` came before).

    Both come from a thread of the panel's and must be quick.
    """

    url: str
    virtual: bool
    on_press: Callable[[], None] | None
    on_hold: Callable[[], None] | None

    def lamp(self, pattern: LampPattern) -> None: ...

    def buzz(self) -> None:
        """Two short sounds; nothing where there is no buzzer."""

    def check(self) -> Check: ...

    def close(self) -> None: ...


def open_panel(url: str) -> Panel:
    """Build the adapter the URL names; ConfigError for an unknown scheme or option."""
    panel: Panel = build(url, ADAPTERS, "panel")
    return panel
