"""This file is the room of the machines: recover, open the devices, one thread a duty, a pulse.

`rooms/devices.json` in RAM, rewritten every 2 s, is what the other rooms see of it:
{"room", "pid", "at_mono_ms", "status": one line for people, "checks": [{"name", "state", "code",
"detail"}, …] for camera, printer, panel, disk, ram and core/box_checks.BOX, "health": {numbers, see
health.py}, "words": {"kernel", "model", "os"}, "printer": {"identity", "language"}, "virtual":
["camera", …]}.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from appliance import notify
from appliance.core.check import Check
from appliance.devices.camera import Camera, open_camera
from appliance.devices.capture_worker import CaptureWorker
from appliance.devices.duty import Duty, Turn
from appliance.devices.hints import Hints
from appliance.devices.housekeeping import Housekeeping
from appliance.devices.page_maker import PageMaker
from appliance.devices.panel import Panel, PanelError, open_panel
from appliance.devices.panel.none import NoPanel
from appliance.devices.panel_worker import PanelWorker
from appliance.devices.parts import Parts
from appliance.devices.practising import with_practice
from appliance.devices.preview import Preview
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Printer, open_printer
from appliance.devices.recovery import recover
from appliance.devices.shutter import Shutter
from appliance.devices.status_line import status_line
from appliance.devices.watch import Watch
from appliance.errors import HienError

log = logging.getLogger("hien.devices")

PULSE_S = 2.0
# A print may take as long as its longest stall and answer; a page as long as its child may.
SILENT_S = 60.0
LONG_SILENT_S = 180.0
STOP_S = 1.4
CLOSE_S = 0.5


class Room:
    """Everything the room holds. `start`, then `pulse` every 2 s, then `close`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stop = threading.Event()
        config = parts.config
        self.camera = open_camera(config["devices.camera"])
        self.printer = open_printer(config["devices.printer"])
        self.panel, self._panel_fault = _panel(config["devices.panel"])
        self._maker = PageMaker(config["devices.mat"], field_mm=config["devices.field_mm"])
        self._shutter = Shutter()
        self.watch = Watch(
            self.camera, self.printer, self.panel, parts.sealed_dir.parent, parts.ram.root
        )
        self.duties = [
            self._duty("print", self._printing, LONG_SILENT_S),
            self._duty("capture", self._capturing, LONG_SILENT_S),
            self._duty("panel", lambda: PanelWorker(parts, self.panel).turn, SILENT_S),
            self._duty(
                "preview", lambda: Preview(parts.ram, self.camera, self._maker.warm).turn, SILENT_S
            ),
            self._duty("hints", self._hinting, SILENT_S),
            self._duty("watch", lambda: self.watch.turn, SILENT_S),
            self._duty("keep", lambda: Housekeeping(parts).turn, LONG_SILENT_S),
        ]

        self._recovering = threading.Lock()
        self._recovered = False
        try:
            self._recover()
        except (HienError, OSError, sqlite3.Error) as error:
            # A full or read-only card: the button and the live picture work all the same.
            log.error("not recovered yet: %s", error)

    def start(self) -> None:
        for duty in self.duties:
            duty.start()

    def pulse(self) -> str:
        """Write what the others see, and pet the watchdog if every duty is alive; the status."""
        checks = self._checks()
        status = status_line(checks)
        hung = [duty.name for duty in self.duties if duty.is_hung() or not duty.is_alive()]
        if hung:
            status = f"không trả lời: {', '.join(hung)}"
            log.error("no progress in: %s", ", ".join(hung))
        state: dict[str, Any] = {
            "room": "devices",
            "pid": os.getpid(),
            "at_mono_ms": self._parts.clock.now().mono_ms,
            "status": status,
            "ok": not hung,
            "checks": [check.as_dict() for check in checks],
            "health": self.watch.numbers,
            "words": self.watch.words,
            "printer": {"identity": self.printer.identity, "language": self.printer.language},
            "virtual": [
                name for name in ("camera", "printer", "panel") if getattr(self, name).virtual
            ],
        }
        with contextlib.suppress(OSError):  # RAM full: others see the silence, the work goes on
            self._parts.ram.put_room("devices", state)
        if not hung:
            notify.alive(status)
        return status

    def close(self) -> bool:
        """End within about 2 s: a slip being printed gets most of them. False: something hangs."""
        self._stop.set()
        end_s = time.monotonic() + STOP_S
        for duty in self.duties:
            duty.join(max(0.0, end_s - time.monotonic()))
        self._maker.close()
        # Closing may block (a camera in the kernel for ever, a button while it is held down): each
        # device gets a thread of its own, and all together a limit.
        closing = [
            threading.Thread(target=_close, args=(getattr(self, name),), name=name, daemon=True)
            for name in ("panel", "printer", "camera")
        ]
        for thread in closing:
            thread.start()
        end_s = time.monotonic() + CLOSE_S
        for thread in closing:
            thread.join(max(0.0, end_s - time.monotonic()))
        hanging = [thread.name for thread in [*self.duties, *closing] if thread.is_alive()]
        if hanging:
            log.warning("leaving without %s", ", ".join(hanging))
        return not hanging

    def _recover(self) -> None:
        """Once and with success, before anything is printed or photographed."""
        with self._recovering:
            if self._recovered:
                return
            # Somebody must look at a slip that was cut off; the printer may be amid its picture.
            self.printer.needs_flush = recover(self._parts) > 0
            self._recovered = True

    def _printing(self) -> Turn:
        self._recover()
        return with_practice(
            PrintWorker(self._parts, self.printer).turn,
            self._parts,
            lambda parts: PrintWorker(parts, self.printer, remembers=False).turn,
        )

    def _capturing(self) -> Turn:
        self._recover()
        return with_practice(
            CaptureWorker(self._parts, self.camera, self._maker, self._shutter.taken).turn,
            self._parts,
            lambda parts: CaptureWorker(parts, self.camera, self._maker).turn,
        )

    def _hinting(self) -> Turn:
        return Hints(self._parts.ram, self.camera, self._maker, self._shutter).turn

    def _duty(self, name: str, make: Callable[[], Turn], silent_s: float) -> Duty:
        return Duty(name, make, self._stop, silent_s=silent_s)

    def _checks(self) -> list[Check]:
        checks = self.watch.checks
        if self._panel_fault is None:
            return checks
        return [self._panel_fault if check.name == "panel" else check for check in checks]


def run(parts: Parts) -> None:
    """Run the room until SIGTERM or SIGINT."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    room = Room(parts)
    room.start()
    notify.ready(room.pulse())
    while not stop.wait(PULSE_S):
        room.pulse()
    notify.stopping()
    if not room.close():
        logging.shutdown()
        os._exit(0)


def _close(device: Camera | Printer | Panel) -> None:
    with contextlib.suppress(Exception):
        device.close()


def _panel(url: str) -> tuple[Panel, Check | None]:
    """The panel; a box whose pins cannot be had still photographs and prints, and says so."""
    try:
        return open_panel(url), None
    except PanelError as error:
        log.error("%s", error)
        return NoPanel.instead_of(url), Check("panel", "bad", error.code, str(error))
