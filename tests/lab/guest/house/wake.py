"""This file runs in a house that was just switched on, its hardware's clock in 2001."""

from __future__ import annotations

import time
from pathlib import Path

from house import say
from machine import run, well

KEPT = ("/var/lib/hien", "/var/lib/hien-box", "/etc/hien", "/opt/hien/releases")


def main() -> None:
    """The clock is never behind what the house wrote last; all rooms are well."""
    say(f"the hardware's clock: {Path('/sys/class/rtc/rtc0/date').read_text().strip()}")
    newest_s = max(
        path.stat().st_mtime for folder in KEPT for path in [Path(folder), *Path(folder).glob("*")]
    )
    behind_s = newest_s - time.time()
    said = run("journalctl", "-b", "--no-pager", "-ocat", "-u", "hien-clock").stdout
    clock = [line for line in said.splitlines() if line.startswith("clock:")]
    say(f"the house's clock: {time.strftime('%F %T')}; {clock}")
    assert behind_s <= 0, f"the clock is {behind_s:.0f} s behind the newest file"
    well(1200)
    up_s = float(Path("/proc/uptime").read_text().split()[0])
    say(f"well {up_s:.0f} s after the start")


if __name__ == "__main__":
    main()
