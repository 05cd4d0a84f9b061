"""This file hangs the first program of a house that has no clock of its own, and waits for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lab import awake
from tests.lab.scenario import FILES, lab, must_pass, printer, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4800)]


def test_a_clock_in_2001_and_a_first_program_that_hangs(tmp_path: Path) -> None:
    """The hardware's clock says 2001: the house was never behind what it wrote last (seen when it
    was started, `guest/house/wake.py`). A number comes out on paper with this year's date, before
    and after the network's time arrives. Then the first program stands still: frozen, which no
    signal can do. The watchdog, set to 14 s by our own settings, resets the machine; the house is
    back with every number, the start is counted, nothing is printed twice.

    HIEN_LAB_CONTROL=1: the watchdog's reset is disarmed, and the test must fail."""
    with lab(), printer() as paper:
        machine, state = awake.machine(tmp_path, 0, paper.port, bites=True)

        def on_line(line: str) -> None:
            say(line)
            if line == "hung" and os.environ.get("HIEN_LAB_CONTROL"):
                machine.monitor("watchdog-set-action", action="none")

        run = machine.run(
            "python3 -u clock_and_watchdog.py",
            files=FILES,
            limit_s=2400,
            on_line=on_line,
            state=state,
        )
        must_pass(run)
        ticks = [line for line in run.said.splitlines() if line.startswith("tick ")]
        say(f"reset after {len(ticks)} s without a first program; {paper.papers_made} papers")
        assert 5 <= len(ticks) <= 40, ticks
        assert paper.papers_made == 3
