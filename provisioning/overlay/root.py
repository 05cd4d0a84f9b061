"""This file turns the overlay over the root on and off, and says honestly whether it is there.

Debian's `overlayroot` lays a RAM disk over the root in the initramfs, by a setting that lies in the
root itself (not on the FAT partition, where a cut-off write can leave a box that does not start).
Without busybox in the initramfs it fails open: the root stays writable and all looks normal. So the
initramfs is looked into before, and the mounts afterwards.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SETTING = "etc/overlayroot.local.conf"
# recurse=0: the root alone. By itself it would lay RAM over /data as well, and all would be lost.
ON = 'overlayroot_cfgdisk="disabled"\noverlayroot="tmpfs:recurse=0"\n'
LOWER = "media/root-ro"
PACKAGES = ("overlayroot", "busybox")
# What is tried once a day at most.
DAY_S = 20 * 3600.0
ASKED, INITRAMFS = "hien-overlay-asked", "hien-overlay-initramfs"
NEEDED = ("scripts/init-bottom/overlayroot", "bin/busybox")


class CannotShut(Exception):
    """The overlay cannot be had now; `code` is no_data, no_package or no_initramfs."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


def _run(command: Sequence[str], timeout_s: float = 900) -> str:
    done = subprocess.run(
        list(command), capture_output=True, text=True, timeout=timeout_s, check=False
    )
    if done.returncode != 0:
        raise OSError(f"{' '.join(command[:2])}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


@dataclass(frozen=True)
class Machine:
    """Where things are and how a command is run; the tests give others."""

    root: Path = Path("/")
    run: Callable[..., str] = field(default=_run)

    def mounts(self) -> dict[str, str]:
        """Mount point -> kind of file system; of several at one place, the last."""
        lines = (self.root / "proc/mounts").read_text().splitlines()
        return {fields[1]: fields[2] for fields in map(str.split, lines) if len(fields) > 2}


def is_on(machine: Machine) -> bool:
    return machine.mounts().get("/") == "overlay"


def is_set(machine: Machine) -> bool:
    """Whether the next start has the overlay."""
    path = _lower(machine) / SETTING
    return path.exists() and path.read_text() == ON


def turn(machine: Machine, *, on: bool) -> None:
    """For the next start. Raises CannotShut when it would not come, OSError."""
    if on:
        _can_be(machine)
    if is_set(machine) == on:
        return
    shut = is_on(machine)
    if shut:
        machine.run(["mount", "-o", "remount,rw", str(_lower(machine))])
    try:
        path = _lower(machine) / SETTING
        if on:
            new = path.with_name(path.name + ".new")
            with new.open("w") as file:
                file.write(ON)
                file.flush()
                os.fsync(file.fileno())
            new.rename(path)
        else:
            path.unlink(missing_ok=True)
        os.sync()
    finally:
        if shut:
            _close(machine)


def _close(machine: Machine) -> None:
    """The lower root read-only again. What was looked at through the overlay and is now gone keeps
    it busy until the kernel forgets it. Where it stays busy all is on the card none the less, and
    the next start mounts it anew: nobody is kept from that."""
    command = ["mount", "-o", "remount,ro", str(_lower(machine))]
    try:
        machine.run(command)
    except OSError:
        with contextlib.suppress(OSError):
            machine.run(["sysctl", "-qw", "vm.drop_caches=2"])
            machine.run(command)


def _lower(machine: Machine) -> Path:
    return machine.root / LOWER if is_on(machine) else machine.root


def _can_be(machine: Machine) -> None:
    if machine.mounts().get("/data") != "ext4":
        raise CannotShut("no_data")
    for path in ("usr/share/initramfs-tools/scripts/init-bottom/overlayroot", "bin/busybox"):
        if not (machine.root / path).exists():
            raise CannotShut("no_package", path)
    lacking = lacks(machine)
    if lacking and once_a_day(machine, INITRAMFS):
        machine.run(["update-initramfs", "-u", "-k", "all"])
        lacking = lacks(machine)
    if lacking:
        raise CannotShut("no_initramfs", lacking)


def once_a_day(machine: Machine, what: str) -> bool:
    """Whether it is time to try again what writes much to the card and did not help. The mark is in
    RAM: after a start it may be tried."""
    mark = machine.root / "run" / what
    if mark.exists() and time.time() - mark.stat().st_mtime < DAY_S:
        return False
    mark.touch()
    return True


def lacks(machine: Machine) -> str:
    """What an initramfs this machine may start with has not; "" when each has everything."""
    firmware = sorted((machine.root / "boot/firmware").glob("initramfs*"))
    images = firmware or sorted((machine.root / "boot").glob("initrd.img-*"))
    if not images:
        return "no initramfs"
    built_in = any(
        "/overlay.ko" in path.read_text()
        for path in (machine.root / "lib/modules").glob("*/modules.builtin")
    )
    for image in images:
        names = machine.run(["lsinitramfs", str(image)])
        for needed in (*NEEDED, *(() if built_in else ("/overlay.ko",))):
            if needed not in names:
                return f"{image.name} without {needed}"
    return ""
