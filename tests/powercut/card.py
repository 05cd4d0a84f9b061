"""This file is a card that can lose its power: an ext4 in a file, cut off by the kernel itself.

ext4's shutdown ioctl stops every write from one moment on, as pulling the plug does, and what was
only in the page cache is gone when the card is mounted again. Two ways, since a real card does
either: DROPPED loses what the journal had not committed; JOURNAL commits the journal's names and
sizes but not the data behind them, so a file renamed before its fsync comes back empty.
Source: fs/ext4/ioctl.c (EXT4_IOC_SHUTDOWN), xfs_io(8) `shutdown`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

_EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
DROPPED = 2
JOURNAL = 1
SIZE_MIB = 48


class Card:
    """`root` is where it is mounted; the image lies beside. Needs root and a loop device."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "card"
        self._image = folder / "card.img"
        self._kept = folder / "kept.img"
        self.root.mkdir(parents=True, exist_ok=True)

    def make(self) -> None:
        self._image.unlink(missing_ok=True)
        with self._image.open("wb") as f:
            f.truncate(SIZE_MIB << 20)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        self.plug_in()

    def keep(self) -> None:
        """Remember the card as it is now; `back` brings it here again."""
        self.pull_out()
        _run("cp", "--sparse=always", str(self._image), str(self._kept))
        self.plug_in()

    def back(self) -> None:
        self.pull_out()
        _run("cp", "--sparse=always", str(self._kept), str(self._image))
        self.plug_in()

    def plug_in(self) -> None:
        """The journal is played back here, as at a real start."""
        _run("mount", "-o", "loop,noatime,errors=remount-ro", str(self._image), str(self.root))

    def pull_out(self) -> None:
        """What was killed a moment ago may still be on its way out, and hold the card."""
        end_s = time.monotonic() + 20
        while os.path.ismount(self.root):
            try:
                _run("umount", str(self.root))
            except subprocess.CalledProcessError:
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.05)

    def lose(self) -> None:
        self.pull_out()
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def check(self) -> str:
        """What fsck says of the pulled-out card; "" when it is whole."""
        done = subprocess.run(
            ["fsck.ext4", "-f", "-n", str(self._image)], capture_output=True, text=True
        )
        return "" if done.returncode == 0 else done.stdout


def cut(root: Path, way: int) -> None:
    """The power goes now. Whoever writes below `root` from here on gets an I/O error."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, _EXT4_IOC_SHUTDOWN, struct.pack("I", way))
    finally:
        os.close(handle)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
