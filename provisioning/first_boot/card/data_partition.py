"""This file gives a fresh card its data partition, so that the system itself can stay untouched.

On a card whose root was not grown over all of it, the root gets `ROOT_MIB` and the rest becomes an
ext4 of its own at /data; what must outlive a start (`KEPT`) is laid there and mounted in its place.
The system's Python alone. Every step may be done again: the power may go after any of them. The
partition table is written in one piece. A card without room is left as it is; the word for why is
returned, and kept for the report (data_partition.txt).

    python3 data_partition.py        this machine, its rooms not running
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT_MIB = 6 * 1024
LEAST_DATA_MIB = 4 * 1024
# Whole erase blocks of a card, so that no write of one partition touches the other's.
ALIGN_MIB = 4
LABEL = "hien-data"
MARK = "x-hien"
DATA = "/data"
# What must still be there after the next start. All else of the root is forgotten, or never
# changes: host keys, machine id, users and name are made before the root is shut.
KEPT = (
    "/etc/hien",
    "/etc/NetworkManager/system-connections",
    "/opt/hien",
    "/var/lib/hien",
    "/var/lib/hien-box",
    "/var/lib/systemd/timers",
)
DONE, FULL, STRANGE, SMALL = "data", "root_fills_card", "other_layout", "no_room"
_OPTIONS = "noatime,nosuid,nodev,errors=remount-ro,commit=5,nofail,x-systemd.device-timeout=60"
_BIND = f"bind,nofail,x-systemd.requires-mounts-for={DATA}"
# nofail alone would let the rest of the start run ahead of them.
_FIRST = f"x-systemd.before=local-fs.target,{MARK}"


class NoRoom(Exception):
    """There can be no data partition here; the text is the word for why."""


@dataclass(frozen=True)
class Plan:
    """In sectors. `root_size` is the root's new size."""

    root: str
    root_size: int
    data_start: int
    data_size: int


def plan(table: dict[str, Any], root: str, disk_sectors: int) -> Plan:
    """From `sfdisk --json`'s partitiontable and the node of the root. Raises NoRoom."""
    parts = table.get("partitions", [])
    mib = 2**20 // int(table.get("sectorsize", 512))
    here = next((part for part in parts if part["node"] == root), None)
    if here is None or table.get("label") not in ("dos", "gpt") or len(parts) > 3:
        raise NoRoom(STRANGE)
    if any(part["start"] > here["start"] for part in parts):
        raise NoRoom(STRANGE)  # what lies behind the root is somebody's
    # The last MiB is a GPT's own; an old kind of table counts 2^32 sectors.
    end = disk_sectors - mib
    if table["label"] == "dos":
        end = min(end, 2**32 - 1)
    step = ALIGN_MIB * mib
    root_end = here["start"] + max(here["size"], ROOT_MIB * mib)
    data_start = -(-root_end // step) * step
    data_size = (end - data_start) // step * step
    if data_size < LEAST_DATA_MIB * mib:
        left = disk_sectors - here["start"] - here["size"]
        raise NoRoom(FULL if left < LEAST_DATA_MIB * mib else SMALL)
    return Plan(root, data_start - here["start"], data_start, data_size)


def new_table(dump: str, wanted: Plan) -> str:
    """`sfdisk --dump`'s text with the root's new size and the data partition at its end."""
    lines = []
    for line in dump.splitlines():
        if line.split(" : ")[0].strip() == wanted.root:
            line, found = re.subn(r"size=\s*\d+", f"size={wanted.root_size}", line)
            if found != 1:
                raise NoRoom(STRANGE)
        if not line.startswith("last-lba"):  # of a smaller card, when the image was copied
            lines.append(line)
    gpt = any(line.strip() == "label: gpt" for line in lines)
    name = f", name={LABEL}" if gpt else ""
    kind = "0FC63DAF-8483-4772-8E79-3D69D8477DE4" if gpt else "83"
    lines.append(f"start={wanted.data_start}, size={wanted.data_size}, type={kind}{name}")
    return "\n".join(lines) + "\n"


def divided(machine: Machine) -> bool:
    """Whether this was done before: there is data, even where it does not open now."""
    table = machine.root / "etc/fstab"
    return table.exists() and f",{MARK} " in table.read_text()


def fstab(text: str, uuid: str) -> str:
    """`text` with the lines of the data partition, whatever was said of it before."""
    kept = [line for line in text.splitlines() if f",{MARK} " not in line]
    kept.append(f"UUID={uuid} {DATA} ext4 {_OPTIONS},{_FIRST} 0 2")
    kept += [f"{DATA}/keep{path} {path} none {_BIND},{_FIRST} 0 0" for path in KEPT]
    return "\n".join(kept) + "\n"


def _run(command: Sequence[str], said: str | None = None) -> str:
    done = subprocess.run(
        list(command), input=said, capture_output=True, text=True, check=False, timeout=1800
    )
    if done.returncode != 0:
        raise OSError(f"{' '.join(command[:3])}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout


def _settled(_disk: str) -> None:
    _run(["udevadm", "settle", "--timeout=60"])


@dataclass(frozen=True)
class Machine:
    """Where things are; the tests give others. `appeared`: wait for new device nodes."""

    root: Path = Path("/")
    run: Callable[..., str] = field(default=_run)
    appeared: Callable[[str], None] = field(default=_settled)

    def root_node(self) -> str:
        return self.run(["findmnt", "-no", "SOURCE", "--target", str(self.root)]).strip()

    def disk_of(self, node: str) -> str:
        """The disk a partition lies on, by /sys."""
        entry = Path("/sys/class/block") / Path(node).name
        if not (entry / "partition").exists():
            raise NoRoom(STRANGE)
        return f"/dev/{entry.resolve().parent.name}"


def make(machine: Machine) -> str:
    """The word for how it is now: DONE, or why not. Raises OSError where a step fails."""
    if os.path.ismount(machine.root / DATA[1:]) and _said(machine) == DONE:
        return DONE
    try:
        node = _partition(machine)
    except NoRoom as why:
        return _say(machine, str(why))
    if _tag(node, "TYPE") != "ext4":
        if divided(machine):
            raise OSError(f"{node} was a house's data: it is mended (hien-data), never made anew")
        machine.run(["mkfs.ext4", "-q", "-F", "-m", "1", "-L", LABEL, node])
    _lay(machine, _tag(node, "UUID"), node)
    return _say(machine, DONE)


def _partition(machine: Machine) -> str:
    """The data partition's node, made if need be, and the root grown to its new end."""
    root = machine.root_node()
    disk = machine.disk_of(root)
    table = _table(machine, disk)
    sectors = int(machine.run(["blockdev", "--getsz", disk])) * 512 // table["sectorsize"]
    parts = table["partitions"]
    last = max(parts, key=lambda part: int(part["start"]))
    if last["node"] != root:
        # Ours, when the power went after the table was written: it lies just where we would put it.
        without = table | {"partitions": [part for part in parts if part is not last]}
        if plan(without, root, sectors).data_start != last["start"]:
            raise NoRoom(STRANGE)
    else:
        wanted = plan(table, root, sectors)
        text = new_table(machine.run(["sfdisk", "--dump", disk]), wanted)
        if not divided(machine):
            _blank(machine, disk, wanted, table["sectorsize"])
        # The root is in use: the kernel is told of each partition by itself, below.
        machine.run(["sfdisk", "-q", "--no-reread", "--no-tell-kernel", "--force", disk], text)
    machine.run(["partx", "--update", disk])
    machine.appeared(disk)
    machine.run(["resize2fs", root])
    found = max(_table(machine, disk)["partitions"], key=lambda part: int(part["start"]))
    return str(found["node"])


def _blank(machine: Machine, disk: str, wanted: Plan, sector_bytes: int) -> None:
    """Nothing is found where the part will lie. Flashing writes the first GiB of a card alone: the
    house before has its data there still, and the new one would come up as that house."""
    per_mib = 2**20 // sector_bytes
    first = wanted.data_start // per_mib
    # What is known by its last blocks as well; the part begins and ends with whole MiB.
    for at in (first, first + wanted.data_size // per_mib - ALIGN_MIB):
        machine.run(
            ["dd", "if=/dev/zero", f"of={disk}", "bs=1M", f"count={ALIGN_MIB}", f"seek={at}",
             "conv=notrunc,fsync", "status=none"]
        )  # fmt: skip


def _table(machine: Machine, disk: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(machine.run(["sfdisk", "--json", disk]))["partitiontable"]
    return {"sectorsize": 512} | table


def _tag(node: str, tag: str) -> str:
    """What is on `node` itself, not what was once remembered of it; "" for nothing known."""
    done = subprocess.run(
        ["blkid", "-p", "-s", tag, "-o", "value", node],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def _lay(machine: Machine, uuid: str, node: str) -> None:
    """Into fstab, what is there already copied, and mounted."""
    for unit in ("hien-web", "hien-devices", "hien-sync"):
        if subprocess.run(["systemctl", "is-active", "--quiet", unit], check=False).returncode == 0:
            raise OSError(f"{unit} is running: stop the rooms first")
    data = machine.root / DATA[1:]
    data.mkdir(exist_ok=True)
    if not os.path.ismount(data):
        machine.run(["mount", "-t", "ext4", "-o", "noatime,nosuid,nodev", node, str(data)])
    for path in KEPT:
        here, kept = machine.root / path[1:], data / "keep" / path[1:]
        if not kept.exists():
            part = kept.with_name(kept.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            part.parent.mkdir(parents=True, exist_ok=True)
            if here.exists():
                machine.run(["cp", "-a", str(here), str(part)])
            else:
                part.mkdir(mode=0o755)
            os.sync()
            part.rename(kept)
        here.mkdir(parents=True, exist_ok=True)
    table = machine.root / "etc/fstab"
    new = table.with_name("fstab.new")
    new.write_text(fstab(table.read_text() if table.exists() else "", uuid))
    os.sync()
    new.rename(table)
    os.sync()
    for path in KEPT:
        here = machine.root / path[1:]
        if not os.path.ismount(here):
            machine.run(["mount", "--bind", str(data / "keep" / path[1:]), str(here)])
    if Path("/run/systemd/system").exists() and machine.root == Path("/"):
        machine.run(["systemctl", "daemon-reload"])


def _said(machine: Machine) -> str:
    path = machine.root / "var/lib/hien-box/data_partition.txt"
    return path.read_text().strip() if path.exists() else ""


def _say(machine: Machine, word: str) -> str:
    path = machine.root / "var/lib/hien-box/data_partition.txt"
    if _said(machine) != word:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(word + "\n")
    return word


def main() -> int:
    """0 for DONE, 3 for no room, 4 for a part that was made before and does not open."""
    machine = Machine()
    try:
        said = make(machine)
    except OSError as error:
        if not divided(machine):
            raise
        sys.stderr.write(f"{error}\n")
        return 4
    sys.stdout.write(said + "\n")
    return 0 if said == DONE else 3


if __name__ == "__main__":
    sys.exit(main())
