"""This file proves that the installer lays out a whole root, and the second time changes nothing.

It runs the real script with `--root`: users by systemd-sysusers, folders by systemd-tmpfiles.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from appliance import config

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "provisioning" / "install"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("systemd-sysusers") is None,
    reason="needs root and systemd-sysusers",
)


def install(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [INSTALL, "--root", root], capture_output=True, text=True, check=False, timeout=100
    )


def snapshot(root: Path) -> dict[str, tuple[int, int, int, int]]:
    """Mode, owner, group and time of change of everything that was laid out."""
    found = {}
    for path in root.rglob("*"):
        at = path.lstat()
        # A folder's own time moves with each file that is compared beside its old one.
        changed_ns = 0 if path.is_dir() or path.name == ".pwd.lock" else at.st_mtime_ns
        found[str(path)] = (at.st_mode, at.st_uid, at.st_gid, changed_ns)
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that was installed into once."""
    root = tmp_path_factory.mktemp("box") / "root"
    said = install(root)
    assert said.returncode == 0, said.stderr
    assert said.stdout.rstrip().endswith("install: done.")
    return root


def test_a_second_run_changes_nothing(root: Path) -> None:
    """Idempotent to the time stamp, and it says so."""
    before = snapshot(root)
    said = install(root)
    assert said.stdout.strip() == "install: nothing to do: all is as it should be."
    assert snapshot(root) == before


def test_the_rooms_share_the_table_and_nothing_else(root: Path) -> None:
    """Set-group-id folders, a database file the group can write, a key folder for sync alone."""
    groups = {
        line.split(":")[0]: int(line.split(":")[2])
        for line in (root / "etc/group").read_text().splitlines()
    }
    for path, mode, group in (
        ("var/lib/hien", 0o2770, "hien"),
        ("run/hien", 0o2770, "hien"),
        ("var/lib/hien/hien.db", 0o660, "hien"),
        ("etc/hien", 0o750, "hien"),
        ("etc/hien/hien.toml", 0o640, "hien"),
        ("etc/hien/sync", 0o750, "hien-sync"),
    ):
        at = (root / path).stat()
        assert (stat.S_IMODE(at.st_mode), at.st_gid) == (mode, groups[group]), path
    members = re.search(r"^hien:[^:]*:\d+:(.*)$", (root / "etc/group").read_text(), re.M)
    assert members and set(members[1].split(",")) == {"hien-web", "hien-devices", "hien-sync"}


def test_the_code_is_whole_and_not_for_the_rooms_to_write(root: Path) -> None:
    """Every module is there, owned by root, writable by nobody else."""
    code = root / "opt/hien/current"
    assert code.is_symlink() and os.readlink(code).startswith("releases/")
    code = code.resolve()
    here = {p.relative_to(ROOT) for p in (ROOT / "appliance").rglob("*.py")}
    assert {p.relative_to(code) for p in (code / "appliance").rglob("*.py")} == here
    for path in code.rglob("*"):
        at = path.lstat()
        assert at.st_uid == 0 and (path.is_symlink() or not at.st_mode & 0o022), path
    assert not list(code.rglob("__pycache__"))


def test_the_settings_are_accepted_and_survive(root: Path) -> None:
    """The written file passes the house's check, and a change in it outlives a new run."""
    path = root / "etc/hien/hien.toml"
    settings = config.load(path)
    assert settings["house.id"] != "hien-demo"
    changed = path.read_text().replace(
        'printer = "none:"', 'printer = "tcp://192.0.2.9:9100"  # in the corner'
    )
    path.write_text(changed)
    said = install(root)
    assert "hien-devices.service.d/printer.conf" in said.stdout
    assert path.read_text() == changed
    drop_in = root / "etc/systemd/system/hien-devices.service.d/printer.conf"
    assert drop_in.read_text() == "[Service]\nIPAddressAllow=192.0.2.9\n"
    path.write_text(changed.replace("tcp://192.0.2.9:9100", "none:"))
    install(root)
    assert not drop_in.exists()


CUT = """#!/bin/sh
/bin/mv "$@"
for last; do :; done
case $last in */etc/hien/hien.toml) kill -9 "$PPID" ;; esac
"""


def test_settings_that_a_cut_left_half_are_written_whole(root: Path, tmp_path: Path) -> None:
    """The power went before its bytes were on the card, and then right after it had its name: the
    next run writes what is empty, and what has the name is its readers' already."""
    path = root / "etc/hien/hien.toml"
    before, group = path.read_text(), (root / "etc/hien").stat().st_gid
    path.unlink()
    path.touch(mode=0o600)  # as delayed allocation leaves a new file
    (tmp_path / "mv").write_text(CUT)
    (tmp_path / "mv").chmod(0o755)
    cut = subprocess.run(
        [INSTALL, "--root", root],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert cut.returncode != 0 and "done." not in cut.stdout, cut
    at = path.stat()
    assert (stat.S_IMODE(at.st_mode), at.st_uid, at.st_gid) == (0o640, 0, group)
    assert install(root).returncode == 0
    assert config.load(path)["house.id"] != "hien-demo"
    path.write_text(before)


def test_a_printer_by_name_is_said_and_ends_nothing(root: Path) -> None:
    """A host name cannot be let through the closed network: the installer says what to write. It
    goes on: a first boot that ended here could not take a corrected card."""
    path = root / "etc/hien/hien.toml"
    before = path.read_text()
    path.write_text(re.sub(r'printer = "[^"]*"', 'printer = "tcp://printer.lan:9100"', before))
    said = install(root)
    path.write_text(before)
    assert said.returncode == 0 and "IPv4 address" in said.stdout


def test_other_code_gets_a_slot_of_its_own(root: Path, tmp_path: Path) -> None:
    """A changed release is laid beside the old one, and `current` moves to it in one rename."""
    source = tmp_path / "release"
    source.mkdir()
    for name in ("appliance", "ward", "provisioning", "systemd", "docs"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*ROOT.glob("requirements*.lock"), *(ROOT / n for n in ("hien", "README.md"))]:
        shutil.copy(path, source)
    shutil.copy(ROOT / "LICENSE", source)
    version = (ROOT / "pyproject.toml").read_text().replace('version = "', 'version = "9.', 1)
    (source / "pyproject.toml").write_text(version)
    before = os.readlink(root / "opt/hien/current")
    said = subprocess.run(
        [source / "provisioning/install", "--root", root],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    after = os.readlink(root / "opt/hien/current")
    assert after != before and after.startswith("releases/9.")
    assert (root / "opt/hien" / before / ".whole").exists()
    assert install(root).returncode == 0  # and back again, without copying
    assert os.readlink(root / "opt/hien/current") == before


def test_the_machine_is_made_fit(root: Path) -> None:
    """Journal in RAM, watchdog, swap in RAM, firewall, device rights, security updates."""
    for path in (ROOT / "provisioning/machine").rglob("*"):
        if path.is_file():
            laid = root / path.relative_to(ROOT / "provisioning/machine")
            assert laid.read_bytes() == path.read_bytes()
    wants = root / "etc/systemd/system/multi-user.target.wants"
    assert {p.name for p in wants.iterdir()} >= {
        *(f"hien-{room}.service" for room in ("web", "devices", "sync", "firewall"))
    }


@pytest.mark.parametrize("script", ["install", "ladder", "well"])
def test_the_scripts_are_plain_posix(script: str) -> None:
    """Debian's sh is dash: they must parse there."""
    subprocess.run(["sh", "-n", INSTALL.parent / script], check=True)
