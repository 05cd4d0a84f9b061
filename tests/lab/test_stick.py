"""This file puts a USB stick into a booted house: mounted without rights, written, pulled out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from provisioning.update import keys
from tests.box.make_releases import changed, pack
from tests.lab import awake, house
from tests.lab.roots import HERE
from tests.lab.scenario import FILES, lab, must_pass, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(6000)]

STICK_MIB = 96
AUTORUN = '#!/bin/sh\necho "it ran"\n'


def test_a_stick_is_put_in_and_pulled_out(tmp_path: Path) -> None:
    """Plugged into a running machine: udev and hien-stick@ mount it, without programs, devices or
    rights. The nightly backup goes on to it; a release on it is taken in by its signature alone."""
    with lab({"mkfs.vfat": "dosfstools", "mcopy": "mtools"}):
        stick = _stick(tmp_path)
        machine, state = awake.machine(tmp_path / "machine", 0, 9)

        def plug(wish: str) -> None:
            if wish == "in":
                node = {"driver": "raw", "node-name": "stick",
                        "file": {"driver": "file", "filename": str(stick)}}  # fmt: skip
                machine.monitor("blockdev-add", **node)
                machine.monitor("device_add", driver="usb-storage", id="key", drive="stick",
                                bus="usb.0", removable=True)  # fmt: skip
            else:
                machine.monitor("device_del", id="key")

        run = machine.run(
            "python3 -u stick.py",
            files=FILES | {"stick.py": HERE / "guest/stick.py"},
            limit_s=3000,
            on_wish=plug,
            on_line=say,
            state=state,
        )
        must_pass(run)
        assert "all well" in run.said


def _stick(folder: Path) -> Path:
    """A FAT stick with a program, a key and a release that is newer than the house's."""
    release, stick = folder / "release", folder / "stick.img"
    release.mkdir()
    for part in house.PARTS:
        subprocess.run(["cp", "-R", house.SOURCE / part, release], check=True)
    for cache in [*release.rglob("__pycache__"), *release.rglob("*.mo")]:
        shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
    key = folder / "signing.pem"
    (folder / "current.pem").write_bytes(keys.make_key(key))
    pack(changed(release, folder, "9.9.9"), folder, "9.9.9", key)
    (folder / "autorun.sh").write_text(AUTORUN)
    with stick.open("wb") as file:
        file.truncate(STICK_MIB << 20)
    subprocess.run(["mkfs.vfat", "-n", "HIEN", stick], check=True, capture_output=True)
    for name in ("autorun.sh", "current.pem", "9.9.9.hien"):
        subprocess.run(["mcopy", "-i", stick, folder / name, "::"], check=True)
    return stick
