"""This file proves what the front door does by itself: set up once, find its way, pass on.

Python and the installer are stand-ins that write down what they were asked; the real set-up is run
by .ci/run, on a machine that has nothing yet.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FAKE_PYTHON = """#!/bin/sh
case "$*" in
    -V) echo "Python 3.99.0" ;;
    *sys.version_info*exit*|*exit*sys.version_info*) exit 0 ;;
    *'print("%d.%d"'*) echo 3.99 ;;
    *ensurepip*) exit ${FAKE_NO_VENV:-0} ;;
    "-m pip --version") exit 0 ;;
    "-m venv "*)
        for target; do :; done
        mkdir -p "$target/bin"
        echo "version = 3.99.0" > "$target/pyvenv.cfg"
        cp "$0" "$target/bin/python" ;;
    "-m pip install"*) echo "$*" >> "$FAKE_LOG" ;;
    *) echo "cwd=$PWD path=$PYTHONPATH args=$*" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a blank in its path, of the front door and the locks only."""
    folder = tmp_path / "nhà của bác"
    folder.mkdir()
    shutil.copy(ROOT / "hien", folder)
    for lock in ROOT.glob("requirements*.lock"):
        shutil.copy(lock, folder)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").write_text(FAKE_PYTHON)
    (programs / "python3").chmod(0o755)
    for name in ("apt-get", "sudo"):  # never the real ones
        (programs / name).write_text("#!/bin/sh\nexit 1\n")
        (programs / name).chmod(0o755)
    return folder


def run(checkout: Path, *args: str, cwd: Path | None = None, **env: str) -> str:
    """Run the door with the stand-ins in front of PATH; its standard output."""
    said = run_raw(checkout / "hien", *args, cwd=cwd, **env)
    assert said.returncode == 0, said.stderr
    return said.stdout


def run_raw(
    door: Path, *args: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    base = door.resolve().parents[1]
    environment = {
        "PATH": f"{base / 'bin'}:/usr/bin:/bin",
        "HIEN_NO_UV": "1",
        "FAKE_LOG": str(base / "pip.log"),
        **env,
    }
    return subprocess.run(
        [door, *args], cwd=cwd or base, env=environment, capture_output=True, text=True, check=False
    )


def installs(checkout: Path) -> list[str]:
    """Which locks were installed, in order."""
    log = checkout.parent / "pip.log"
    lines = log.read_text().splitlines() if log.exists() else []
    assert all("--require-hashes" in line for line in lines)
    return [line.rsplit("/", 1)[1] for line in lines]


def test_it_sets_up_once_and_passes_everything_on(checkout: Path, tmp_path: Path) -> None:
    """Any folder, blanks in paths and arguments: the command line gets them as they were given."""
    elsewhere = tmp_path / "nơi khác"
    elsewhere.mkdir()
    for _ in range(2):
        said = run(checkout, "scan", "ảnh một.jpg", "--out", "a b.pdf", cwd=elsewhere)
        expected = (
            f"cwd={elsewhere} path={checkout} args=-m appliance scan ảnh một.jpg --out a b.pdf"
        )
        assert said.strip() == expected
    assert installs(checkout) == ["requirements-demo.lock"]


def test_the_packages_are_on_the_card_before_they_are_called_current(checkout: Path) -> None:
    """A power cut may leave files empty that were only renamed: the stamp comes after the flush."""
    sync = checkout.parent / "bin/sync"
    sync.write_text(
        f"#!/bin/sh\ncd '{checkout}/.venv'; echo $* $(ls hien-stamp* pyvenv.cfg) >>../log\n"
    )
    sync.chmod(0o755)
    for _ in range(2):
        run(checkout, "scan")
    assert (checkout / "log").read_text() == f"-f {checkout}/.venv pyvenv.cfg\n"
    assert (checkout / ".venv/hien-stamp").exists()


def test_packages_that_were_cut_off_are_not_believed(checkout: Path) -> None:
    """pip takes a package for installed when its metadata are there, and a power cut may have left
    its code empty: without a stamp the .venv is made anew. A changed lock only adds to it."""
    run(checkout, "scan")
    left = checkout / ".venv/lib"
    left.mkdir()
    (checkout / "requirements-demo.lock").write_text("another==1\n")
    run(checkout, "scan")
    assert left.exists()
    (checkout / ".venv/hien-stamp").unlink()
    run(checkout, "scan")
    assert not left.exists() and len(installs(checkout)) == 3


def test_a_translation_that_a_cut_left_empty_is_made_again(checkout: Path) -> None:
    """Newer than its catalogue, and nothing in it: every page would fail."""
    po = checkout / "appliance/web/translations/vi/LC_MESSAGES/messages.po"
    po.parent.mkdir(parents=True)
    po.write_text("")
    mo = po.with_suffix(".mo")
    mo.write_text("compiled")
    assert "babel" not in run(checkout, "scan")
    mo.write_text("")
    assert f"compile -i {po} -o {mo} -l vi" in run(checkout, "scan")


def test_a_link_to_it_works(checkout: Path, tmp_path: Path) -> None:
    """/usr/local/bin/hien may be a symbolic link."""
    link = tmp_path / "bin" / "hien-link"
    link.symlink_to(os.path.relpath(checkout / "hien", link.parent))
    said = run_raw(link, "config", FAKE_LOG=str(tmp_path / "pip.log"))
    assert f"path={checkout} " in said.stdout, said.stderr


def test_the_developers_packages_are_added_and_never_taken_away(checkout: Path) -> None:
    """demo, then lint: one more lock. demo again: nothing, the larger one serves."""
    run(checkout, "demo")
    run(checkout, "lint")
    run(checkout, "demo")
    assert installs(checkout) == ["requirements-demo.lock", "requirements-dev.lock"]


def test_a_changed_lock_is_installed_again(checkout: Path) -> None:
    """The stamp holds the sum of the lock that is in the .venv."""
    run(checkout, "demo")
    lock = checkout / "requirements-demo.lock"
    assert (
        hashlib.sha256(lock.read_bytes()).hexdigest() in (checkout / ".venv/hien-stamp").read_text()
    )
    lock.write_text(lock.read_text() + "# one line more\n")
    run(checkout, "demo")
    run(checkout, "demo")
    assert installs(checkout) == ["requirements-demo.lock"] * 2


def test_a_set_up_that_was_broken_off_is_done_again(checkout: Path) -> None:
    """No stamp is left by a set-up that did not end, so the next start mends it."""
    (checkout / ".venv").mkdir()
    run(checkout, "demo")
    (checkout / ".venv/hien-stamp").unlink()
    run(checkout, "demo")
    assert len(installs(checkout)) == 2


def test_without_the_venv_module_it_says_the_one_line(checkout: Path) -> None:
    """Debian without python3-venv: the apt line, and nothing half made."""
    said = run_raw(checkout / "hien", "demo", FAKE_NO_VENV="1")
    assert said.returncode == 1
    assert "  sudo apt-get install -y python3-venv" in said.stderr
    assert not (checkout / ".venv").exists()


def test_tests_run_without_apt_and_say_what_is_missing(checkout: Path) -> None:
    """apt and sudo both fail here: one line is printed, and pytest runs all the same."""
    door = checkout / "hien"
    door.write_text(door.read_text().replace("/usr/sbin/mosquitto", "/nowhere/mosquitto"))
    said = run_raw(door, "test", "-k", "tên")
    assert said.stdout.strip().endswith("args=-m pytest -k tên")
    if os.geteuid() == 0:
        assert "sudo apt-get install -y --no-install-recommends mosquitto" in said.stderr


@pytest.mark.parametrize(("answers", "code"), [(0, 0), (1, 1)])
def test_an_audit_that_saw_less_than_all_is_not_passed(
    checkout: Path, answers: int, code: int
) -> None:
    """Both locks, strictly: packages that the database does not know are no clean bill."""
    program = checkout / ".cache/audit/bin/pip-audit"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "audit $*"\nexit {answers}\n')
    program.chmod(0o755)
    said = run_raw(checkout / "hien", "audit")
    assert said.returncode == code
    assert "--strict" in said.stdout and "-r requirements.lock" in said.stdout
    assert ("-r requirements-demo.lock" in said.stdout) == (code == 0)
    assert ("Not passed" in said.stderr) == (code == 1)


def test_the_script_is_plain_posix() -> None:
    """Debian's sh is dash: it must parse there, and stay small."""
    subprocess.run(["sh", "-n", ROOT / "hien"], check=True)
    assert (ROOT / "hien").read_text().count("\n") < 260
