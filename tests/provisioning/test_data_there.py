"""This file proves that no room starts without its data, and what is done to bring it back."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROVISIONING = Path(__file__).resolve().parents[2] / "provisioning"
FSTAB = (
    "PARTUUID=8d29df8b-02 / ext4 defaults,noatime 0 1\n"
    "UUID=11-22 /data ext4 noatime,nofail,x-hien 0 2\n"
    "/data/keep/opt/hien /opt/hien none bind,nofail,x-hien 0 0\n"
)
ROOT = (
    "21 1 0:20 / / rw - overlay overlayroot rw\n22 21 179:2 / /media/root-ro ro - ext4 /dev/x ro\n"
)
DATA = "30 21 179:3 / /data rw - ext4 /dev/mmcblk0p3 rw\n"
KEPT = "31 21 179:3 /keep/opt/hien /opt/hien rw - ext4 /dev/mmcblk0p3 rw\n"


class Box:
    """A machine whose commands are written down; `answer` gives each its exit code."""

    def __init__(self, module: ModuleType, folder: Path) -> None:
        self.module, self.folder, self.asked = module, folder, list[str]()
        self.slept = 0
        self.mounts = folder / "mounts"
        self.mounts.write_text(ROOT)

    def run(self, *command: str) -> bool:
        self.asked.append(" ".join(command))
        return self.answer(command)

    def answer(self, command: tuple[str, ...]) -> bool:
        return True


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.syspath_prepend(str(PROVISIONING / "first_boot/card"))
    spec = importlib.util.spec_from_file_location("data_there", PROVISIONING / "data_there.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    (tmp_path / "fstab").write_text(FSTAB)
    made = Box(module, tmp_path)
    for name, where in (
        ("FSTAB", "fstab"), ("MOUNTS", "mounts"), ("BY_UUID", "by-uuid"), ("BLOCKS", "blocks"),
        ("TELL", "run/no-data"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, tmp_path / where)
    monkeypatch.setattr(module, "run", made.run)
    monkeypatch.setattr(sys.modules["plainly"], "PRINTER", tmp_path / "lp0")
    monkeypatch.setattr(sys.modules["plainly"], "LIGHT", tmp_path / "led")
    (tmp_path / "lp0").touch()
    (tmp_path / "led").mkdir()
    return made


@pytest.mark.parametrize("divided", [True, False])
def test_where_all_is_there_nothing_is_done(box: Box, divided: bool) -> None:
    """The usual start, and the machine whose card was never divided."""
    if divided:
        box.mounts.write_text(ROOT + DATA + KEPT)
    else:
        (box.folder / "fstab").write_text(FSTAB.splitlines()[0] + "\n")
    box.module.main()
    assert box.asked == [] and not (box.folder / "run").exists()


def test_a_disk_that_comes_late_is_mounted_and_the_rooms_begin(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile the safe page says so; the firewall and the Wi-Fi read what they could not before.
    One that came soon costs no paper."""
    seen = []

    def wait(_seconds: float) -> None:
        seen.append((box.folder / "run/no-data").read_text())
        if len(seen) == 2:
            box.mounts.write_text(ROOT + DATA + KEPT)

    monkeypatch.setattr(box.module.time, "sleep", wait)
    box.answer = lambda command: command[:2] != ("systemctl", "start")  # type: ignore[method-assign]
    box.module.main()
    assert seen == ["/data /opt/hien\n"] * 2 and not (box.folder / "run/no-data").exists()
    assert box.asked[0] == "systemctl --no-block start hien-safe-page.service"
    assert box.asked[-3:] == [" ".join(command) for command in box.module.LATE]
    assert "hien-web.service" in box.asked[-1] and "hien-firewall.service" in box.asked[-3]
    assert (box.folder / "lp0").read_bytes() == b""


def test_one_that_does_not_come_is_said_once_and_never_given_up(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Enough(Exception): ...

    def wait(_seconds: float) -> None:
        box.slept += 1
        if box.slept == 9:
            raise Enough

    monkeypatch.setattr(box.module.time, "sleep", wait)
    box.answer = lambda command: command[:2] != ("systemctl", "start")  # type: ignore[method-assign]
    with pytest.raises(Enough):
        box.module.main()
    printed = (box.folder / "lp0").read_bytes()
    assert printed.count(b"CHUA MO DUOC DU LIEU") == 1 and b"Dung rut dien" in printed
    assert (box.folder / "led/trigger").read_text() == "timer"
    assert box.asked.count("systemctl start /data") == 9
    assert not [line for line in box.asked if "hien-web" in line]


def _ext4(path: Path) -> Path:
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("needs e2fsprogs")
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-U", "1b4e28ba-2fa1-11d2-883f-0016d3cca427", path],
                   check=True)  # fmt: skip
    return path


def test_a_first_block_that_is_gone_is_mended_by_the_real_tool(box: Box, tmp_path: Path) -> None:
    """The file system is whole again and has its own name, from another superblock."""
    image = _ext4(tmp_path / "card.img")
    with image.open("r+b") as file:
        file.write(bytes(4096))
    assert box.module.mend(str(image))
    said = subprocess.run(["dumpe2fs", "-h", image], capture_output=True, text=True, check=True)
    assert "1b4e28ba-2fa1-11d2-883f-0016d3cca427" in said.stdout


def test_what_cannot_be_mended_is_left_as_it_is(box: Box, tmp_path: Path) -> None:
    """No file system at all: not a byte of it is changed."""
    image = tmp_path / "card.img"
    image.write_bytes(b"\xa5" * 4_000_000)
    assert not box.module.mend(str(image))
    assert image.read_bytes() == b"\xa5" * 4_000_000


def test_without_a_name_it_is_the_last_part_of_the_roots_card(box: Box, tmp_path: Path) -> None:
    """As it was laid; by its UUID where that can be read. Never the root itself."""
    place = box.module.wanted()[0]
    assert (place.source, place.path, place.kind) == ("UUID=11-22", "/data", "ext4")
    card = tmp_path / "sys/mmcblk0"
    for number, start in ((1, 8192), (2, 532480), (3, 13115392)):
        part = card / f"mmcblk0p{number}"
        part.mkdir(parents=True)
        (part / "partition").write_text(f"{number}\n")
        (part / "start").write_text(f"{start}\n")
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks/179:2").symlink_to(card / "mmcblk0p2")
    assert box.module.node_of(place) == "/dev/mmcblk0p3"
    shutil.rmtree(card / "mmcblk0p3")
    assert box.module.node_of(place) is None
    (tmp_path / "by-uuid").mkdir()
    (tmp_path / "by-uuid/11-22").symlink_to("/dev/null")
    assert box.module.node_of(place) == "/dev/null"
