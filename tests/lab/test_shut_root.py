"""This file boots a house from a card of its own making, shuts its root, and pulls the plug.

The disk has the shape of a flashed card (a small root, then nothing) and Debian's own initramfs,
with overlayroot. The power goes after each of the first two starts; the third opens the root for a
night of updates; the fourth shuts it again by itself. Then the card rots: the data part's first
block, and at last every block by which it could be found.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab import house
from tests.lab.images import Images
from tests.lab.machine import Machine, Run
from tests.lab.roots import CACHE, HERE, REPO, Root
from tests.lab.scenario import BOOTED, lab, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(12000)]

ROOT = Root(
    "root-shut",
    (*house.ROOT.packages, "linux-image-amd64", "initramfs-tools", "overlayroot", "busybox",
     "fdisk", "util-linux"),
)  # fmt: skip
FILES = {
    "shut_root.py": HERE / "guest/shut_root.py",
    "machine.py": REPO / "tests/box/machine.py",
}
SERVICE = """[Unit]
Description=The task of this lab machine
After=basic.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh -c 'mount -t tmpfs lab /lab; tar -xf /dev/vdb -C /lab; cp /bin/busybox /lab; \
mkdir /lab/out; exec /lab/busybox sh /lab/start'
"""
INITRAMFS = """
mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs none "$1/tmp"
exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin update-initramfs -u -k all
"""
CARD_BYTES, ROOT_AT = 16_000_000_000, 1064960
# Groups of 128 MiB that hold ext4's other superblocks, as far as the card reaches.
COPIES = (1, 3, 5, 7, 9, 25, 27, 49)
GROUP_BYTES = 128 << 20


def test_the_root_is_shut_and_the_power_goes(tmp_path: Path) -> None:
    """Divided, shut, cut, started, updated through the night, shut again: the data is always there,
    and `hien doctor` tells each state by what the kernel has mounted."""
    with lab({"sfdisk": "fdisk"}):
        images = _images()
        disk = house.layer(images.disk, tmp_path / "disk.qcow2")
        for phase in ("divide", "shut", "again", "opened", "closed"):
            run = _start(images, disk, tmp_path, phase)
            say(f"{phase}: {run.took_s:.0f} s")
            assert _is_well(phase, run), f"{phase}\n{run.said[-4000:]}\n{run.console[-3000:]}"
        [at] = (line for line in run.said.splitlines() if line.startswith("data at "))
        data_at = int(at.removeprefix("data at "))
        for phase, groups in (("mended", (0,)), ("lost", (0, *COPIES))):
            for group in groups:
                _rot(disk, data_at + group * GROUP_BYTES)
            run = _start(images, disk, tmp_path, phase)
            say(f"{phase}: {run.took_s:.0f} s")
            assert _is_well(phase, run), f"{phase}\n{run.said[-4000:]}\n{run.console[-3000:]}"


def _rot(disk: Path, at: int) -> None:
    """A block of the card that reads as zeros from now on."""
    words = ["qemu-io", "-f", "qcow2", "-c", f"write -P 0 {at} 4096", disk]
    subprocess.run(words, check=True, capture_output=True)


def _start(images: Images, disk: Path, work: Path, phase: str) -> Run:
    """One start of the machine, until it goes off, starts anew, or the plug is pulled."""
    # Debian's own initramfs finds its first program by itself.
    line = f"root=/dev/vda2 rootfstype=ext4 rootwait {BOOTED.partition(' ')[2]}"
    # A Pi's firmware does not say "ro"; GRUB does.
    append = f"ro {line}" if phase == "again" else line
    machine = Machine(images, work, disk=disk, memory_mib=2048, append=append)
    return machine.run(
        f"python3 -u shut_root.py {phase}",
        files=FILES,
        limit_s=2400,
        on_wish=lambda wish: machine.cut_power(),
        on_line=say,
    )


def _is_well(phase: str, run: Run) -> bool:
    """The two starts that end by a start of the machine's own say so before."""
    last = {"again": "opening", "opened": "the root is open"}.get(phase, f"phase {phase} well")
    return last in run.said and (phase != "closed" or run.status == 0) and "Error" not in run.said


def _images() -> Images:
    """The card after flashing and installing; kernel and initramfs as its firmware finds them."""
    folder, image = CACHE / "shut", CACHE / "disk-shut.img"
    root = ROOT.path()
    release = _release(root)
    whole = hashlib.sha256(f"{ROOT.made_by()}{house._sum(release)}".encode())
    whole.update(Path(__file__).read_bytes())
    stamp = CACHE / "disk-shut.made-by"
    if not (stamp.exists() and stamp.read_text("ascii") == whole.hexdigest()):
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        staging = folder / "root"
        folder.mkdir()
        subprocess.run(["cp", "-a", root, staging], check=True)
        script = house._INSTALL.replace("{printer}", house.PRINTER).replace("{pin}", house.PIN)
        _alone(script, staging, release)
        system = staging / "etc/systemd/system"
        (system / "lab.service").write_text(SERVICE)
        (system / "multi-user.target.wants").mkdir(exist_ok=True)
        (system / "multi-user.target.wants/lab.service").symlink_to("../lab.service")
        (staging / "lab").mkdir(exist_ok=True)
        (staging / "etc/fstab").write_text("/dev/vda2 / ext4 defaults,noatime 0 1\n")
        tools = staging / "etc/initramfs-tools"
        (tools / "conf.d/lab").write_text("MODULES=list\nCOMPRESS=gzip\n")
        (tools / "modules").write_text("virtio_pci\nvirtio_blk\next4\noverlay\n")
        _alone(INITRAMFS, staging)
        for name in ("vmlinuz", "initrd.img"):
            [found] = (staging / "boot").glob(f"{name}-*")
            shutil.copy(found, folder / name)
        _card(staging, image)
        shutil.rmtree(staging)
        stamp.write_text(whole.hexdigest(), "ascii")
    return Images(folder / "vmlinuz", folder / "initrd.img", image, "amd64")


def _release(root: Path) -> Path:
    """As house.release, in a folder of this test's own: both may run at once."""
    (root / "made-by").write_text(ROOT.made_by(), "ascii")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    wheels, folder = CACHE / "shut-wheels", CACHE / "shut-release"
    subprocess.run([REPO / "tests/box/fetch_wheels", root, wheels], check=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for part in house.PARTS:
        subprocess.run(["cp", "-R", house.SOURCE / part, folder], check=True)
    for cache in [*folder.rglob("__pycache__"), *folder.rglob("*.mo")]:
        shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
    subprocess.run(["cp", "-al", wheels, folder / "wheels"], check=True)
    return folder


def _alone(script: str, *words: Path) -> None:
    done = subprocess.run(
        ["unshare", "--mount", "--net", "--propagation", "private", "bash", "-euc", script, "x",
         *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}")


def _card(tree: Path, image: Path) -> None:
    """A small first part, a root that just holds what it must, and much that is nobody's."""
    used = subprocess.run(["du", "-sm", tree], check=True, capture_output=True, text=True)
    root_mib = int(used.stdout.split()[0]) * 5 // 4 + 600
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(CARD_BYTES)
    table = f"label: dos\nstart=16384,size=1048576,type=c\nstart={ROOT_AT},size={root_mib * 2048}\n"
    subprocess.run(["sfdisk", "-q", image], input=table, text=True, check=True)
    subprocess.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-E", f"offset={ROOT_AT * 512}", "-d", tree, image,
         f"{root_mib}M"],
        check=True,
    )  # fmt: skip
