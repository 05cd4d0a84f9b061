"""This file proves that a USB printer is found again after it was unplugged, and no other is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.devices.printer import Printer
from appliance.devices.printer.transport import TransportError
from appliance.devices.printer.usb_node import NodeFinder
from appliance.devices.printer.usblp import UsblpPrinter
from appliance.devices.url import parse_url
from tests.devices.printers_for_tests import PtyPrinter, job, quick

XPRINTER = "MFG:Xprinter;CMD:ESC/POS;MDL:XP-80;SN:X80-0042;"


class Plugs:
    """The kernel's view: sysfs entries and nodes, the way usblp makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sys, self.dev = folder / "usbmisc", folder / "dev"
        self.sys.mkdir()
        self.dev.mkdir()

    def plug(self, name: str, target: str, *, serial: str = "", identity: str = "") -> None:
        device = self.folder / "devices" / name / "1-1"
        interface = device / "1-1:1.0"
        (interface / "usbmisc" / name).mkdir(parents=True)
        if serial:
            (device / "serial").write_text(serial + "\n")
        (interface / "ieee1284_id").write_text(identity + "\n")
        (interface / "usbmisc" / name / "device").symlink_to(interface)
        (self.sys / name).symlink_to(interface / "usbmisc" / name)
        (self.dev / name).symlink_to(target)

    def unplug(self, name: str) -> None:
        (self.sys / name).unlink()
        (self.dev / name).unlink()
        shutil.rmtree(self.folder / "devices" / name)

    def printer(self, url: str) -> Printer:
        parsed = parse_url(quick(url))
        return UsblpPrinter(parsed, NodeFinder(parsed, self.sys, self.dev))


@pytest.fixture
def plugs(tmp_path: Path) -> Plugs:
    return Plugs(tmp_path)


@pytest.fixture
def pty() -> Iterator[PtyPrinter]:
    with PtyPrinter() as pty:
        yield pty


@pytest.mark.parametrize("named", ["device", "ieee1284"])
def test_by_serial_number_wherever_it_comes_back(plugs: Plugs, pty: PtyPrinter, named: str) -> None:
    """lp0, unplugged, back as lp1 with another printer at lp0: the slip comes out of the same."""
    told = {"serial": "X80-0042"} if named == "device" else {"identity": XPRINTER}
    printer = plugs.printer("usblp:?serial=X80-0042")
    plugs.plug("lp0", pty.node, **told)
    assert printer.print_job(job(64)).state == "printed"
    plugs.unplug("lp0")
    assert printer.check().code == "off"
    assert printer.print_job(job(64)).state == "failed_clean"
    plugs.plug("lp0", "/dev/null", serial="OTHER")
    plugs.plug("lp1", pty.node, **told)
    assert printer.print_job(job(64)).state == "printed"
    assert len(pty.mechanism.slips) == 2


def test_by_path_the_same_printer_is_found_under_another_node(
    plugs: Plugs, pty: PtyPrinter
) -> None:
    """No serial number in the settings: it is known by what it said of itself before."""
    plugs.plug("lp0", pty.node, identity="MFG:Zjiang;MDL:ZJ-80;")
    printer = plugs.printer(f"usblp:{plugs.dev}/lp0")
    assert printer.check().state == "ok"
    plugs.unplug("lp0")
    assert printer.check().code == "off"
    plugs.plug("lp3", pty.node, identity="MFG:Zjiang;MDL:ZJ-80;")
    assert printer.print_job(job(64)).state == "printed"


def test_a_stranger_is_never_taken_for_it(plugs: Plugs, pty: PtyPrinter) -> None:
    """Another printer under another node gets nothing, and one never seen is not guessed."""
    printer = plugs.printer(f"usblp:{plugs.dev}/lp0")
    plugs.plug("lp1", pty.node, serial="STRANGER", identity=XPRINTER)
    assert printer.check().code == "off"
    plugs.plug("lp0", pty.node, serial="OURS")
    assert printer.check().state == "ok"
    plugs.unplug("lp0")
    assert printer.print_job(job(64)).state == "failed_clean"
    assert pty.mechanism.slips == []


def test_a_serial_number_nobody_has_is_off_by_name(plugs: Plugs) -> None:
    find = NodeFinder(parse_url("usblp:?serial=NOPE"), plugs.sys, plugs.dev)
    with pytest.raises(TransportError, match="NOPE") as raised:
        find()
    assert raised.value.code == "off"
