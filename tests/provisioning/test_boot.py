"""This file proves that a release which does not start well gives way to the one before, once."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from provisioning.update.alone import alone

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "1.0.0+aaaa", "1.1.0+bbbb"


class Box:
    """Two releases, the new one current; `installed` is what an installer was run for."""

    def __init__(self, folder: Path) -> None:
        self.home, self.state = folder / "opt", folder / "state"
        self.state.mkdir()
        (folder / "bin").mkdir()
        systemctl = folder / "bin/systemctl"
        systemctl.write_text("#!/bin/sh\n")
        systemctl.chmod(0o755)
        for name in (OLD, NEW):
            slot = self.home / "releases" / name
            (slot / "provisioning").mkdir(parents=True)
            (slot / ".whole").touch()
            script = slot / "provisioning/install"
            script.write_text(f"#!/bin/sh\necho {name} $1 >>{folder}/installed\n")
            script.chmod(0o755)
        (self.home / "current").symlink_to(f"releases/{NEW}")
        self.settings = folder / "hien.toml"
        self.settings.touch()
        self.log = folder / "installed"
        self._path = f"{folder}/bin:{os.environ['PATH']}"

    def run(self, what: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ROOT / "provisioning/boot"), what],
            env={
                "PATH": self._path, "HIEN_HOME": str(self.home), "HIEN_BOX_STATE": str(self.state),
                "HIEN_CONFIG": str(self.settings), "HIEN_BOOT_TRIES": "14", "HIEN_BOOT_STEP_S": "0",
            },
            capture_output=True,
            text=True,
        )  # fmt: skip

    def current(self) -> str:
        return (self.home / "current").readlink().name

    def installed(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.fixture
def healthz(box: Box) -> Iterator[list[bool]]:
    """The house's page; append what it says to the list, True for well. The last stays."""
    says = [True]

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            well = says.pop(0) if len(says) > 1 else says[0]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"ok": well}).encode())

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    box.settings.write_text(f"[web]\nport = {server.server_port}\n")
    yield says
    server.shutdown()
    server.server_close()


def test_after_two_starts_in_vain_the_one_before_runs(box: Box) -> None:
    """With its own units; and the one that did not start is not taken in again."""
    for _ in range(2):
        assert box.run("count").returncode == 0 and box.current() == NEW
    assert box.run("count").returncode == 0 and box.current() == OLD
    assert box.installed() == [f"{OLD} --no-start"]
    assert (box.state / "refused").read_text().split() == [NEW]


def test_a_release_that_was_well_once_is_believed_for_good(box: Box, healthz: list[bool]) -> None:
    """Somebody pulls the plug ten times in a row later: that says nothing about the release. And
    nothing is written any more."""
    box.run("count")
    assert box.run("ok").returncode == 0
    before = sorted((p.name, p.stat().st_mtime_ns) for p in box.state.rglob("*"))
    for _ in range(10):
        assert box.run("count").returncode == 0
    assert box.run("ok").returncode == 0
    assert box.current() == NEW and box.installed() == []
    assert sorted((p.name, p.stat().st_mtime_ns) for p in box.state.rglob("*")) == before


def test_a_house_that_is_well_only_now_and_then_is_not_believed(
    box: Box, healthz: list[bool]
) -> None:
    healthz[:] = [True, True, False] * 10
    said = box.run("ok")
    assert said.returncode == 1 and "has not been well" in said.stderr


def test_without_another_release_this_one_stays(box: Box) -> None:
    """Half a release is no way back; a house without pages is worse than one that tries."""
    (box.home / "releases" / OLD / ".whole").unlink()
    for _ in range(5):
        said = box.run("count")
        assert said.returncode == 0 and box.current() == NEW
    assert "there is no other" in said.stdout


def test_a_release_that_was_refused_is_not_gone_back_to(box: Box) -> None:
    """What an update went back from lies in its slot still, and may be the newest."""
    (box.state / "refused").write_text(f"0.0.1+none\n{OLD}\n")
    for _ in range(4):
        box.run("count")
    assert box.current() == NEW


def test_one_that_started_well_is_preferred(box: Box) -> None:
    third = box.home / "releases/1.0.5+cccc"
    subprocess.run(["cp", "-r", str(box.home / "releases" / OLD), str(third)], check=True)
    (box.state / "boots").mkdir()
    (box.state / "boots" / f"{OLD}.ok").touch()
    for _ in range(3):
        box.run("count")
    assert box.current() == OLD


def test_a_trial_that_its_own_release_could_not_end_is_ended(box: Box) -> None:
    """The power went in the trial, and the new release's command does not run: without this the box
    would start it for ever, and take no update any more."""
    (box.state / "pending.json").write_text(json.dumps({"from": OLD, "to": NEW}))
    said = box.run("count")
    assert said.returncode == 0 and box.current() == OLD, said.stderr
    assert box.installed() == [f"{OLD} --no-start"] and not (box.state / "pending.json").exists()
    assert (box.state / "refused").read_text().split() == [NEW]
    assert box.run("count").returncode == 0 and box.current() == OLD


def test_a_trial_cut_off_before_the_switch_refuses_nobody(box: Box) -> None:
    """The release of before runs, and is believed: the note alone would keep updates away."""
    (box.state / "boots").mkdir()
    (box.state / "boots" / f"{NEW}.ok").touch()
    (box.state / "pending.json").write_text(json.dumps({"from": NEW, "to": "1.2.0+cccc"}))
    assert box.run("count").returncode == 0 and box.current() == NEW
    assert not (box.state / "pending.json").exists() and not (box.state / "refused").exists()


def test_an_update_under_way_is_left_alone(box: Box) -> None:
    (box.state / "pending.json").write_text(json.dumps({"from": OLD, "to": NEW}))
    with alone(box.state):
        assert box.run("count").returncode == 0
    assert box.current() == NEW and (box.state / "pending.json").exists()


@pytest.mark.parametrize("note", ["{}", '{"from": "9.9.9+gone", "to": "x"}', "\0rubbish"])
def test_a_note_that_leads_nowhere_is_taken_away(box: Box, note: str) -> None:
    (box.state / "pending.json").write_text(note)
    assert box.run("count").returncode == 0 and box.current() == NEW
    assert not (box.state / "pending.json").exists()


def test_rubbish_in_the_count_does_no_harm(box: Box) -> None:
    (box.state / "boots").mkdir(exist_ok=True)
    (box.state / "boots" / NEW).write_text("rubbish\n")
    assert box.run("count").returncode == 0 and box.current() == NEW


class Clock:
    """A root whose system was made at `MADE`, and a clock that says `now`."""

    MADE, YEAR_S = 1_790_000_000, 31_557_600

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = folder / "var/lib/hien/hien.db-wal"
        for path in (self.table, folder / "usr/lib/os-release", folder / "bin/date"):
            path.parent.mkdir(parents=True)
            path.touch()
        self.dated(folder / "usr/lib/os-release", self.MADE)
        (folder / "bin/date").write_text(
            f'#!/bin/sh\n[ "$1" = +%s ] && cat {folder}/now || echo "$@" >{folder}/set\n'
        )
        (folder / "bin/date").chmod(0o755)

    def dated(self, path: Path, at_s: float) -> None:
        os.utime(path, (at_s, at_s))
        os.utime(path.parent, (1e9, 1e9))

    def run(self, *words: str, now: int = 1_000_000_000) -> str:
        """What the clock was set to; "" when it was left alone."""
        (self.folder / "now").write_text(str(now))
        (self.folder / "set").unlink(missing_ok=True)
        subprocess.run(
            [str(ROOT / "provisioning/clock_floor"), *words],
            env={
                "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                "HIEN_CLOCK_ROOT": str(self.folder),
                "HIEN_CLOCK_TOLD": str(self.folder / "told"),
            },
            check=True,
        )
        return (self.folder / "set").read_text() if (self.folder / "set").exists() else ""


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


def test_the_clock_is_never_behind_what_was_written(clock: Clock) -> None:
    """2001, and the table of yesterday: yesterday. A clock that is ahead is left alone."""
    clock.dated(clock.table, 1_795_000_000)
    assert clock.run() == "-s @1795000000\n"
    assert clock.run(now=1_795_000_001) == ""
    (clock.folder / "usr/lib/os-release").unlink()  # a system that cannot be asked
    assert clock.run() == "-s @1795000000\n"


def test_a_clock_that_was_far_ahead_once_does_not_come_back(clock: Clock) -> None:
    """One file of 2099 is not heard; what else was written is. Four years without an update are."""
    clock.dated(clock.table, 4_070_908_800)
    assert clock.run() == ""
    other = clock.folder / "var/lib/hien/other"
    other.touch()
    clock.dated(other, clock.MADE + 4 * clock.YEAR_S)
    assert clock.run() == f"-s @{clock.MADE + 4 * clock.YEAR_S}\n"


def test_what_is_dated_ahead_is_dated_anew_when_the_network_told_the_time(clock: Clock) -> None:
    """A year ahead is within what is heard. Without the network's word nothing is touched; nor is
    ever what is not ahead."""
    old = clock.folder / "var/lib/hien/old"
    old.touch()
    clock.dated(old, 1_700_000_000)
    ahead_s = time.time() + clock.YEAR_S
    clock.dated(clock.table, ahead_s)
    clock.run("back")
    assert clock.table.stat().st_mtime == ahead_s
    (clock.folder / "told").touch()
    clock.run("back")
    assert abs(clock.table.stat().st_mtime - time.time()) < 3600
    assert old.stat().st_mtime == 1_700_000_000
