"""This file holds what the installer lays into /etc to what the system reads there, and when."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ETC = Path(__file__).resolve().parents[2] / "provisioning/machine/etc"
TMPFILES = ETC.parents[2] / "systemd/tmpfiles.d/hien.conf"
RULES = sorted((ETC / "udev/rules.d").iterdir())
# Where Debian's udev (252 and 257) puts what a device is into its properties: a rule that is read
# before sees nothing and never fits. usb_device has its ID_USB_INTERFACES from 50-udev-default.
KNOWN_AFTER = {"ID_BUS": "60-persistent-storage", "ID_FS_TYPE": "60-persistent-storage",
               "ID_USB_INTERFACES": "50-udev-default"}  # fmt: skip
ACTS = "99-systemd"


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_is_read_after_what_it_asks_for_is_known(path: Path) -> None:
    """udev reads all rules in the order of the files' names. Beside the printers' rules, which come
    early, the stick's could never fit: what is on it was found out two files later."""
    for line in path.read_text("utf-8").splitlines():
        rule = line.partition("#")[0]
        for name in re.findall(r"ENV\{(\w+)\}(?:==|!=)", rule):
            after = KNOWN_AFTER.get(name)
            assert after or name == "DEVTYPE", f"{name}: who knows it, and from when on?"
            assert after is None or path.stem > after, f"{path.name} asks {name} before {after}"
        if "SYSTEMD_WANTS" in rule:
            assert path.stem < ACTS, f"{path.name} is read after systemd's own"


def test_there_is_a_rule_for_a_stick() -> None:
    """And it begins the unit that mounts it."""
    assert any("hien-stick@%k.service" in path.read_text("utf-8") for path in RULES)


def test_the_remount_of_a_shut_root_is_not_left_to_fstab() -> None:
    """Debian 13's systemd-remount-fs fails on an overlay; where the kernel is told ro (GRUB) the
    root would stay read-only. By its source it can be remounted; elsewhere systemd does it."""
    drop_in = ETC / "systemd/system/systemd-remount-fs.service.d/hien.conf"
    _, command = re.findall(r"^ExecStart=(.*)$", drop_in.read_text("utf-8"), re.M)
    open_root, shut_root = command.strip("'").split("; exec ")
    assert open_root.endswith("-q /media/root-ro || exec /usr/lib/systemd/systemd-remount-fs")
    assert shut_root == "mount -o remount,rw overlayroot /"


def test_the_stick_that_is_in_is_left_as_it_is() -> None:
    """systemd-tmpfiles gives a folder that is there its owner, and cannot where a FAT stick is
    mounted: seen in the lab, each release that came by a stick was refused for that, for ever."""
    [line] = [one for one in TMPFILES.read_text("utf-8").splitlines() if " /media/hien " in one]
    kind, _, *of_new_ones, _ = line.split()
    assert kind == "d" and all(value.startswith(":") for value in of_new_ones)
