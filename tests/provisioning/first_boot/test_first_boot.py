"""This file proves what the card's own script does before anything of ours is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import ModuleType

import pytest

from tests.provisioning.update.releases import Machine

SCRIPT = Path(__file__).resolve().parents[3] / "provisioning/first_boot/card/first_boot.py"
CARD = "version = 1\nhouse = 'khu-pho-3'\nwelcome = 'https://x'\n"


@pytest.fixture
def boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with this test's folders for the machine's."""
    spec = importlib.util.spec_from_file_location("first_boot_under_test", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    spec.loader.exec_module(module)
    for name, where in (
        ("STATE", "state"), ("KEYS", "keys"), ("HIEN", "no-hien"),
        ("DIVIDE", "no-divide"), ("SHUT", "no-shut"), ("CURRENT", "no-current"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, tmp_path / where)
    plainly = sys.modules["plainly"]
    monkeypatch.setattr(plainly, "PRINTER", tmp_path / "lp0")
    monkeypatch.setattr(plainly, "LIGHT", tmp_path / "led")
    monkeypatch.setattr(module, "PORT", 0)
    monkeypatch.setattr(module, "ROOM_BYTES", 0)
    (tmp_path / "led").mkdir()
    (tmp_path / "lp0").touch()
    (tmp_path / "card").mkdir()
    return module


def put_release(tmp_path: Path) -> Path:
    """A signed release on the card, whose installer says what is asked of it."""
    machine = tmp_path / "machine"
    machine.mkdir()
    path = tmp_path / "card/1.1.0.hien"
    path.write_bytes(Machine(machine).release("1.1.0").read_bytes())
    return path


def test_the_release_is_laid_out_whole_or_not_at_all(boot: ModuleType, tmp_path: Path) -> None:
    path = put_release(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "card/update-keys").mkdir()
    (tmp_path / "card/update-keys/current.pem").write_text("key")
    whole = path.read_bytes()
    at = whole.index(b"compileall")  # inside one of the files
    path.write_bytes(whole[:at] + b"X" + whole[at + 1 :])
    with pytest.raises(boot.StepFailed, match="bị hỏng"):
        boot.unpack(tmp_path / "card")
    path.write_bytes(whole[:at])
    with pytest.raises(boot.StepFailed, match="Chép lại thẻ"):
        boot.unpack(tmp_path / "card")
    assert not (tmp_path / "state/release").exists()
    path.write_bytes(whole)
    boot.unpack(tmp_path / "card")
    assert (tmp_path / "state/release/hien").stat().st_mode & 0o100
    assert (tmp_path / "keys/current.pem").read_text() == "key"


def test_a_step_that_fails_is_told_everywhere_once(boot: ModuleType, tmp_path: Path) -> None:
    """On the card, on paper in letters any printer has, by the light; and it is tried again."""
    (tmp_path / "card/card.toml").write_text("version = 1")
    for _ in range(2):
        with pytest.raises(SystemExit):
            boot.main(tmp_path / "card")
    said = (tmp_path / "card/status.txt").read_text("utf-8-sig")
    assert "Bước 1/5 (đọc thẻ) chưa xong" in said and "Làm thẻ mới ở phường" in said
    printed = (tmp_path / "lp0").read_bytes()
    assert printed.count(b"MAY MOI") == 1 and b"Buoc 1/5 (doc the) chua xong" in printed
    assert (tmp_path / "led/trigger").read_text() == "timer"
    assert not (tmp_path / "state/done").exists()


def test_each_step_goes_on_where_the_last_try_ended(
    boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network comes late: the second try does not unpack again, and ends with `done`."""
    put_release(tmp_path)
    (tmp_path / "card/card.toml").write_text("\ufeff" + CARD.replace("\n", "\r\n"))
    asked: list[list[str]] = []
    fails = [True]

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        bad = command[1:2] == ["join"] and fails[0]
        return subprocess.CompletedProcess(command, int(bad), "", "Error: Chưa gọi được phường\n")

    monkeypatch.setattr(boot.subprocess, "run", run)
    with pytest.raises(SystemExit):
        boot.main(tmp_path / "card")
    assert "Bước 5/5" in (tmp_path / "card/status.txt").read_text("utf-8-sig")
    fails[0] = False
    (tmp_path / "card/1.1.0.hien").unlink()
    boot.main(tmp_path / "card")
    assert (tmp_path / "state/done").exists()
    assert [c[-1] for c in asked if c[0].endswith("install")] != []
    assert "sẵn sàng" in (tmp_path / "card/status.txt").read_text("utf-8-sig")
    assert (tmp_path / "led/trigger").read_text() == "mmc0"


class Rooms:
    """What is asked of the machine, whose rooms are `up` or not; `fails`: commands that do."""

    def __init__(self, waits: Path) -> None:
        self.asked: list[str] = []
        self.up, self.fails, self.waits = False, {""}, waits
        self.held: list[bool] = []

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        words = " ".join([Path(command[0]).name, *command[1:2]])
        bad = words in self.fails
        if words == "systemctl is-active":
            bad = not self.up
        else:
            self.asked.append(words)
            self.held.append(self.waits.exists())
        return subprocess.CompletedProcess(command, int(bad), "", "x")


@pytest.fixture
def rooms(boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rooms:
    """A card with the data of a box before."""
    put_release(tmp_path)
    (tmp_path / "card/card.toml").write_text(CARD)
    (tmp_path / "card/restore.age").write_bytes(b"sealed")
    rooms = Rooms(tmp_path / "state/waits")
    monkeypatch.setattr(boot.subprocess, "run", rooms)
    return rooms


def test_old_data_is_there_before_the_rooms_start(
    boot: ModuleType, tmp_path: Path, rooms: Rooms
) -> None:
    """A table that has counted something since this start takes no backup: so first the data, then
    the rooms, then the ward; and not a second time."""
    rooms.fails = {"no-hien join"}
    with pytest.raises(SystemExit):
        boot.main(tmp_path / "card")
    assert rooms.asked == ["install --no-start", "no-hien restore", "install", "no-hien join"]
    (tmp_path / "card/restore.age").unlink()
    rooms.fails = set()
    boot.main(tmp_path / "card")
    assert rooms.asked[4:] == ["install", "no-hien join"]


@pytest.mark.parametrize("cut", ["install --no-start", "no-hien restore", "install"])
def test_no_room_starts_before_the_old_data_whatever_is_cut_off(
    boot: ModuleType, tmp_path: Path, rooms: Rooms, cut: str
) -> None:
    """The installer has enabled them: without the mark they would start with the machine, count in
    an empty table, and the old data could never come. Gone before they are to start."""
    rooms.fails = {cut}
    with pytest.raises(SystemExit):
        boot.main(tmp_path / "card")
    assert (tmp_path / "state/waits").exists() is (cut != "install")
    rooms.fails = set()
    boot.main(tmp_path / "card")
    assert (tmp_path / "state/done").exists() and not (tmp_path / "state/waits").exists()
    held = dict(zip(rooms.asked, rooms.held, strict=True))
    assert held["install --no-start"] and held["no-hien restore"] and not held["install"]


def test_a_cut_between_the_data_and_the_mark_holds_nobody(
    boot: ModuleType, tmp_path: Path, rooms: Rooms
) -> None:
    (tmp_path / "state").mkdir()
    for mark in ("waits", "restored"):
        (tmp_path / "state" / mark).touch()
    boot.main(tmp_path / "card")
    assert rooms.asked == ["install", "no-hien join"] and rooms.held == [False, False]


def test_rooms_that_run_already_are_not_waited_for(
    boot: ModuleType, tmp_path: Path, rooms: Rooms
) -> None:
    """A box that was made to forget its house, and the card of another: one new start, and then the
    mark keeps them away."""
    rooms.up = True
    with pytest.raises(SystemExit):
        boot.main(tmp_path / "card")
    assert rooms.asked == ["systemctl --no-block"] and rooms.held == [True]
    boot.main(tmp_path / "card")
    assert "systemctl --no-block" not in rooms.asked[1:] and "no-hien restore" in rooms.asked


def test_what_runs_here_is_not_replaced_by_the_first_day_s(
    boot: ModuleType, tmp_path: Path, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card's release is as old as the card; an update may have come before the ward could be
    asked, or before the house was to be forgotten."""
    script = tmp_path / "no-current/provisioning/install"
    script.parent.mkdir(parents=True)
    ran: list[str] = []

    def run(command: list[str], **more: object) -> subprocess.CompletedProcess[str]:
        ran.append(command[0])
        return rooms(command, **more)

    monkeypatch.setattr(boot.subprocess, "run", run)
    (tmp_path / "no-current/.whole").touch()
    boot.main(tmp_path / "card")
    assert str(script) in ran and not (tmp_path / "state/release").exists()


def test_the_card_is_divided_first_and_the_root_shut_last(
    boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is laid on it, and once; a card that cannot be divided is a house all the
    same, whose root stays open."""
    put_release(tmp_path)
    (tmp_path / "card/card.toml").write_text(CARD)
    for name in ("no-divide", "no-shut"):
        (tmp_path / name).touch()
    asked: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(" ".join(Path(word).name for word in command))
        return subprocess.CompletedProcess(command, 3 if "divide" in asked[-1] else 0, "word", "")

    monkeypatch.setattr(boot.subprocess, "run", run)
    boot.main(tmp_path / "card")
    assert asked == ["python3 no-divide", "install", "no-hien join --card card"]
    (tmp_path / "data_partition.txt").write_text("data\n")
    boot.main(tmp_path / "card")
    assert asked[3:] == ["install", "no-hien join --card card", "python3 -I no-shut on"]


def test_the_page_says_how_far_it_is(boot: ModuleType) -> None:
    page = boot._Page.open()
    page.text = "Bước 3/5: cài đặt <b>"
    url = f"http://127.0.0.1:{page._server.server_address[1]}/"
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(url, timeout=5)
    assert answer.value.code == 503 and "cài đặt &lt;b&gt;" in answer.value.read().decode()
    page.close()


def test_it_needs_nothing_but_the_system() -> None:
    """Standard library only: it runs before anything is installed."""
    code = f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import first_boot"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_data_part_that_does_not_open_ends_it(boot: ModuleType, tmp_path: Path) -> None:
    """Going on would lay a second house into the root, which the next start forgets."""
    boot.DIVIDE.write_text("import sys; sys.exit(4)")
    with pytest.raises(SystemExit):
        boot.main(tmp_path / "card")
    assert "phần dữ liệu" in (tmp_path / "card/status.txt").read_text("utf-8-sig")
    assert b"phan du lieu" in (tmp_path / "lp0").read_bytes()
    assert (tmp_path / "led/trigger").read_text() == "timer"
    for code in (0, 1, 3):  # divided; a tool that failed; no room
        boot.DIVIDE.write_text(f"import sys; sys.exit({code})")
        assert boot.divide()


def test_where_it_stands_is_written_in_place(boot: ModuleType, tmp_path: Path) -> None:
    """Always as long, and into the file that the ward has laid: a cut amid a change of FAT's own
    tables made the card read-only, and the first boot never ended (seen in a VM)."""
    path = tmp_path / "card/status.txt"
    lengths = set()
    for text in ("Bước 1/5: đọc thẻ…", "Xong.", "Bước 5/5 " + "ở phường " * 200):
        boot.tell(tmp_path / "card", boot._Page(None), text)
        lengths.add((path.stat().st_ino, path.stat().st_size))
        said = path.read_text("utf-8-sig")
        assert said.strip() == text[: len(said.strip())] and said.endswith("\n")
    assert len(lengths) == 1 and next(iter(lengths))[1] == 500


@pytest.mark.parametrize(("up_s", "reboots"), [(30, False), (700, True)])
def test_a_card_that_takes_no_writes_is_checked_by_a_new_start(
    boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, up_s: int, reboots: bool
) -> None:
    """Not over and over: ten minutes lie between."""
    (tmp_path / "state").mkdir()
    (tmp_path / "uptime").write_text(f"{up_s}.20 1.0\n")
    asked: list[str] = []
    monkeypatch.setattr(boot, "UPTIME", tmp_path / "uptime")
    monkeypatch.setattr(boot, "_run", lambda *words: asked.append(" ".join(words)))
    monkeypatch.setattr(boot.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit):
        boot.fail(tmp_path / "card", boot._Page(None), "hỏng")
    assert asked == (["systemctl --no-block reboot"] if reboots else [])
