"""This file runs in a house: the network's time comes, and then the first program hangs.

Twice: before the watchdog's reset, and after it. What it prints goes to the host at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from pathlib import Path

from house import job_of, say, take_ticket
from machine import must, run, show, until, well

MARK = Path("/var/lib/lab-mark.json")
HUNG = Path("/sys/fs/cgroup/init.scope/cgroup.freeze")
WAIT_S = 60


def main() -> None:
    if not MARK.exists():
        before()
    else:
        after()


def before() -> None:
    """Numbers on paper, the watchdog in force; then nothing feeds it any more."""
    first = take_ticket()
    job = job_of(first["id"], "printed")
    say(f"number {first['number']} is on paper, taken {job['asked_at']}")
    assert job["asked_at"][:4] >= "2026", job
    # The network's time comes: days later than what was clamped.
    must("date", "-s", "+3 days")
    second = take_ticket()
    job = job_of(second["id"], "printed")
    say(f"after time came, number {second['number']} is on paper, taken {job['asked_at']}")
    until(lambda: "hardware timeout of 14s" in watchdog(), 60, "the watchdog is in force")
    say(watchdog().splitlines()[0])
    assert show("hien-boot-count", "Result") == "success"
    MARK.write_text(json.dumps({"tickets": [first, second], "boots": boots()}))
    os.sync()
    say("hung")
    HUNG.write_text("1")
    # Only the first program stands still: this one goes on, and tells how long.
    for passed_s in range(1, WAIT_S + 1):
        time.sleep(1)
        say(f"tick {passed_s}")
    HUNG.write_text("0")
    sys.exit("nobody reset the machine")


def after() -> None:
    """Back by itself: well, counted, and every number there."""
    kept = json.loads(MARK.read_text())
    say(f"back: well after {up_s():.0f} s of this start, {well(1200):.0f} s of them waited")
    table = sqlite3.connect("file:/var/lib/hien/hien.db?mode=ro", uri=True, timeout=30)
    assert table.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for ticket in kept["tickets"]:
        found = table.execute("SELECT number FROM tickets WHERE id = ?", (ticket["id"],))
        assert found.fetchone() == (ticket["number"],), ticket
        assert job_of(ticket["id"], "printed")
    say(f"starts counted before {kept['boots']}, now {boots()}")
    believed = any(name.endswith(".ok") for name in kept["boots"])
    slot = os.path.basename(os.readlink("/opt/hien/current"))
    # A release that was believed before counts no more; one that was not is at its second start.
    assert believed or boots().get(slot) == "2", (kept["boots"], boots())
    third = take_ticket()
    job_of(third["id"], "printed")
    assert third["number"] > kept["tickets"][1]["number"], (third, kept)
    say(f"number {third['number']} goes on from {kept['tickets'][1]['number']}")


def boots() -> dict[str, str]:
    folder = Path("/var/lib/hien-box/boots")
    return {path.name: path.read_text().strip() for path in sorted(folder.glob("*"))}


def watchdog() -> str:
    # What it said before the journal was there has no number of a process.
    log = run("journalctl", "-b", "--no-pager", "-ocat", "-t", "systemd").stdout
    return "\n".join(line for line in log.splitlines() if "atchdog" in line)


def up_s() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])


if __name__ == "__main__":
    main()
