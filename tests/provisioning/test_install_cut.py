"""This file cuts the power once the installer has given a slot its name: whole, or not there.

On an ext4 of its own, cut off by its shutdown ioctl with the journal written and the data behind it
not (tests/powercut/card.py): what was renamed before it was flushed comes back empty.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.powercut.test_powercut import why_not

ROOT = Path(__file__).resolve().parents[2]

# A `mv` that pulls the plug once the slot has its name; in the control, nothing is ever flushed.
_MV = """#!/bin/sh
/bin/mv "$@" || exit
case "$*" in *opt/hien/releases/*.part\\ *) ;; *) exit 0 ;; esac
exec {python} -c 'from pathlib import Path; from tests.powercut.card import JOURNAL, cut
cut(Path("{card}"), JOURNAL)'
"""
_CUT = """
truncate -s 96M image
mkfs.ext4 -qF image
mkdir card
mount -o loop,noatime image card
mkdir -p card/root
PATH=$PWD/bin:$PATH {install} --root "$PWD/card/root" || echo "cut off"
umount card
mount -o loop,noatime image card
cd card/root/opt/hien/releases/*[0-9a-f]
[ -e .whole ] && echo whole
find appliance ward provisioning systemd -type f -size -1c ! -name '__init__.py' -printf 'empty\\n'
cd -
umount card
"""


def test_packages_that_were_cut_off_are_ended_before_others_begin(tmp_path: Path) -> None:
    """After a power cut amid dpkg, apt does nothing but ask for `dpkg --configure -a`."""
    text = (ROOT / "provisioning/install").read_text("utf-8")
    script = "root=; did() { :; }; say() { :; }; die() { exit 1; }\n"
    for name in ("packages", "not_installed"):
        script += text[text.index(f"{name}() {{") :].split("\n}\n")[0] + "\n}\n"
    for name, body in {
        "dpkg": "echo dpkg $1 $2 >>log; rm -f broken",
        "dpkg-query": "[ -e done ] && echo installed",
        "apt-cache": "exit 1",
        "apt-get": "echo apt-get $1 >>log; [ ! -e broken ] && { [ $1 = update ] || touch done; }",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "broken").touch()
    run = ["sh", "-euc", script + "packages"]
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    for _ in range(2):  # the second time there is nothing to do
        subprocess.run(run, cwd=tmp_path, env=path, check=True)
    assert (tmp_path / "log").read_text().splitlines() == [
        "dpkg --configure -a", "apt-get update", "apt-get install"]  # fmt: skip


@pytest.mark.parametrize("waits", [True, False], ids=["as it is", "control: nothing is flushed"])
def test_a_slot_that_is_called_whole_is_whole(tmp_path: Path, waits: bool) -> None:
    """Else the next start would believe a release of empty files, and the box would be dead."""
    if reason := why_not():
        pytest.skip(reason)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "mv").write_text(_MV.format(python=sys.executable, card=tmp_path / "card"))
    if not waits:
        (programs / "sync").write_text("#!/bin/sh\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    script = _CUT.format(install=ROOT / "provisioning/install")
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "bash", "-euc", script],
        cwd=tmp_path, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert done.returncode == 0 and "cut off" in said and "whole" in said, done
    assert ("empty" not in said) == waits, said.count("empty")
