"""This file makes what a blank machine is given: a ward of its own, its door, and a house's card.

By the commands that ward IT types. The card is the boot partition (FAT) of a lab machine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from provisioning.update import keys
from tests.lab import house

HOUSE = "khu-pho-3"
CARD_MIB = 512


class Ward:
    """A ward's folder, the release on its cards, and the door new boxes come in by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        secret, self._public = folder / "signing.pem", folder / "current.pem"
        self._public.write_bytes(keys.make_key(secret))
        self._bundle = folder / "first.hien"
        release = house.release(folder / "release")
        wheels = folder / "wheels"
        (release / "wheels").rename(wheels)
        hien("update", "make", release, "--wheels", wheels, "--key", secret, "--out", self._bundle)
        hien("ward", "init", "--dir", folder / "ward", "--host", house.DOOR)
        self.door_port = 0
        self._door: subprocess.Popen[str] | None = None

    def card(self, image: Path, printer: str = house.PRINTER) -> None:
        """A fresh card for the house, as a FAT image."""
        boot = image.with_suffix(".files")
        subprocess.run(["rm", "-rf", boot], check=True)
        boot.mkdir()
        hien(
            *("ward", "enrol", HOUSE, "--dir", self.folder / "ward", "--name", "Khu phố 3"),
            *("--card", boot, "--release", self._bundle, "--update-key", self._public),
            *("--welcome", f"https://{house.DOOR}:8444"),
            *("--set", f"devices.printer=tcp://{printer}"),
        )
        image.unlink(missing_ok=True)
        make = ["mkfs.vfat", "-C", str(image), str(CARD_MIB << 10)]
        subprocess.run(make, check=True, capture_output=True)
        subprocess.run(["mcopy", "-s", "-i", image, *boot.iterdir(), "::"], check=True)

    def open_door(self) -> None:
        self._door = subprocess.Popen(
            [*HIEN, "ward", "welcome", "--dir", str(self.folder / "ward"), "--host", "127.0.0.1",
             "--port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=house.SOURCE,
            env=os.environ | {"PYTHONPATH": str(house.SOURCE)},
        )  # fmt: skip
        assert self._door.stdout
        for line in self._door.stdout:
            if found := re.search(r"https://[^:]+:(\d+)", line):
                self.door_port = int(found[1])
                return
        raise RuntimeError("the ward's door did not open")

    def close(self) -> None:
        if self._door:
            self._door.terminate()
            self._door.wait(20)


HIEN = [sys.executable, "-m", "appliance"]


def hien(*words: str | Path) -> None:
    done = subprocess.run(
        [*HIEN, *map(str, words)], cwd=house.SOURCE, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(house.SOURCE)},
    )  # fmt: skip
    assert done.returncode == 0, (words, done.stdout, done.stderr)


def status(image: Path) -> str:
    """The card's own status.txt, as somebody reads it at another computer."""
    done = subprocess.run(
        ["mtype", "-i", image, "::hien/status.txt"], capture_output=True, check=False
    )
    return done.stdout.decode("utf-8-sig", "replace").strip()


def card_toml(image: Path) -> str:
    done = subprocess.run(
        ["mtype", "-i", image, "::hien/card.toml"], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8-sig")
