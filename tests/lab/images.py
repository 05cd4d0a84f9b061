"""This file turns roots into what a machine boots: a kernel, a small initrd, a disk.

The initrd is busybox and the modules of the disk, and hands over at once: Debian's own takes
minutes to make in emulation and seconds to unpack at each boot.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.roots import CACHE, HERE, Root, Site, kernel

MODULES = ("virtio_pci", "virtio_blk", "ext4")


@dataclass(frozen=True)
class Images:
    kernel: Path
    initrd: Path
    disk: Path
    arch: str


def images(root: Root, site: Site | None = None, spare_mib: int = 400) -> Images:
    """What `root` boots from: its disk holds the kernel's modules, and `site` as /opt/site."""
    tree = kernel(root.arch)
    kernel_dir = tree.path()
    [release] = [path.name for path in (kernel_dir / "usr/lib/modules").iterdir()]
    if not (kernel_dir / "usr/lib/modules" / release / "modules.dep").exists():
        subprocess.run(["depmod", "-b", kernel_dir / "usr", release], check=True)
    disk = _disk(root, site, kernel_dir / "usr/lib/modules" / release, tree.made_by(), spare_mib)
    initrd = _initrd(kernel_dir, release, root.arch)
    return Images(kernel_dir / "boot" / f"vmlinuz-{release}", initrd, disk, root.arch)


def _disk(root: Root, site: Site | None, modules: Path, kernel_recipe: str, spare_mib: int) -> Path:
    """An ext4 image, made once; machines write to a layer above it, or to a copy."""
    folder = root.path()
    site_dir = site.path() if site else None
    parts = (root.made_by(), kernel_recipe, site.made_by() if site else "", str(spare_mib))
    recipe = hashlib.sha256(repr(parts).encode()).hexdigest()
    image, stamp = CACHE / f"disk-{root.name}.img", CACHE / f"disk-{root.name}.made-by"
    if image.exists() and stamp.exists() and stamp.read_text("ascii") == recipe:
        return image
    stamp.unlink(missing_ok=True)
    staging = CACHE / f"staging-{root.name}"
    shutil.rmtree(staging, ignore_errors=True)
    subprocess.run(["cp", "-al", folder, staging], check=True)
    (staging / "lib/modules").mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-al", modules, staging / "lib/modules"], check=True)
    for name in ("proc", "sys", "dev", "run", "tmp", "lab", "opt"):
        (staging / name).mkdir(exist_ok=True)
    if site_dir:
        subprocess.run(["cp", "-al", site_dir, staging / "opt/site"], check=True)
    used = subprocess.run(["du", "-sm", staging], check=True, capture_output=True, text=True)
    size_mib = int(used.stdout.split()[0]) * 5 // 4 + spare_mib
    image.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", staging, image, f"{size_mib}M"], check=True)
    shutil.rmtree(staging)
    stamp.write_text(recipe, "ascii")
    return image


def _initrd(kernel_dir: Path, release: str, arch: str) -> Path:
    """A cpio of busybox, the modules in the order they go in, and `guest/init`."""
    initrd = CACHE / f"initrd-{arch}.cpio"
    folder = CACHE / f"initrd-{arch}"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "modules", "proc", "sys", "dev", "mnt"):
        (folder / name).mkdir(parents=True)
    [busybox] = [path for path in (kernel_dir / "bin/busybox", kernel_dir / "usr/bin/busybox")
                 if path.is_file()][:1]  # fmt: skip
    shutil.copy(busybox, folder / "bin/busybox")
    shutil.copy(HERE / "guest/init", folder / "init")
    (folder / "init").chmod(0o755)
    order: list[str] = []
    for module in MODULES:
        said = subprocess.run(
            ["modprobe", "-d", kernel_dir / "usr", "-S", release, "--show-depends", module],
            capture_output=True,
            text=True,
            check=True,
        )
        for line in said.stdout.splitlines():
            word, _, path = line.strip().partition(" ")
            name = Path(path).name.removesuffix(".xz")
            if word != "insmod" or name in order:
                continue
            order.append(name)
            (folder / "modules" / name).write_bytes(
                lzma.decompress(Path(path.strip()).read_bytes())
            )
    (folder / "modules/order").write_text("\n".join(order) + "\n")
    names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*"))]
    packed = subprocess.run(
        ["cpio", "--quiet", "-o", "-H", "newc"],
        cwd=folder,
        input="\n".join(names).encode(),
        capture_output=True,
        check=True,
    )
    part = initrd.with_suffix(f".{os.getpid()}")
    part.write_bytes(packed.stdout)
    part.replace(initrd)
    return initrd
