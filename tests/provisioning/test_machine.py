"""This file holds what the installer lays into /etc to what the system reads there, and when."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ETC = Path(__file__).resolve().parents[2] / "provisioning/machine/etc"
RULES = sorted((ETC / "udev/rules.d").iterdir())
# Where Debian's udev (252 and 257) puts what a device is into its properties: a rule that is read
# before sees nothing and never fits. usb_device has its ID_USB_INTERFACES from 50-udev-default.
KNOWN_AFTER = {"ID_BUS": "60-persistent-storage", "ID_FS_TYPE": "60-persistent-storage",
               "ID_USB_INTERFACES": "50-udev-default"}  # fmt: skip
ACTS = "99-systemd"


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_is_read_after_what_it_asks_for_is_known(path: Path) -> None:
    """udev reads all rules in the order of the files' names. Seen in a VM: beside the printers'
    rules, which come early, the stick's never fitted, and no stick was mounted."""
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
