"""This file proves when a shut root is opened and shut again, and that it is shut at the end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioning.overlay import night as nights
from provisioning.overlay import root as overlay
from provisioning.overlay.night import Night, finish, look, shut
from provisioning.update.alone import alone

# 2:30 at night in Vietnam.
NIGHT = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)
LISTED = "scripts/init-bottom/overlayroot\nusr/bin/busybox\nusr/lib/modules/x/overlay.ko.xz\n"


class Box:
    """A machine in a folder; `fails`: commands that end with an error."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str] = []
        self.fails: set[str] = set()
        self.listed = LISTED
        self.now = NIGHT
        for folder in ("proc", "var/lib/hien-box", "etc/hien", "media/root-ro/etc", "boot", "bin",
                       "usr/share/initramfs-tools/scripts/init-bottom", "run"):  # fmt: skip
            (root / folder).mkdir(parents=True)
        (root / "boot/initrd.img-6.12").touch()
        (root / "bin/busybox").touch()
        (root / "usr/share/initramfs-tools/scripts/init-bottom/overlayroot").touch()
        (root / "var/lib/hien-box/data_partition.txt").write_text("data\n")
        self.start(shut=False)

    def start(self, *, shut: bool) -> None:
        """The mounts of a start with or without the overlay."""
        kind = "overlay" if shut else "ext4"
        (self.root / "proc/mounts").write_text(f"x / {kind} rw 0 0\ny /data ext4 rw 0 0\n")

    def run(self, command: Sequence[str], timeout_s: float = 0) -> str:
        words = " ".join(Path(word).name if "/" in word else word for word in command)
        self.asked.append(words)
        if any(words.startswith(bad) for bad in self.fails):
            raise OSError(words)
        return self.listed if command[0] == "lsinitramfs" else ""

    def night(self) -> Night:
        machine = overlay.Machine(root=self.root, run=self.run)
        return Night(machine, now=lambda: self.now, say=lambda text: None)

    def last_shut(self, days: float) -> None:
        path = self.root / "var/lib/hien-box/maintained"
        path.touch()
        at_s = (self.now - timedelta(days=days)).timestamp()
        os.utime(path, (at_s, at_s))

    @property
    def setting(self) -> Path:
        return self.root / "etc/overlayroot.local.conf"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_an_open_root_is_shut_with_a_start_at_night(box: Box) -> None:
    """Set at once; the start waits until nobody is there."""
    box.now = NIGHT - timedelta(hours=12)
    assert look(box.night()) == "restart"
    assert box.setting.read_text() == overlay.ON
    assert not any("reboot" in words for words in box.asked)
    box.now = NIGHT
    assert look(box.night()) == "shut" and box.asked[-1] == "systemctl --no-block reboot"


@pytest.mark.parametrize("lacks", LISTED.split())
def test_an_initramfs_that_would_fail_open_is_made_anew_or_refused(box: Box, lacks: str) -> None:
    """overlayroot without busybox starts as if nothing were wrong, with the root open."""
    box.listed = LISTED.replace(lacks, "")
    with pytest.raises(overlay.CannotShut, match="no_initramfs"):
        shut(box.night())
    assert "update-initramfs -u -k all" in box.asked and not box.setting.exists()


def test_a_root_that_does_not_come_shut_is_not_tried_every_hour(box: Box) -> None:
    """`overlayroot=disabled` stands in cmdline.txt, as the docs say for a card that does not start:
    one new start a week. When it did help, the next time counts from the beginning."""
    for _ in range(24 * 8):
        look(box.night())
        box.now += timedelta(hours=1)
    assert sum("reboot" in words for words in box.asked) == 2
    assert look(box.night()) == "stays_open"
    box.setting.rename(box.root / "media/root-ro/etc/overlayroot.local.conf")
    box.start(shut=True)
    box.last_shut(1)
    assert look(box.night()) == "" and not (box.root / "var/lib/hien-box/shut-tried").exists()


def test_an_initramfs_that_stays_as_it_is_is_made_anew_once_a_day(box: Box) -> None:
    """A stale one on the boot partition; each try writes 40 MB to the card. By hand it is tried."""
    box.listed = ""
    for _ in range(48):
        assert look(box.night()) == "no_initramfs"
        box.now += timedelta(hours=1)
    assert sum("update-initramfs" in words for words in box.asked) == 1
    mark = box.root / "run/hien-overlay-initramfs"
    os.utime(mark, (mark.stat().st_mtime - 80_000, mark.stat().st_mtime - 80_000))
    look(box.night())
    assert sum("update-initramfs" in words for words in box.asked) == 2


def test_without_the_packages_they_are_asked_for_once_a_day(box: Box) -> None:
    (box.root / "bin/busybox").unlink()
    box.fails = {"apt-get"}
    for _ in range(3):
        assert look(box.night()) == "no_package"
    assert sum("apt-get" in words for words in box.asked) == 1


def test_without_a_data_partition_nothing_is_ever_shut(box: Box) -> None:
    """Everything a house keeps would be gone with each start."""
    (box.root / "proc/mounts").write_text("x / ext4 rw 0 0\n")
    with pytest.raises(overlay.CannotShut, match="no_data"):
        shut(box.night())
    (box.root / "var/lib/hien-box/data_partition.txt").write_text("root_fills_card\n")
    assert look(box.night()) == "" and not box.setting.exists()


@pytest.mark.parametrize(
    ("days", "hour", "opened"),
    [(3, 2, False), (8, 2, True), (8, 10, False), (8, 21, False), (22, 21, True), (22, 10, False)],
)
def test_once_a_week_at_night_and_late_in_the_day_when_it_was_never_on_at_night(
    box: Box, days: float, hour: int, opened: bool
) -> None:
    shut(box.night())
    box.setting.rename(box.root / "media/root-ro/etc/overlayroot.local.conf")
    box.start(shut=True)
    box.now = NIGHT.replace(hour=0, minute=0) + timedelta(hours=hour - 7)
    box.last_shut(days)
    assert (look(box.night()) == "open") is opened
    lower = box.root / "media/root-ro/etc/overlayroot.local.conf"
    assert lower.exists() is not opened
    assert box.night().mark.exists() is opened
    if opened:  # the root under the overlay is written, and shut again behind it
        assert [w for w in box.asked if w.startswith("mount")] == [
            "mount -o remount,rw root-ro", "mount -o remount,ro root-ro",
        ]  # fmt: skip


@pytest.mark.parametrize("fails", ["mount -o remount,ro", "sysctl"])
def test_a_busy_root_does_not_keep_the_machine_from_its_night(box: Box, fails: str) -> None:
    """What the devices room has looked at and is gone keeps the lower root busy (seen in the lab:
    the root was opened, and the machine not started anew). It is asked again when the kernel has
    forgotten; and started anew whatever that gives."""
    shut(box.night())
    box.setting.rename(box.root / "media/root-ro/etc/overlayroot.local.conf")
    box.start(shut=True)
    box.last_shut(8)
    box.fails = {"mount -o remount,ro", fails}
    assert look(box.night()) == "open"
    assert box.asked[-1] == "systemctl --no-block reboot"
    tries = [words for words in box.asked if words.startswith(("mount -o remount,ro", "sysctl"))]
    assert tries[:2] == ["mount -o remount,ro root-ro", "sysctl -qw vm.drop_caches=2"]
    assert len(tries) == (2 if fails == "sysctl" else 3)


@pytest.mark.parametrize("fails", [set(), {"apt-get", "unattended-upgrade"}, {"dpkg", "install"}])
def test_the_night_ends_with_the_root_shut_whatever_fails(box: Box, fails: set[str]) -> None:
    box.fails = fails
    box.night().mark.write_text('{"tries": 0}')
    assert finish(box.night()) == "done"
    names = [words.split()[0] for words in box.asked]
    assert names[:5] == ["dpkg", "apt-get", "unattended-upgrade", "apt-get", "install"]
    assert box.asked[-1] == "systemctl --no-block reboot"
    assert box.setting.exists() and not box.night().mark.exists()
    assert box.night().since_s() < 1e6


def test_a_power_cut_amid_it_goes_on_and_not_for_ever(box: Box) -> None:
    """Cut off each time while updating: the fourth start updates nothing, and shuts the root."""

    def cut(command: Sequence[str], timeout_s: float = 0) -> str:
        raise KeyboardInterrupt

    box.night().mark.write_text('{"tries": 0}')
    for tries in (1, 2, 3):
        machine = overlay.Machine(root=box.root, run=cut)
        with pytest.raises(KeyboardInterrupt):
            nights._update(Night(machine, say=lambda text: None))
        box.night().mark.write_text(f'{{"tries": {tries}}}')
    assert finish(box.night()) == "late"
    assert not any("unattended" in words for words in box.asked) and box.setting.exists()


def test_a_mark_with_the_root_shut_is_only_taken_away(box: Box) -> None:
    """The power went between the mark and the opening."""
    box.night().mark.write_text('{"tries": 0}')
    box.start(shut=True)
    assert finish(box.night()) == "shut"
    assert not box.night().mark.exists() and box.asked == []


def test_an_update_s_trial_is_not_cut_off(box: Box) -> None:
    """A start of ours, amid it, would count against a good release."""
    with alone(box.root / "var/lib/hien-box"):
        assert look(box.night()) == "restart"
    assert not any("reboot" in words for words in box.asked)
    assert look(box.night()) == "shut"


def test_nobody_s_visit_is_cut_off(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights.moment, "busy", lambda database: True)
    assert look(box.night()) == "restart"
    box.night().mark.write_text('{"tries": 0}')
    finish(box.night())
    assert not any("reboot" in words for words in box.asked)
