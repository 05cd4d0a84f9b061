"""This file proves what happens when the machine is started anew: all by itself, and a way back."""

from __future__ import annotations

import os
import time
from pathlib import Path

from machine import ROOMS, drop_in, health, must, run, show, until, well

HOME, STATE = Path("/opt/hien"), Path("/var/lib/hien-box")


def current() -> str:
    return os.path.basename(os.readlink(HOME / "current"))


def scenario_started_anew() -> str:
    """The machine was rebooted: the rooms came by themselves, no unit waits in a ring."""
    took_s = well()
    for unit in (*(f"hien-{room}" for room in ROOMS), "hien-firewall", "hien-helper.socket",
                 "hien-backup.timer", "hien-update.timer", "hien-well.timer",
                 "hien-wifi-back.timer"):  # fmt: skip
        assert show(unit, "ActiveState") == "active", unit
    log = must("journalctl", "--no-pager", "-b", "-ocat")
    assert "ordering cycle" not in log and "Unknown key" not in log and "bad-setting" not in log
    assert show("hien-boot-count", "Result") == "success"
    # Its condition says no in a container, whose clock is its host's; that it is asked is enough.
    assert show("hien-clock", "ConditionTimestampMonotonic") != "0"
    left = must("systemctl", "--failed", "--plain", "--no-legend")
    assert "hien" not in left, left
    up_s = (
        time.clock_gettime(time.CLOCK_MONOTONIC)
        - int(show("init.scope", "ActiveEnterTimestampMonotonic")) / 1e6
    )
    return f"well {took_s:.1f} s after it was asked, {up_s:.1f} s after the start"


def scenario_well_for_a_minute_is_believed() -> None:
    """The mark for this release; from then on a start writes nothing."""
    made = drop_in("hien-boot-ok.service", "[Service]\nEnvironment=HIEN_BOOT_STEP_S=0.3\n")
    must("systemctl", "restart", "hien-boot-ok")
    mark = STATE / "boots" / f"{current()}.ok"
    until(mark.exists, 30, "the mark of a release that is well")
    before = sorted(os.listdir(STATE / "boots"))
    must("systemctl", "restart", "hien-boot-count")
    assert sorted(os.listdir(STATE / "boots")) == before
    assert current() not in before  # no count is left
    mark.unlink()
    made.unlink()
    must("systemctl", "daemon-reload")


def scenario_starts_in_vain_go_back() -> str:
    """Two starts in which this release was not well: the third runs the other one, well."""
    sick = current()
    # Scenarios before had two releases refused: 9.0.0, which stays so, and 8.0.0, which was well.
    refused = STATE / "refused"
    if refused.exists():
        names = [name for name in refused.read_text().split() if name.startswith("9.")]
        refused.write_text("".join(f"{name}\n" for name in names))
    must("systemctl", "stop", "hien-boot-ok", *(f"hien-{room}" for room in ROOMS))
    for _ in range(2):
        must("systemctl", "restart", "hien-boot-count")
        assert current() == sick
    must("systemctl", "restart", "hien-boot-count")
    assert current() != sick, must("journalctl", "--no-pager", "-ocat", "-u", "hien-boot-count")
    assert sick in (STATE / "refused").read_text().splitlines()
    must("systemctl", "start", *(f"hien-{room}" for room in ROOMS))
    took_s = well()
    assert health()["version"] == current().split("+")[0]
    assert run("systemctl", "is-failed", "hien-boot-count").returncode != 0
    return f"{sick} -> {current()}, well after {took_s:.1f} s"
