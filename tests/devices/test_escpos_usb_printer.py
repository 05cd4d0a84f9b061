"""This file proves the libusb printer: python-escpos's own code over a USB bus made here.

pyusb is no package of ours, so its three modules are stood in for; the classes of python-escpos
that open, write and read are the real ones.
"""

from __future__ import annotations

import errno
import gc
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from appliance.devices.printer import Outcome, open_printer
from appliance.devices.printer.virtual_paper import Mechanism
from appliance.errors import ConfigError
from tests.devices.printers_for_tests import job, quick

URL = "escpos+usb:///04b8/0e15"


@dataclass
class EndPoint:
    bEndpointAddress: int
    bmAttributes: int = 0x02


@dataclass
class Interface:
    bInterfaceClass: int
    points: list[EndPoint]

    def __iter__(self) -> Iterator[EndPoint]:
        return iter(self.points)


class UsbError(OSError):
    """pyusb's error: an OSError with the errno of libusb."""


@dataclass
class UsbPrinter:
    """A device as pyusb shows it; `trouble` is the errno the next transfers end with."""

    mechanism: Mechanism = field(default_factory=Mechanism)
    plugged: bool = True
    trouble: int = 0
    trouble_after: int = 0
    taken: int = 0
    opened: int = 0
    port_status: bytes = b"\x18"
    interfaces: list[Interface] = field(
        default_factory=lambda: [
            Interface(3, [EndPoint(0x81, 0x03)]),
            Interface(PRINTER, [EndPoint(0x03), EndPoint(0x84)]),
        ]
    )
    backend: Any = field(default_factory=lambda: types.SimpleNamespace(__module__="usb.backend.x"))

    def set_configuration(self) -> None:
        self.opened += 1

    def reset(self) -> None:
        pass

    def get_active_configuration(self) -> list[Interface]:
        return self.interfaces

    def write(self, end_point: int, data: bytes, timeout_ms: int) -> int:
        assert end_point == 0x03 and timeout_ms > 0
        self._may_fail(len(data))
        if data[:2] == b"\x10\x04" and len(data) == 3:
            self.mechanism.answers.append(self.mechanism.realtime(data[2]))
        else:
            self.taken += len(data)
            self.mechanism.feed(data)
        return len(data)

    def read(self, end_point: int, size: int, timeout_ms: int) -> bytes:
        assert end_point == 0x84 and timeout_ms > 0
        self._may_fail(0)
        answers, self.mechanism.answers = bytes(self.mechanism.answers), []
        if not answers:
            raise UsbError(errno.ETIMEDOUT, "timed out")
        return answers

    def ctrl_transfer(self, *_: int) -> bytes:
        self._may_fail(0)
        return self.port_status

    def _may_fail(self, more: int) -> None:
        if not self.plugged:
            raise UsbError(errno.ENODEV, "no such device")
        if self.trouble and self.taken + more > self.trouble_after:
            raise UsbError(self.trouble, "trouble")


PRINTER = 7


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[UsbPrinter]]:
    """A USB bus with one printer; `usb.core.find` sees whatever is plugged in."""
    import escpos.printer.usb as escpos_usb

    printers = [UsbPrinter()]
    wanted = {"idVendor": 0x04B8, "idProduct": 0x0E15}

    def find(**match: Any) -> UsbPrinter | None:
        assert {name: match[name] for name in wanted} == wanted
        return next((one for one in printers if one.plugged), None)

    core = types.SimpleNamespace(find=find, USBError=UsbError)
    util = types.SimpleNamespace(dispose_resources=lambda device: None)
    libusb1 = types.SimpleNamespace(get_backend=lambda: object())
    usb = types.SimpleNamespace(core=core, util=util)
    monkeypatch.setattr(escpos_usb, "usb", usb, raising=False)
    monkeypatch.setattr(escpos_usb, "_DEP_USB", True)
    for name in ("usb", "usb.backend"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "usb.backend.libusb1", libusb1)
    yield printers
    gc.collect()  # python-escpos closes its printers when they go, which needs the bus


def test_two_jobs_are_printed_and_the_printer_is_opened_once(bus: list[UsbPrinter]) -> None:
    """Each opening resets the printer, so looks and jobs share one; the end points are its own."""
    printer = open_printer(quick(URL))
    data = job(64)
    assert printer.check().state == "ok"
    assert printer.print_job(data) == Outcome("printed", len(data), "")
    assert printer.print_job(data) == Outcome("printed", len(data), "")
    assert (bus[0].opened, len(bus[0].mechanism.slips)) == (1, 2)


def test_without_pyusb_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usb", None)
    with pytest.raises(ConfigError, match="python3-usb"):
        open_printer(URL)


@pytest.mark.parametrize("address", ["///04b8", "///printer/1", "///0/0", "///04b8/0e15/1"])
def test_wrong_numbers_are_refused(bus: list[UsbPrinter], address: str) -> None:
    with pytest.raises(ConfigError, match="lsusb"):
        open_printer(f"escpos+usb:{address}")


def test_a_printer_that_is_not_plugged_in_is_off(bus: list[UsbPrinter]) -> None:
    bus[0].plugged = False
    printer = open_printer(quick(URL))
    assert printer.print_job(job()) == Outcome("failed_clean", 0, "off")
    assert printer.check().code == "off"


def test_unplugged_and_back_it_is_found_again(bus: list[UsbPrinter]) -> None:
    """The old handle is dead; the next look but one opens the printer that came back."""
    printer = open_printer(quick(URL))
    assert printer.check().state == "ok"
    bus[0].plugged = False
    assert printer.check().code == "lost"
    assert printer.check().code == "off"
    bus.append(UsbPrinter())
    assert printer.check().state == "ok"
    assert printer.print_job(job(64)).state == "printed"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.EACCES, "denied"), (errno.EBUSY, "busy"), (errno.ENODEV, "lost")]
)
def test_a_refusal_before_the_first_byte_fails_clean(
    bus: list[UsbPrinter], number: int, code: str
) -> None:
    bus[0].trouble, bus[0].trouble_after = number, -1
    bus[0].port_status = b""
    outcome = open_printer(quick(URL)).print_job(job())
    assert (outcome.state, outcome.code) == ("failed_clean", code)


def test_a_time_out_midway_counts_the_piece_that_may_have_got_through(
    bus: list[UsbPrinter],
) -> None:
    bus[0].trouble, bus[0].trouble_after = errno.ETIMEDOUT, 10_000
    outcome = open_printer(quick(URL)).print_job(job(6000))
    assert (outcome.state, outcome.code) == ("needs_operator", "stalled")
    assert outcome.bytes_sent > bus[0].taken


def test_the_port_itself_tells_of_paper(bus: list[UsbPrinter]) -> None:
    bus[0].port_status = b"\x38"
    assert open_printer(quick(URL)).print_job(job()) == Outcome("failed_clean", 0, "paper_out")


def test_what_is_no_printer_gets_nothing(bus: list[UsbPrinter]) -> None:
    bus[0].interfaces = [Interface(3, [EndPoint(0x81, 0x03)])]
    assert open_printer(quick(URL)).print_job(job()) == Outcome("failed_clean", 0, "off")
    assert bus[0].taken == 0
