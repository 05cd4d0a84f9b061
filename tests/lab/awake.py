"""This file keeps a house that is well, asleep: scenarios wake it instead of starting it each time.

Its start is what emulation is slow at. It is done once for a release, with the hardware's clock in
2001 (which is looked at), and kept as QEMU's own state beside the disk it had at that instant.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import time
from pathlib import Path

from tests.lab import house
from tests.lab.images import Images
from tests.lab.machine import Machine
from tests.lab.roots import CACHE, HERE
from tests.lab.scenario import BOOTED, FILES, say

# The same for each, or its state would not fit: a watchdog, a clock without a battery, USB ports,
# and a disk for the data of a house that keeps it apart.
DEVICES = ("-rtc", "base=2001-01-01T00:00:00", "-device", "i6300esb", "-action", "reboot=reset",
           "-device", "qemu-xhci,id=usb")  # fmt: skip
MEMORY_MIB = 1024
LIMIT_S = 1800


def machine(
    work: Path, port: int, printer_port: int, *, bites: bool = False, cache: str = "writeback"
) -> tuple[Machine, Path]:
    """A machine on a layer of its own, and the state to wake it with (`Machine.start(state=…)`).
    Without `state` it is started from that disk as any machine. `bites`: its watchdog resets it.
    Emulated on a shared processor the first program may come too late by the 14 s of a Pi (seen:
    five starts in a row, at load 10), so that is for who looks at the watchdog alone."""
    images, base, state = _asleep()
    one = _machine(images, work, port, printer_port, cache, bites)
    shutil.copy(base, work / "disk.qcow2")
    return one, state


def _machine(
    images: Images, work: Path, port: int, printer_port: int, cache: str, bites: bool
) -> Machine:
    work.mkdir(parents=True, exist_ok=True)
    data = work / "data.img"
    with data.open("wb") as file:
        file.truncate(256 << 20)
    extra = ("-drive", f"file={data},if=none,id=data,format=raw,cache=unsafe",
             "-device", "virtio-blk-pci,drive=data",
             "-watchdog-action", "reset" if bites else "none")  # fmt: skip
    return Machine(
        images,
        work,
        disk=work / "disk.qcow2",
        memory_mib=MEMORY_MIB,
        options=(*house.lan(port, printer_port), *DEVICES, *extra),
        append=BOOTED,
        cache=cache,
    )


def _asleep() -> tuple[Images, Path, Path]:
    """What boots, the disk and the state of a house that is well; made if need be."""
    images = house.installed()
    # Two labs at once make it once.
    with (CACHE / "awake.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _put_to_sleep(images)


def _put_to_sleep(images: Images) -> tuple[Images, Path, Path]:
    disk, state, stamp = (CACHE / f"awake.{kind}" for kind in ("qcow2", "state", "made-by"))
    parts = [(CACHE / "disk-house.made-by").read_text("ascii"), BOOTED]
    for path in (Path(__file__), HERE / "machine.py", HERE / "guest/house/sleeper"):
        parts.append(path.read_text("utf-8"))
    recipe = hashlib.sha256(repr(parts).encode()).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") == recipe:
        return images, disk, state
    stamp.unlink(missing_ok=True)
    work = CACHE / "awake"
    shutil.rmtree(work, ignore_errors=True)
    # Nobody listens at the printer's port; the state knows the machine's side of it alone.
    one = _machine(images, work, 0, 9, "writeback", bites=False)
    house.layer(images.disk, work / "disk.qcow2")
    began_s = time.monotonic()
    one.start("exec /lab/busybox sh /lab/sleeper", files=FILES)
    well = False
    while not well and one.is_on() and time.monotonic() - began_s < LIMIT_S:
        time.sleep(0.5)
        for line in one.lines():
            say(line)
            well = well or line == "@host well"
    if not well:
        run = one.finish()
        raise RuntimeError(f"never well:\n{run.said[-3000:]}\n{run.console[-3000:]}")
    say(f"well and put to sleep {time.monotonic() - began_s:.0f} s after it was switched on")
    one.sleep(state)
    shutil.move(work / "disk.qcow2", disk)
    shutil.rmtree(work)
    stamp.write_text(recipe, "ascii")
    return images, disk, state
