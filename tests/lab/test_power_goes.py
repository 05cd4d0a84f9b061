"""This file kills the machine itself at random points of visits.

SIGKILL of QEMU: nothing the machine did afterwards happened. What it had written and not flushed is
lost with it where qcow2's own tables had to grow (they are QEMU's until a flush); what lay in the
host's page cache stays. So this proves the start after a cut, end to end; that every write may be
lost, and in which order, is what tests/powercut proves.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from appliance.demo.printer import VirtualPrinter
from tests.lab import awake
from tests.lab.machine import Machine
from tests.lab.scenario import FILES, lab, printer, say
from tests.lab.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14400)]

CUTS = int(os.environ.get("HIEN_LAB_CUTS", "3"))
SEED = int(os.environ.get("HIEN_LAB_SEED", "7"))
# One with QEMU told to ignore what the machine flushes, which must lose what was acknowledged.
CACHE = "unsafe" if os.environ.get("HIEN_LAB_CONTROL") else "writeback"
# Long enough for whole visits to end: emulated, one takes 10 to 20 s. A start costs minutes anyway.
LONGEST_S, START_S = 45.0, 1800.0


def test_the_power_goes_amid_visits(tmp_path: Path) -> None:
    """Residents are served from outside; the power goes somewhere in it, and comes back: a usable
    screen, a sound table, every acknowledged number, opening and end, no slip twice; CUTS times."""
    chance = random.Random(SEED)
    with lab(), printer() as paper:
        port = free_port()
        people = Visitor(port)
        machine, state = awake.machine(tmp_path, port, paper.port, cache=CACHE)
        for cut in range(1, CUTS + 1):
            started_s = time.monotonic()
            machine.start("sh sit", files=FILES, state=state if cut == 1 else None)
            wait_until(machine, lambda: people.usable() == "the start page", "a usable screen")
            usable_s = time.monotonic() - started_s
            facts = facts_of(machine)
            assert wrong(facts, people, paper) == [], (facts, machine.finish().console[-2000:])
            after_s = chance.uniform(0.2, LONGEST_S)
            timer = threading.Timer(after_s, machine.cut_power)
            timer.start()
            try:
                while True:
                    people.visit()
            except OSError:
                pass
            timer.join()
            people.cookie = ""
            say(f"cut {cut} after {after_s:.1f} s; usable {usable_s:.0f} s after the power came; "
                f"{len(people.tickets)} numbers, {len(people.closed)} ends, "
                f"{paper.papers_made} papers")  # fmt: skip
        machine.start("sh sit", files=FILES)
        wait_until(machine, lambda: people.usable() == "the start page", "a usable screen")
        facts = facts_of(machine)
        run = machine.finish()
        assert wrong(facts, people, paper) == [], (facts, run.console[-2000:])
        assert people.closed, "no visit ever came to its end: nothing was shown"
        say(
            f"survived {CUTS} cuts of {CUTS}: {len(people.tickets)} numbers, slips {settled(facts)}"
        )
        check_disk(tmp_path / "disk.qcow2")


def wrong(facts: dict[str, Any], people: Visitor, paper: VirtualPrinter) -> list[str]:
    """What does not hold after a start; [] when all does."""
    found = [] if facts["integrity"] == "ok" else [f"integrity: {facts['integrity']}"]
    found += [f"failed: {unit}" for unit in facts["failed"]]
    for ticket, number in people.tickets.items():
        if facts["tickets"].get(ticket) != number:
            found.append(f"lost: number {number}, {facts['tickets'].get(ticket)}")
    found += [f"lost: visit {one}" for one in people.opened if one not in facts["visits"]]
    found += [f"not closed: {one}" for one in people.closed if facts["visits"].get(one) != "closed"]
    slips = settled(facts)
    printed = slips.get("printed", 0)
    unsure = slips.get("needs_operator", 0) + slips.get("sent_unconfirmed", 0)
    if not printed <= paper.papers_made <= printed + unsure:
        found.append(f"{paper.papers_made} papers for {slips}")
    return found


def settled(facts: dict[str, Any]) -> dict[str, int]:
    states = [state for _, _, state in facts["slips"]]
    return {state: states.count(state) for state in sorted(set(states))}


def facts_of(machine: Machine) -> dict[str, Any]:
    """What the guest's `facts.py` says after this start."""
    found: dict[str, Any] = {}

    def heard() -> bool:
        for line in machine.lines():
            if line.startswith("facts "):
                found.update(json.loads(line.removeprefix("facts ")))
        return bool(found)

    wait_until(machine, heard, "its facts")
    return found


def wait_until(machine: Machine, seen: Any, what: str) -> None:
    end_s = time.monotonic() + START_S
    while not seen():
        if time.monotonic() > end_s or not machine.is_on():
            run = machine.finish()
            raise AssertionError(f"no {what}\n{run.said[-2000:]}\n{run.console[-3000:]}")
        time.sleep(0.3)


def check_disk(disk: Path) -> None:
    """The file system after its own journal: e2fsck finds nothing it would ask about."""
    raw = disk.with_suffix(".raw")
    subprocess.run(["qemu-img", "convert", "-O", "raw", disk, raw], check=True)
    checked = subprocess.run(
        ["e2fsck", "-f", "-p", raw], capture_output=True, text=True, check=False
    )
    raw.unlink()
    say(f"e2fsck: {checked.returncode}")
    assert checked.returncode <= 1, checked.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
