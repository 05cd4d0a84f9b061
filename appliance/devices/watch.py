"""This file looks at the machines and the box every few seconds, for screens and ward."""

from __future__ import annotations

import os
import time
from pathlib import Path

from appliance.core.box_checks import BOX, box_checks
from appliance.core.check import Check
from appliance.devices.camera import Camera
from appliance.devices.health import Health
from appliance.devices.panel import Panel
from appliance.devices.printer import Printer

DEVICES_EVERY_S = 5.0
HEALTH_EVERY_S = 10.0
LEAST_FREE_MIB = 20


class Watch:
    """`checks` and `numbers` are replaced as a whole, so any thread may read them."""

    def __init__(
        self, camera: Camera, printer: Printer, panel: Panel, data_dir: Path, ram_dir: Path
    ) -> None:
        self._devices: tuple[Camera | Printer | Panel, ...] = (camera, printer, panel)
        self._folders = {"disk": data_dir, "ram": ram_dir}
        self._health = Health(data_dir)
        self._health_due_s = 0.0
        self.checks: list[Check] = [
            Check(name, "unknown") for name in ("camera", "printer", "panel", "disk", "ram", *BOX)
        ]
        self.numbers: dict[str, float] = {}
        self.words: dict[str, str] = {}

    def turn(self) -> float:
        if time.monotonic() >= self._health_due_s:
            self._health_due_s = time.monotonic() + HEALTH_EVERY_S
            self.numbers = self._health.numbers()
            self.words = self.words or self._health.words()
        # Each is put in place as soon as it is known: one slow device must not age the others.
        for place, device in enumerate(self._devices):
            self._put(place, device.check())
        for place, (name, folder) in enumerate(self._folders.items(), len(self._devices)):
            self._put(place, room_check(name, folder))
        for place, check in enumerate(box_checks(self.numbers), len(self.checks) - len(BOX)):
            self._put(place, check)
        return DEVICES_EVERY_S

    def _put(self, place: int, check: Check) -> None:
        checks = list(self.checks)
        checks[place] = check
        self.checks = checks


def room_check(name: str, folder: Path) -> Check:
    """Whether `folder`'s file system still has room for work, without writing to it."""
    try:
        stat = os.statvfs(folder)
    except OSError as error:
        return Check(name, "bad", "not_there", str(error))
    if stat.f_flag & os.ST_RDONLY:
        return Check(name, "bad", "read_only")
    free_mib = stat.f_bavail * stat.f_frsize / 2**20
    if free_mib < LEAST_FREE_MIB:
        return Check(name, "bad", f"{name}_full", f"{free_mib:.0f} MiB free")
    return Check(name, "ok")
