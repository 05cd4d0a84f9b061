"""This file is a card whose every written sector is counted: an ext4 on a loop device.

The kernel's own count of the block device is read (/sys/block/loopN/stat), so that the journal, the
inodes and half-empty blocks count, and not only what a program thought it wrote. What a flash card
multiplies inside itself is not seen here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECTOR_BYTES = 512
SIZE_MIB = 1024
# As the data partition of a house is mounted.
OPTIONS = "loop,noatime,nosuid,nodev,errors=remount-ro,commit=5"


def own_mounts(module: str) -> None:
    """Start this program once more where its mounts are its own; SystemExit without root."""
    if os.geteuid() != 0:
        raise SystemExit("skipped: root is needed to mount a card and count its sectors")
    if os.environ.get("HIEN_OWN_MOUNTS") != "1":
        os.environ["HIEN_OWN_MOUNTS"] = "1"
        again = [sys.executable, "-m", module, *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *again])


class CountedCard:
    """Mounted at `root` until `pull_out`."""

    def __init__(self, root: Path, image: Path) -> None:
        self.root, self._image = root, image
        root.mkdir(parents=True, exist_ok=True)
        with image.open("wb") as file:
            file.truncate(SIZE_MIB << 20)
        # Everything a fresh file system would still write by itself is written now.
        lazy = "lazy_itable_init=0,lazy_journal_init=0"
        _run("mkfs.ext4", "-q", "-F", "-E", lazy, str(image))
        _run("mount", "-o", OPTIONS, str(image), str(root))
        self._device = _device_of(root)

    def written(self) -> int:
        """Bytes the device was given since it is there, with what still waited to be written."""
        _run("sync", "-f", str(self.root))
        return self.written_by_itself()

    def written_by_itself(self) -> int:
        """As `written`, and nothing is hurried to the card by the asking."""
        fields = Path(f"/sys/block/{self._device}/stat").read_text().split()
        return int(fields[6]) * SECTOR_BYTES

    def pull_out(self) -> None:
        subprocess.run(["umount", str(self.root)], check=False, capture_output=True)
        self._image.unlink(missing_ok=True)


def _device_of(root: Path) -> str:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[4] == str(root):
            return Path(os.path.realpath(f"/sys/dev/block/{fields[2]}")).name
    raise RuntimeError(f"{root} is not mounted")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
