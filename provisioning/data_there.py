"""This file holds the rooms back until the card's data part is there, and mends it where it can.

A room that ran without it would count in RAM, and the next start would give the same numbers again.
Run at each start before anything of a release, by the system's Python and from the root itself: the
releases lie on that part too. Where no card was divided it ends at once. It never gives up and
never formats: whoever looks meanwhile sees the safe page, a slip says it once, the board's light
blinks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from plainly import light, print_plainly

FSTAB = Path("/etc/fstab")
MOUNTS = Path("/proc/self/mountinfo")
BY_UUID = Path("/dev/disk/by-uuid")
BLOCKS = Path("/sys/dev/block")
# The safe page reads it (safe_page.py).
TELL = Path("/run/hien-box/no-data")
# As provisioning/first_boot/card/data_partition.py marks its lines.
MARK = ",x-hien "
PAUSE_S = float(os.environ.get("HIEN_DATA_PAUSE_S", "20"))
# Of a command; not of e2fsck, which takes as long as the card does.
MOST_S = 600.0
# A disk that comes late is not worth a slip.
TRIES_BEFORE_PAPER = 3
# What read its files before they were there.
LATE = (
    ("systemctl", "--no-block", "restart", "hien-firewall.service", "hien-clock.service"),
    ("nmcli", "connection", "reload"),
    # The safe page holds the web room's port: this ends it.
    ("systemctl", "--no-block", "start", "hien-web.service", "hien-devices.service",
     "hien-sync.service"),
)  # fmt: skip
PAPER = (
    "Máy không mở được phần dữ liệu trên thẻ nhớ. Máy tự sửa và thử lại. Đừng rút điện. "
    "Sau 30 phút chưa được thì gọi cho phường."
)


@dataclass(frozen=True)
class Place:
    """A line of fstab: what is to be mounted where."""

    source: str
    path: str
    kind: str


def main() -> None:
    if not lacking():
        return
    TELL.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    TELL.write_text(" ".join(place.path for place in lacking()) + "\n")
    run("systemctl", "--no-block", "start", "hien-safe-page.service")
    tries = 0
    while not bring():
        tries += 1
        if tries == TRIES_BEFORE_PAPER:
            light("timer")
            print_plainly("HIÊN - CHƯA MỞ ĐƯỢC DỮ LIỆU", PAPER)
        time.sleep(PAUSE_S)
    TELL.unlink()
    light("mmc0")
    for command in LATE:
        run(*command)


def wanted() -> list[Place]:
    """The places that were marked when the card was divided, the data part itself first."""
    lines = FSTAB.read_text("utf-8").splitlines() if FSTAB.exists() else []
    return [Place(*line.split()[:3]) for line in lines if MARK in line]


def lacking() -> list[Place]:
    mounted = {line.split()[4] for line in MOUNTS.read_text("utf-8").splitlines()}
    return [place for place in wanted() if place.path not in mounted]


def bring() -> bool:
    """Mount what is lacking, by systemd's own units; whether all is there now."""
    for place in lacking():
        if run("systemctl", "start", place.path) or place.kind != "ext4":
            continue
        if (node := node_of(place)) and mend(node):
            run("systemctl", "start", place.path)
    return not lacking()


def mend(node: str) -> bool:
    """All that e2fsck can do without a person, other superblocks included. systemd does no more
    than is sure to be harmless; here the other choice is a house without its data."""
    code = subprocess.run(["e2fsck", "-f", "-y", node], check=False).returncode
    run("udevadm", "trigger", node)  # its UUID may be readable again
    run("udevadm", "settle", "--timeout=60")
    return code < 4


def node_of(place: Place) -> str | None:
    """The device of a UUID. Where its first block is gone nobody knows the UUID: then the last part
    of the card the root is on, where it was laid; None when there is no such part."""
    link = BY_UUID / place.source.removeprefix("UUID=")
    if link.exists():
        return str(link.resolve())
    lines = [line.split() for line in MOUNTS.read_text("utf-8").splitlines()]
    number = {fields[4]: fields[2] for fields in lines}
    root = (BLOCKS / number.get("/media/root-ro", number["/"])).resolve()
    if not (root / "partition").exists():
        return None
    parts = [path for path in root.parent.iterdir() if (path / "partition").exists()]
    last = max(parts, key=lambda path: int((path / "start").read_text()))
    return None if last == root else f"/dev/{last.name}"


def run(*command: str) -> bool:
    """Whether it went well; what it said is in the journal."""
    try:
        return subprocess.run(command, check=False, timeout=MOST_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{command[0]}: {error}\n")
        return False


if __name__ == "__main__":
    main()
