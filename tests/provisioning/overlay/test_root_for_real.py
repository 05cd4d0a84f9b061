"""This file opens and shuts a real root below a real overlay: ext4 in a file, by root alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[3]
# In a mount namespace of its own, so that nothing is left behind whatever happens.
SCRIPT = """
set -eu
mount -t tmpfs none "$1"; cd "$1"
mkdir lower upper root; truncate -s 16M card; mke2fs -q -t ext4 card
disk=$(losetup --find --show card); trap 'umount -R root; umount lower; losetup -d "$disk"' EXIT
mount "$disk" lower; mkdir -p lower/etc lower/proc lower/media/root-ro
printf 'overlayroot_cfgdisk="disabled"\\noverlayroot="tmpfs:recurse=0"\\n' \\
    >lower/etc/overlayroot.local.conf
mount -o remount,ro lower
mount -t tmpfs none upper; mkdir upper/up upper/work
mount -t overlay overlayroot -o "lowerdir=$1/lower,upperdir=$1/upper/up,workdir=$1/upper/work" root
mount --bind lower root/media/root-ro; mount -o remount,bind,rw root/media/root-ro
echo 'overlayroot / overlay rw 0 0' >root/proc/mounts
"$2" -c "$3" "$1/root"
"""
TURN = """
import sys
from pathlib import Path
from provisioning.overlay import root as overlay
root = Path(sys.argv[1])
machine = overlay.Machine(root=root)
assert overlay.is_on(machine) and overlay.is_set(machine)
asked = []
def run(command, timeout_s=0):
    asked.append(command[:-1])
    return overlay._run(command)
# The devices room has looked at it, through the overlay.
assert "tmpfs" in (root / "etc/overlayroot.local.conf").read_text()
overlay.turn(overlay.Machine(root=root, run=run), on=False)
assert not overlay.is_set(machine)
print(asked)
try:
    (root / "media/root-ro/written").touch()
except OSError as error:
    print("shut again:", error.strerror)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_root_that_was_looked_at_is_opened_and_shut_again(tmp_path: Path) -> None:
    """The setting goes from the real root although the overlay knows it, and the real root cannot
    be written afterwards. The kernel says busy first (else this would show nothing)."""
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "bash", "-c", SCRIPT, "x", tmp_path,
         sys.executable, TURN],
        capture_output=True, text=True, check=False, cwd=REPO,
        env=os.environ | {"PYTHONPATH": str(REPO)},
    )  # fmt: skip
    if "losetup" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip(f"no loop device or no mounts here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sysctl" in done.stdout, done.stdout
    assert "shut again: Read-only file system" in done.stdout
