"""This file proves that the power may go at any moment: nothing acknowledged is lost or doubled.

A few points always; all of them, and cuts by the clock, in the slow run. The careless house, which
never waits for its card, must be caught: otherwise these tests would prove nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENES = ("day", "update", "join", "restore")


@cache
def why_not() -> str:
    """Why no card can be cut off here; "" when it can."""
    if os.geteuid() != 0:
        return "root is needed to mount a card and cut it off"
    if not all(shutil.which(name) for name in ("unshare", "mkfs.ext4", "fsck.ext4", "mount")):
        return "mkfs.ext4, fsck.ext4, mount and unshare are needed (e2fsprogs, util-linux)"
    probe = (
        "d=$(mktemp -d) && truncate -s 8M $d/i && mkfs.ext4 -qF $d/i && mkdir $d/m"
        " && mount -o loop $d/i $d/m && umount $d/m; s=$?; rm -rf $d; exit $s"
    )
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", probe],
        capture_output=True,
        text=True,
    )
    return "" if done.returncode == 0 else f"no loop mount here: {done.stderr.strip()[-200:]}"


def run(scene: str, *options: str) -> dict[str, Any]:
    if reason := why_not():
        pytest.skip(reason)
    done = subprocess.run(
        [sys.executable, "-m", "tests.powercut.run", scene, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=3000,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize("scene", SCENES)
def test_the_power_goes_at_a_few_points(scene: str) -> None:
    """Integrity, facts, slips, pages and screens: all as if nothing had happened."""
    said = run(scene, "--points", "2", "--timed", "1", "--seed", "3")
    assert said["cut"] == 3 and said["wrong"] == {}


def test_a_house_that_does_not_wait_for_its_card_is_caught() -> None:
    """The negative control: the same cuts on the same day, and every fsync left out."""
    assert run("day", "--points", "4", "--careless")["wrong"]


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("scene", SCENES)
def test_the_power_goes_at_every_point(scene: str) -> None:
    """Every counted point in both ways, and forty cuts by the clock."""
    said = run(scene, "--points", "100000", "--timed", "40")
    print(f"{scene}: {said['points']} points, {said['cut']} cuts, {len(said['wrong'])} wrong")
    assert said["wrong"] == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scene", ["update", "join", "restore"])
def test_careless_updates_joins_and_restores_are_caught(scene: str) -> None:
    assert run(scene, "--points", "60", "--careless")["wrong"]
