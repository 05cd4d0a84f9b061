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
    modules = kernel_folder(root.arch)
    return images_of(root.arch, _disk(root, site, modules, kernel(root.arch).made_by(), spare_mib))


def kernel_folder(arch: str) -> Path:
    """The folder of the kernel's modules, named after its release."""
    folder = kernel(arch).path() / "usr"
    [modules] = (folder / "lib/modules").iterdir()
    if not (modules / "modules.dep").exists():
        subprocess.run(["depmod", "-b", folder, modules.name], check=True)
    return modules


def images_of(arch: str, disk: Path) -> Images:
    """What boots from `disk`, which has the kernel's modules on it."""
    modules = kernel_folder(arch)
    kernel_dir = modules.parents[3]
    initrd = _initrd(kernel_dir, modules.name, arch)
    return Images(kernel_dir / "boot" / f"vmlinuz-{modules.name}", initrd, disk, arch)


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
    if site_dir:
        (staging / "opt").mkdir(exist_ok=True)
        subprocess.run(["cp", "-al", site_dir, staging / "opt/site"], check=True)
    disk_of(staging, modules, image, spare_mib)
    shutil.rmtree(staging)
    stamp.write_text(recipe, "ascii")
    return image


def disk_of(tree: Path, modules: Path, image: Path, spare_mib: int) -> None:
    """`tree` with the kernel's modules as an ext4 image; the modules stay in the tree."""
    (tree / "lib/modules").mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-al", modules, tree / "lib/modules"], check=True)
    for name in ("proc", "sys", "dev", "run", "tmp", "lab", "opt"):
        (tree / name).mkdir(exist_ok=True)
    used = subprocess.run(["du", "-sm", tree], check=True, capture_output=True, text=True)
    size_mib = int(used.stdout.split()[0]) * 5 // 4 + spare_mib
    image.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", tree, image, f"{size_mib}M"], check=True)


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
