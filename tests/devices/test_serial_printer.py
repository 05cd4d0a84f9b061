"""This file proves the printer on a serial line: speeds refused with the reason, faults told."""

from __future__ import annotations

import os
import termios
from pathlib import Path

import pytest

from appliance.devices.printer import Outcome, open_printer
from appliance.devices.printer.serial import slip_s
from appliance.errors import ConfigError
from tests.devices.printers_for_tests import PtyPrinter, job, quick


def test_a_slow_line_is_refused_and_the_seconds_are_named() -> None:
    """9600 baud: more than a minute for one slip, said before anybody waits for it."""
    assert 60 < slip_s(9600) < 120
    with pytest.raises(ConfigError, match=f"{slip_s(9600):.0f} s"):
        open_printer("serial:/dev/ttyUSB0?baud=9600")


def test_who_says_slow_may_have_it() -> None:
    with PtyPrinter() as pty:
        data = job(64)
        printer = open_printer(quick(f"serial:{pty.node}?baud=9600&slow=1"))
        assert printer.print_job(data) == Outcome("printed", len(data), "")


@pytest.mark.parametrize(
    "url",
    ["serial:", "serial:/dev/ttyS0?baud=115201", "serial:/dev/ttyS0?baud=fast",
     "serial:/dev/ttyS0?flow=dsr", "serial:/dev/ttyS0?bauds=9600"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        open_printer(url)


@pytest.mark.parametrize("flow", ["xonxoff", "none"])
def test_the_port_is_raw_at_the_speed_that_was_asked_for(flow: str) -> None:
    """No letter is changed on its way and none comes back as an echo; eight bits, no parity."""
    with PtyPrinter() as pty:
        printer = open_printer(quick(f"serial:{pty.node}?baud=230400&flow={flow}"))
        assert printer.check().state == "ok"
        node = os.open(pty.node, os.O_RDWR | os.O_NOCTTY)
        given, sent, control, local, *speeds = termios.tcgetattr(node)[:6]
        os.close(node)
    assert speeds == [termios.B230400] * 2
    assert (sent & termios.OPOST, local & (termios.ECHO | termios.ICANON)) == (0, 0)
    assert control & termios.CSIZE == termios.CS8 and not control & termios.PARENB
    assert bool(given & termios.IXON) is (flow == "xonxoff")


def test_a_stall_ends_by_lack_of_progress() -> None:
    """The far end stops taking bytes: no write blocks for ever, and a person is asked."""
    with PtyPrinter() as pty:
        pty.reading.clear()
        data = job(6000)
        outcome = open_printer(quick(f"serial:{pty.node}")).print_job(data)
    assert (outcome.state, outcome.code) == ("needs_operator", "stalled")
    assert 0 < outcome.bytes_sent < len(data)


def test_a_port_that_is_not_there_is_off(tmp_path: Path) -> None:
    printer = open_printer(quick(f"serial:{tmp_path / 'ttyUSB0'}"))
    assert printer.print_job(job()) == Outcome("failed_clean", 0, "off")
    assert printer.check().code == "off"


def test_what_is_no_serial_port_is_off_too(tmp_path: Path) -> None:
    """A file in its place takes no byte of a slip."""
    (tmp_path / "ttyUSB0").write_bytes(b"")
    printer = open_printer(quick(f"serial:{tmp_path / 'ttyUSB0'}"))
    assert printer.print_job(job()) == Outcome("failed_clean", 0, "off")
    assert (tmp_path / "ttyUSB0").read_bytes() == b""
