"""This file proves how a fresh card is divided: the sums, and the real tools on an image's disk."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "provisioning/first_boot/card/data_partition.py"
MIB = 2048  # sectors
GIB = 1024 * MIB
NODES = "/dev/mmcblk0p"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("data_partition_under_test", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


card = _load()


def table(root_mib: int = 2700, label: str = "dos", more: Sequence[int] = ()) -> dict[str, Any]:
    """As Raspberry Pi OS is flashed: 512 MiB to start from, the root. `more`: start sectors."""
    parts = [
        {"node": f"{NODES}1", "start": 16384, "size": 512 * MIB, "type": "c"},
        {"node": f"{NODES}2", "start": 1064960, "size": root_mib * MIB, "type": "83"},
        *({"node": f"{NODES}{n}", "start": at, "size": MIB} for n, at in enumerate(more, 3)),
    ]
    return {"label": label, "sectorsize": 512, "partitions": parts}


@pytest.mark.parametrize("card_gib", [14.5, 29.1, 58.2, 119.0, 3000.0])
@pytest.mark.parametrize("label", ["dos", "gpt"])
def test_the_rest_of_the_card_is_for_the_data(card_gib: float, label: str) -> None:
    """6 GiB of root; whole erase blocks; nothing overlaps, nothing reaches past the end."""
    sectors = int(card_gib * GIB)
    found = card.plan(table(label=label), f"{NODES}2", sectors)
    assert found.data_start == 1064960 + found.root_size
    assert 6 * GIB <= found.root_size < 6 * GIB + 4 * MIB
    assert found.data_start % (4 * MIB) == 0 and found.data_size % (4 * MIB) == 0
    end = found.data_start + found.data_size
    assert end <= sectors - MIB
    assert label == "gpt" or end < 2**32
    assert end > min(sectors, 2**32) - 8 * MIB


def test_a_root_that_is_larger_already_keeps_its_size() -> None:
    found = card.plan(table(root_mib=9000), f"{NODES}2", 29 * GIB)
    assert 9000 * MIB <= found.root_size < 9004 * MIB


@pytest.mark.parametrize(
    ("given", "card_gib", "why"),
    [
        (table(root_mib=14000), 14.5, card.FULL),
        (table(), 7.3, card.SMALL),
        (table(more=[20 * GIB]), 29, card.STRANGE),
        (table(label="sun"), 29, card.STRANGE),
        ({"label": "dos", "partitions": []}, 29, card.STRANGE),
    ],
)
def test_a_card_without_room_is_left_alone(
    given: dict[str, Any], card_gib: float, why: str
) -> None:
    with pytest.raises(card.NoRoom, match=why):
        card.plan(given, f"{NODES}2", int(card_gib * GIB))


def test_fstab_names_what_is_kept_once() -> None:
    """However often it is written; others' lines stay; a card that does not come stops no start."""
    old = "proc /proc proc defaults 0 0\nPARTUUID=8d29df8b-02 / ext4 defaults,noatime 0 1\n"
    new = card.fstab(card.fstab(old, "1111"), "2222")
    lines = new.splitlines()
    assert lines[:2] == old.splitlines() and "1111" not in new
    assert [line.split()[1] for line in lines[2:]] == ["/data", *card.KEPT]
    assert all(
        "nofail" in line and "x-systemd.before=local-fs.target" in line for line in lines[2:]
    )


def _has_power(number: int) -> bool:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if "CapEff" in x)
    return bool(int(line.split()[1], 16) >> number & 1)


# Containers that are root often may not grow a file system in use; then this one step is left out.
CAN_GROW = _has_power(24)  # CAP_SYS_RESOURCE
CAN = os.geteuid() == 0 and all(map(shutil.which, ("sfdisk", "partx", "losetup", "mkfs.ext4")))


class Cut(Exception):
    """The power goes."""


class Loop:
    """A card in a loop device, its root mounted; device nodes are made as udev would."""

    def __init__(self, folder: Path) -> None:
        self.image, self.root = folder / "card.img", folder / "root"
        self.root.mkdir()
        with self.image.open("wb") as file:
            file.truncate(16_000_000_000)
        said = "label: dos\nstart=16384,size=65536,type=c\nstart=81920,size=262144,type=83\n"
        self.run(["sfdisk", "-q", str(self.image)], said)
        self._was_another_houses(folder / "before")
        self.disk = self.run(["losetup", "--find", "--show", str(self.image)]).strip()
        self.made: list[Path] = []
        self.run(["partx", "--update", self.disk])
        self.nodes(self.disk)
        self.run(["mkfs.ext4", "-q", f"{self.disk}p2"])
        self.run(["mount", f"{self.disk}p2", str(self.root)])
        (self.root / "etc/hien").mkdir(parents=True)
        (self.root / "etc/fstab").write_text("proc /proc proc defaults 0 0\n")
        (self.root / "etc/hien/hien.toml").write_text("[house]\n")

    def _was_another_houses(self, data: Path) -> None:
        """Flashed anew: the table is that of an image, the old data lies where it lay."""
        for name, text in (("etc/hien/hien.toml", "[old]\n"), ("var/lib/hien-box/old", "")):
            (data / "keep" / name).parent.mkdir(parents=True)
            (data / "keep" / name).write_text(text)
        parts = json.loads(self.run(["sfdisk", "--json", str(self.image)]))["partitiontable"]
        root = parts["partitions"][-1]["node"]
        place = card.plan({"sectorsize": 512} | parts, root, self.image.stat().st_size // 512)
        self.run(["mkfs.ext4", "-q", "-F", "-d", str(data),
                  "-E", f"offset={place.data_start * 512},lazy_itable_init=1",
                  str(self.image), f"{place.data_size // 2}k"])  # fmt: skip
        self.data_start = place.data_start

    def run(self, command: Sequence[str], said: str | None = None) -> str:
        if command[0] == "resize2fs" and not CAN_GROW:
            return ""
        return str(card._run(command, said))

    def nodes(self, disk: str) -> None:
        for entry in Path("/sys/class/block").glob(f"{Path(self.disk).name}p*"):
            node = Path("/dev") / entry.name
            if not node.exists():
                major, minor = (entry / "dev").read_text().strip().split(":")
                os.mknod(node, 0o600 | 0o060000, os.makedev(int(major), int(minor)))
                self.made.append(node)

    def machine(self, run: Any = None) -> Any:
        return card.Machine(root=self.root, run=run or self.run, appeared=self.nodes)

    def unmount(self) -> None:
        """As the power going takes every mount but the root's with it."""
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            at = line.split()[1]
            if at.startswith(f"{self.root}/"):
                subprocess.run(["umount", at], check=True)

    def close(self) -> None:
        self.unmount()
        subprocess.run(["umount", self.root], check=False)
        subprocess.run(["losetup", "-d", self.disk], check=False)
        for node in self.made:
            node.unlink(missing_ok=True)


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    if not CAN:
        pytest.skip("needs root, fdisk, losetup and mkfs.ext4")
    try:
        made = Loop(tmp_path)
    except OSError as error:
        pytest.skip(f"this machine has no loop devices with partitions: {error}")
    yield made
    made.close()


def _is_right(loop: Loop) -> None:
    for path in (card.DATA, *card.KEPT):
        assert os.path.ismount(loop.root / path[1:]), path
    data = os.stat(loop.root / "data").st_dev
    assert data == os.stat(loop.root / "etc/hien").st_dev != os.stat(loop.root).st_dev
    assert (loop.root / "etc/hien/hien.toml").read_text() == "[house]\n"
    assert (loop.root / "var/lib/hien-box/data_partition.txt").read_text() == "data\n"
    assert not (loop.root / "var/lib/hien-box/old").exists()
    size = int(Path("/sys/class/block", f"{Path(loop.disk).name}p2", "size").read_text())
    assert 6 * GIB <= size < 6 * GIB + 4 * MIB  # grown while in use
    assert not CAN_GROW or shutil.disk_usage(loop.root).total > 5.5 * 2**30
    assert shutil.disk_usage(loop.root / "data").total > 7 * 2**30


def test_a_card_is_divided_by_the_real_tools(loop: Loop) -> None:
    """The root grows while it is in use, the data lies beside it; a second time changes nothing."""
    assert card.make(loop.machine()) == card.DONE
    _is_right(loop)
    before = (loop.root / "etc/fstab").read_text()
    commands: list[Sequence[str]] = []
    assert card.make(loop.machine(lambda command, said=None: commands.append(command))) == card.DONE
    assert commands == [] and (loop.root / "etc/fstab").read_text() == before


def test_a_flashed_card_is_not_the_house_it_was(loop: Loop) -> None:
    """The fixture's card lay in another house: its data is where ours will be (else this would show
    nothing), and is not taken for ours."""
    with loop.image.open("rb") as image:
        image.seek(loop.data_start * 512 + 1080)
        assert image.read(2) == b"\x53\xef"
    assert card.make(loop.machine()) == card.DONE
    _is_right(loop)


def test_a_divided_card_whose_table_lost_the_part_keeps_its_data(loop: Loop) -> None:
    """The part is entered again where it lay; what is on it is this house's."""
    assert card.make(loop.machine()) == card.DONE
    (loop.root / "var/lib/hien/kept").touch()
    loop.unmount()
    grown = loop.run(["sfdisk", "--dump", loop.disk]).splitlines()
    without = [line for line in grown if not line.startswith(f"{loop.disk}p3")]
    assert len(without) == len(grown) - 1
    loop.run(["sfdisk", "-q", "--no-reread", "--force", loop.disk], "\n".join(without) + "\n")
    loop.run(["partx", "--update", loop.disk])
    assert card.make(loop.machine()) == card.DONE
    _is_right(loop)
    assert (loop.root / "var/lib/hien/kept").exists()


def test_a_part_that_was_a_houses_data_is_never_made_anew(loop: Loop) -> None:
    """Its first block is gone, so it looks like nothing; what lies behind can still be mended."""
    assert card.make(loop.machine()) == card.DONE
    loop.unmount()
    with Path(f"{loop.disk}p3").open("r+b") as node:
        node.write(bytes(8192))
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], said: str | None = None) -> str:
        commands.append(command)
        return loop.run(command, said)

    with pytest.raises(OSError, match="never made anew"):
        card.make(loop.machine(run))
    assert not [command for command in commands if command[0].startswith("mkfs")]
    # What hien-data does then (provisioning/data_there.py): the house's data is back.
    assert subprocess.run(["e2fsck", "-f", "-y", f"{loop.disk}p3"], check=False).returncode < 4
    assert card.make(loop.machine()) == card.DONE
    _is_right(loop)


@pytest.mark.slow
def test_the_power_may_go_after_any_step(tmp_path: Path) -> None:
    """Cut off at each command in turn, begun anew: always the same card at the end."""
    if not CAN:
        pytest.skip("needs root, fdisk, losetup and mkfs.ext4")
    for step in range(1, 60):
        folder = tmp_path / str(step)
        folder.mkdir()
        loop, left = Loop(folder), step

        def cut(command: Sequence[str], said: str | None = None, loop: Loop = loop) -> str:
            nonlocal left
            left -= 1
            if left < 0:
                raise Cut
            return loop.run(command, said)

        try:
            try:
                card.make(loop.machine(cut))
            except Cut:
                loop.unmount()
                assert card.make(loop.machine()) == card.DONE
            else:
                assert step > 10
                return
            _is_right(loop)
        finally:
            loop.close()
            loop.image.unlink()
    raise AssertionError("it never came to an end")
