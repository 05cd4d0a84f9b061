"""This file is what a lab test of a whole house needs: its machine, its files, its printer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from appliance.demo.printer import VirtualPrinter
from tests.lab.machine import PROGRAMS, Run
from tests.lab.roots import HERE, REPO, NotHere, need

# What no house needs is left out: consoles nobody sits at, and what waits for a night.
_NOBODYS = ("serial-getty@ttyS0.service", "serial-getty@hvc0.service", "getty@tty1.service",
            "systemd-logind.service", "e2scrub_reap.service", "unattended-upgrades.service",
            "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer",
            "e2scrub_all.timer", "fstrim.timer")  # fmt: skip
BOOTED = " ".join([
    "lab.init=/lib/systemd/systemd",
    # A unit that is slow here is slow because it is emulated, on a machine that is shared.
    "systemd.default_timeout_start_sec=900", "systemd.default_device_timeout_sec=900",
    *(f"systemd.mask={unit}" for unit in _NOBODYS),
])  # fmt: skip
# The guest's own Python and standard library; `machine` is what the box's scenarios use as well.
FILES = {
    **{path.name: path for path in (HERE / "guest/house").iterdir() if path.is_file()},
    "machine.py": REPO / "tests/box/machine.py",
}
FAST_MM_S = 1500.0


@contextmanager
def lab(more: dict[str, str] | None = None) -> Iterator[None]:
    """Skip with the reason where no machine can be had (`more`: programs and their packages)."""
    try:
        need(PROGRAMS | (more or {}))
        yield
    except NotHere as missing:
        pytest.skip(f"no lab on this machine: {missing}")


@contextmanager
def printer() -> Iterator[VirtualPrinter]:
    """A printer of the host's: its paper stays when the machine's power goes."""
    with VirtualPrinter("127.0.0.1", 0, speed_mm_s=FAST_MM_S, keep_papers=500) as one:
        yield one


def say(line: str) -> None:
    sys.stdout.write(f"  | {line}\n")
    sys.stdout.flush()


def must_pass(run: Run) -> None:
    """The task came to its end and was well; otherwise what was said last."""
    assert run.status == 0, f"it ended with {run.status}\n{run.said[-4000:]}\n{run.console[-2000:]}"
    say(f"the machine ran {run.took_s:.0f} s")
