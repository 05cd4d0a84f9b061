"""This file is the panel of a house that has none; the tablet has the same button."""

from __future__ import annotations

from collections.abc import Callable

from appliance.core.check import Check
from appliance.devices.panel import LampPattern
from appliance.devices.url import DeviceUrl


class NoPanel:
    """`none:`"""

    def __init__(self, url: DeviceUrl) -> None:
        url.only()
        self.url = str(url)
        self.virtual = False
        self.on_press: Callable[[], None] | None = None
        self.on_hold: Callable[[], None] | None = None

    @classmethod
    def instead_of(cls, url: str) -> NoPanel:
        """What stands in for a panel whose pins cannot be had; its fault is told elsewhere."""
        return cls(DeviceUrl(url, "none"))

    def lamp(self, pattern: LampPattern) -> None:
        pass

    def buzz(self) -> None:
        pass

    def check(self) -> Check:
        return Check("panel", "unknown", "none")

    def close(self) -> None:
        pass
