"""This file runs, in a lab machine, the printer contract and its faults over a real USB device."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from usb_gadget import PAPER_OUT, PRODUCT, SERIALS, VENDOR, GadgetPrinter, nodes

from appliance.devices.printer import Outcome, Printer, open_printer
from tests.devices.printers_for_tests import job
from tests.devices.test_printer_contract import *  # noqa: F403 - the contract itself

LIMITS = "stall_s=5&answer_s=5&slack_s=20&slow_mm_s=2000"
USBLP = f"usblp:/dev/usb/lp0?{LIMITS}"
LIBUSB = f"escpos+usb:///{VENDOR:04x}/{PRODUCT:04x}?serial={SERIALS[0]}&{LIMITS}"


@pytest.fixture(scope="session")
def _gadget() -> GadgetPrinter:
    return GadgetPrinter()


@pytest.fixture
def gadget(_gadget: GadgetPrinter) -> Iterator[GadgetPrinter]:
    if not _gadget.attached():  # libusb took it from usblp, or it is unplugged
        _gadget.unplug()
        _gadget.plug()
    _gadget.fresh()
    yield _gadget


@pytest.fixture
def other() -> Iterator[GadgetPrinter]:
    """A second printer of the same make, made unplugged."""
    second = GadgetPrinter(1)
    second.unplug()
    yield second
    second.unplug()


@pytest.fixture(params=[USBLP, LIBUSB], ids=["usblp", "libusb"])
def any_printer(request: pytest.FixtureRequest, gadget: GadgetPrinter) -> Iterator[Printer]:
    printer = open_printer(request.param)
    yield printer
    printer.close()


def test_every_byte_comes_through(any_printer: Printer, gadget: GadgetPrinter) -> None:
    data = job(1000)
    assert any_printer.print_job(data) == Outcome("printed", len(data), "")
    assert data[2:] in bytes(gadget.received)  # behind the reset it is asked to tell changes
    assert len(gadget.mechanism.slips) == 1


def test_what_it_answers_is_learnt(any_printer: Printer) -> None:
    """Also GET_PORT_STATUS, which the kernel or libusb really sends."""
    any_printer.print_job(job(64))
    any_printer.check()
    known = any_printer.capabilities
    assert (known.status, known.barrier, known.port) == (True, True, True)


def test_the_port_says_that_the_paper_is_out(any_printer: Printer, gadget: GadgetPrinter) -> None:
    """The printer class's own status, also from a printer whose language says nothing."""
    gadget.port_status(PAPER_OUT)
    assert (any_printer.check().state, any_printer.check().code) == ("bad", "paper_out")
    assert any_printer.print_job(job()) == Outcome("failed_clean", 0, "paper_out")


def test_unplugged_and_plugged_in_again(any_printer: Printer, gadget: GadgetPrinter) -> None:
    assert any_printer.check().state == "ok"
    gadget.unplug()
    assert (any_printer.check().state, any_printer.check().code) == ("bad", "off")
    assert any_printer.print_job(job()) == Outcome("failed_clean", 0, "off")
    gadget.plug()
    assert any_printer.print_job(job(64)).state == "printed"


def test_back_as_another_node(gadget: GadgetPrinter, other: GadgetPrinter) -> None:
    """Another printer took its number meanwhile. By serial number it is found at once, and the
    other one is left alone; by path it is found again when the path is free."""
    by_path, by_number = open_printer(USBLP), open_printer(f"usblp:?serial={SERIALS[0]}&{LIMITS}")
    assert (by_path.check().state, by_number.check().state) == ("ok", "ok")
    gadget.unplug()
    assert by_number.check().code == "off"
    other.plug()
    assert nodes() == ["/dev/usb/lp0"]
    assert by_number.check().code == "off"
    gadget.plug()
    assert nodes() == ["/dev/usb/lp0", "/dev/usb/lp1"]
    assert by_number.print_job(job(64)).state == "printed"
    assert not other.received
    other.unplug()
    assert nodes() == ["/dev/usb/lp1"]
    assert by_path.print_job(job(64)).state == "printed"
    gadget.unplug()
    gadget.plug()
    assert nodes() == ["/dev/usb/lp0"]


def test_held_by_another_program(gadget: GadgetPrinter) -> None:
    held = os.open("/dev/usb/lp0", os.O_RDWR)
    try:
        assert open_printer(USBLP).check().code == "busy"
        assert open_printer(USBLP).print_job(job()) == Outcome("failed_clean", 0, "busy")
    finally:
        os.close(held)


def test_not_allowed(gadget: GadgetPrinter) -> None:
    """A user in no group that may: the error names the group."""
    os.chmod("/dev/usb/lp0", 0o660)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        check = open_printer(USBLP).check()
        os._exit(0 if (check.code, "group lp" in check.detail) == ("denied", True) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# The last two leave bytes behind in the gadget. Debian's f_printer corrupts the kernel's memory
# when it is bound again after that, so nothing is plugged in any more.


def test_it_takes_no_more(gadget: GadgetPrinter) -> None:
    """The far end stops reading: noticed by lack of progress, and nothing is sent again."""
    printer = open_printer(USBLP)
    assert printer.check().state == "ok"
    gadget.reading.clear()
    outcome = printer.print_job(job(6000))
    assert outcome.state in ("needs_operator", "failed_clean")
    assert (outcome.bytes_sent > 0) == (outcome.state == "needs_operator")


def test_unplugged_midway_needs_a_person(gadget: GadgetPrinter) -> None:
    """usblp: the cable goes while bytes are on their way."""
    printer: Any = open_printer(USBLP)
    assert printer.check().state == "ok"
    data = job(6000)
    outcome = _with_a_tug(printer, gadget, data)
    assert outcome.state == "needs_operator"
    assert 0 < outcome.bytes_sent < len(data)
    assert printer.needs_flush
    printer.close()


def _with_a_tug(printer: Printer, gadget: GadgetPrinter, data: bytes) -> Outcome:
    """Print, and pull the plug once the first bytes of the picture have come."""
    import threading

    found: list[Outcome] = []
    work = threading.Thread(target=lambda: found.append(printer.print_job(data)))
    work.start()
    end_s = time.monotonic() + 30
    while len(gadget.received) < 8192 and time.monotonic() < end_s:
        time.sleep(0.001)
    gadget.reading.clear()
    gadget.unplug()
    work.join(60)
    return found[0]
