"""This file is a USB printer made of the kernel's own parts: dummy_hcd, configfs, f_printer.

The host side is real: enumeration, usblp or libusb, URBs, GET_PORT_STATUS. At the gadget's far end
works the same mechanism as in the other tests' printers.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import threading
import time
from pathlib import Path

from appliance.devices.printer.virtual_paper import Mechanism

CONFIG = Path("/sys/kernel/config")
SERIALS = ("LAB-0040", "LAB-0041")
VENDOR, PRODUCT = 0x04B8, 0x0E15
SET_STATUS = 0xC0016722  # _IOWR('g', 0x22, unsigned char)
WELL, PAPER_OUT = 0x18, 0x38
WAIT_S = 60.0


class GadgetPrinter:
    """One of two printers, made once a machine; `plug` and `unplug` as often as one likes."""

    def __init__(self, number: int = 0) -> None:
        for module in (("dummy_hcd", "num=2"), ("libcomposite",), ("usb_f_printer",), ("usblp",)):
            subprocess.run(["modprobe", *module], check=True)
        if not (CONFIG / "usb_gadget").exists():
            subprocess.run(["mount", "-t", "configfs", "none", CONFIG], check=True)
        self._number = number
        self._gadget = CONFIG / "usb_gadget" / f"printer{number}"
        self._make()
        self._fd = -1
        self._lock = threading.Lock()
        self.mechanism = Mechanism()
        self.received = bytearray()
        self.reading = threading.Event()
        self.reading.set()
        self._stop = threading.Event()
        self.plug()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def fresh(self) -> None:
        """Paper in, nothing half-received, listening."""
        self.mechanism = Mechanism()
        self.received = bytearray()
        self.reading.set()
        self.port_status(WELL)

    def plug(self) -> None:
        """Put the cable in, and wait until usblp has a node for it."""
        if self._fd >= 0:
            return
        (self._gadget / "UDC").write_text(f"dummy_udc.{self._number}")
        wait(self.attached)
        with self._lock:
            self._fd = os.open(f"/dev/g_printer{self._number}", os.O_RDWR | os.O_NONBLOCK)
        self.port_status(WELL)
        subprocess.run(["udevadm", "settle"], check=False)

    def unplug(self) -> None:
        """Pull the cable, and wait until the host has noticed. Its node is closed first: Debian's
        f_printer corrupts memory when it is unbound while somebody has it open."""
        if self._fd < 0:
            return
        with self._lock:
            os.close(self._fd)
            self._fd = -1
        (self._gadget / "UDC").write_text("\n")
        wait(lambda: SERIALS[self._number] not in _serials(Path("/sys/bus/usb/devices"), "serial"))
        subprocess.run(["udevadm", "settle"], check=False)

    def attached(self) -> bool:
        """Whether one of the usblp nodes is this printer's."""
        return SERIALS[self._number] in _serials(Path("/sys/class/usbmisc"), "device/../serial")

    def port_status(self, status: int) -> None:
        """What GET_PORT_STATUS answers."""
        fcntl.ioctl(self._fd, SET_STATUS, status)

    def _make(self) -> None:
        function = self._gadget / f"functions/printer.{self._number}"
        for folder in ("", "strings/0x409", "configs/c.1", function.relative_to(self._gadget)):
            (self._gadget / folder).mkdir(parents=True, exist_ok=True)
        for name, value in {
            "idVendor": hex(VENDOR),
            "idProduct": hex(PRODUCT),
            "strings/0x409/serialnumber": SERIALS[self._number],
            "strings/0x409/manufacturer": "Lab",
            "strings/0x409/product": "Receipt printer",
        }.items():
            (self._gadget / name).write_text(value)
        (function / "pnp_string").write_text("MFG:Lab;CMD:ESC/POS;MDL:LAB-80;CLS:PRINTER;")
        (self._gadget / "configs/c.1" / function.name).symlink_to(function)

    def _serve(self) -> None:
        while not self._stop.is_set():
            if not self.reading.is_set():
                self._stop.wait(0.02)
                continue
            data = b""
            with self._lock, contextlib.suppress(OSError):
                if self._fd >= 0 and select.select([self._fd], [], [], 0.02)[0]:
                    data = os.read(self._fd, 4096)
            if not data:
                self._stop.wait(0.01)
                continue
            self.received += data
            self.mechanism.feed(data)
            answers, self.mechanism.answers = bytes(self.mechanism.answers), []
            if answers:
                with self._lock, contextlib.suppress(OSError):
                    os.write(self._fd, answers)


def nodes() -> list[str]:
    """The usblp nodes there are now: /dev/usb/lp0, and so on."""
    return sorted(str(node) for node in Path("/dev/usb").glob("lp*"))


def _serials(folder: Path, name: str) -> set[str]:
    found = set()
    for entry in folder.iterdir() if folder.exists() else ():
        with contextlib.suppress(OSError):
            found.add((entry / name).read_text().strip())
    return found


def wait(seen: object) -> None:
    """Until `seen()` is true; the machine is emulated and slow."""
    end_s = time.monotonic() + WAIT_S
    while not seen():  # type: ignore[operator]
        assert time.monotonic() < end_s, "it did not come"
        time.sleep(0.02)
