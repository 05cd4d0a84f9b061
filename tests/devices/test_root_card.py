"""This file proves that an overlay that failed open, or data that lies in RAM, is seen and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.core.box_checks import box_checks
from appliance.devices.root_card import root_numbers

OVERLAY = "21 1 0:20 / / rw,relatime - overlay overlayroot rw,lowerdir=/media/root-ro"
PLAIN = "21 1 179:2 / / rw,noatime - ext4 /dev/mmcblk0p2 rw"
# In a room all but its own folders is read-only; the file system itself is not.
DATA = "30 21 179:3 / /data ro,nosuid,nodev,noatime - ext4 /dev/mmcblk0p3 rw,errors=remount-ro"
FSTAB = "UUID=x /data ext4 a,x-hien 0 2\n/data/keep/etc/hien /etc/hien none bind,x-hien 0 0\n"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for folder in ("proc/self", "proc/fs/jbd2/mmcblk0p3-8", "var/lib/hien-box", "etc/hien", "data"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(f"{OVERLAY}\n{DATA}\n")
    (tmp_path / "etc/fstab").write_text("proc /proc proc defaults 0 0\n" + FSTAB)
    (tmp_path / "etc/overlayroot.local.conf").write_text('overlayroot="tmpfs:recurse=0"\n')
    (tmp_path / "var/lib/hien-box/data_partition.txt").write_text("data\n")
    return tmp_path


def state(box: Path) -> tuple[str, str]:
    found = {check.name: check for check in box_checks(root_numbers(box))}["root"]
    return found.state, found.code


def test_a_shut_root_with_its_data_apart_is_well(box: Path) -> None:
    assert root_numbers(box) == {
        "root_overlay": 1, "data_wanted": 1, "data_safe": 1, "data_missing": 0, "root_shut_next": 1,
    }  # fmt: skip
    assert state(box) == ("ok", "")


def test_an_overlay_that_failed_open_is_told(box: Path) -> None:
    """Set, and not there: it comes with the next start. Not set either: somebody must see to it."""
    (box / "proc/self/mountinfo").write_text(f"{PLAIN}\n{DATA}\n")
    assert state(box) == ("unknown", "shuts_later")
    (box / "etc/overlayroot.local.conf").unlink()
    assert state(box) == ("bad", "root_open")


@pytest.mark.parametrize(
    "line",
    [
        "",
        DATA.replace(" rw,errors", " ro,errors"),
        DATA.replace("ext4", "tmpfs"),
        DATA.replace("mmcblk0p3", "mmcblk0p9"),
    ],
)
def test_data_that_is_gone_read_only_in_ram_or_without_journal_is_told(
    box: Path, line: str
) -> None:
    (box / "proc/self/mountinfo").write_text(f"{OVERLAY}\n{line}\n")
    assert state(box) == ("bad", "data_lost")


def test_data_that_did_not_come_takes_its_own_word_with_it_and_is_told(box: Path) -> None:
    """Seen in the lab: the partition came too late, and the house gave numbers out of RAM. What the
    first boot said of it lies on it; fstab, in the root, still wants it."""
    (box / "proc/self/mountinfo").write_text(f"{OVERLAY}\n")
    (box / "var/lib/hien-box/data_partition.txt").unlink()
    assert state(box) == ("bad", "data_lost")


def test_a_folder_that_is_not_kept_is_told(box: Path) -> None:
    with (box / "etc/fstab").open("a") as file:
        file.write("/data/keep/opt/hien /opt/hien none bind,x-hien 0 0\n")
    assert state(box) == ("bad", "not_kept")


def test_a_card_that_could_not_be_divided_is_told_and_another_machine_is_left_in_peace(
    box: Path,
) -> None:
    said = box / "var/lib/hien-box/data_partition.txt"
    said.write_text("root_fills_card\n")
    assert state(box) == ("bad", "no_data")
    said.unlink()
    (box / "etc/fstab").write_text("proc /proc proc defaults 0 0\n")
    assert state(box) == ("unknown", "")
