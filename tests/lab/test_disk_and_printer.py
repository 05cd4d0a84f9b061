"""This file gives a house that is well a disk that fails, and a USB printer that comes and goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import awake
from tests.lab.roots import HERE
from tests.lab.scenario import FILES, lab, must_pass, printer, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4800)]


def test_a_flaky_disk(tmp_path: Path) -> None:
    """Writes fail two seconds in seven, then all of them, below an ext4 that goes read-only: who
    asks for a number gets one that stays, or a page that says why not; reading goes on; no room
    falls over and over. Healed and started anew, nothing that was given is lost."""
    with lab(), printer() as paper:
        machine, state = awake.machine(tmp_path, 0, paper.port)
        run = machine.run(
            "python3 -u flaky_disk.py", files=FILES, limit_s=2400, on_line=say, state=state
        )
        must_pass(run)


def test_a_usb_printer_comes_and_goes(tmp_path: Path) -> None:
    """The rooms as units, a printer by the kernel's own gadget: plugged in late, pulled out between
    two slips and amid one, replaced. What waited comes out once; what was torn asks a person."""
    files = FILES | {"usb_gadget.py": HERE / "guest/usb_gadget.py"}
    command = "PYTHONPATH=/opt/hien/current:/lab /opt/hien/current/.venv/bin/python -u usb_units.py"
    with lab():
        machine, state = awake.machine(tmp_path, 0, 9)
        run = machine.run(command, files=files, limit_s=2400, on_line=say, state=state)
        must_pass(run)
