"""This file is the panel on the Pi's own pins (`gpio:?button=17&lamp=27&buzzer=22`).

Numbers are BCM. The button sits between its pin and ground; the lamp and the buzzer are driven
high. Pins come from lgpio (python3-lgpio from apt), the way that also works on a Pi 5.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from appliance.devices.panel import PanelError
from appliance.devices.panel.on_pins import PIN_OPTIONS, PinPanel, pins_of
from appliance.devices.url import DeviceUrl


class GpioPanel(PinPanel):
    """`factory` is given by tests only."""

    def __init__(self, url: DeviceUrl, factory: Any = None) -> None:
        url.only(*PIN_OPTIONS)
        super().__init__(url, pins_of(url), factory or lgpio_factory(), virtual=False)


@cache
def lgpio_factory() -> Any:
    """gpiozero's lgpio pins; never its fall-backs, which would take any pins it can find.

    One for the whole process, never closed: a closed pin stays claimed by its factory's chip, and
    an edge for a closed factory ends lgpio's only thread, after which no button is ever heard
    again (seen on a real chip, gpiozero 2.0.1 with lgpio 0.2.2).
    """
    try:
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()
    except Exception as error:
        raise PanelError(
            f"the GPIO pins cannot be opened ({error}); on the Pi: apt install python3-lgpio, "
            "and the service user in group gpio"
        ) from error
