"""This file makes the disk of a lab machine that is a house: Debian 13 with our units, installed.

`provisioning/install` lays everything into the root, offline, as on a real machine; systemd starts
it when the disk is first booted. Made once, and again when the product, the lock or this recipe
changes. Each scenario writes to a layer of its own above it (`layer`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.lab.images import Images, disk_of, images_of, kernel_folder
from tests.lab.roots import CACHE, HERE, REPO, Root

ROOT = Root(
    "root-house",
    ("systemd", "systemd-sysv", "dbus", "udev", "systemd-timesyncd", "systemd-zram-generator",
     "python3", "python3-venv", "kmod", "iproute2", "procps", "nftables", "network-manager",
     "wpasupplicant", "iw", "dnsmasq-base", "avahi-daemon", "libnss-mdns", "unattended-upgrades",
     "espeak-ng", "ca-certificates", "e2fsprogs", "dosfstools", "dmsetup", "v4l-utils"),
)  # fmt: skip
PARTS = ("appliance", "ward", "provisioning", "systemd", "docs", "hien", "README.md", "LICENSE",
         "pyproject.toml", "requirements.lock", "requirements-demo.lock",
         "requirements-dev.lock")  # fmt: skip
# What a house has besides: a printer on its network (the host's, see `lan`), and a volunteer.
PRINTER, PIN = "10.0.2.100", "2468"
# The ward's door for new boxes, for one that is made a house by its card.
DOOR = "10.0.2.101"
# Another tree than this one's, for who tests a release.
SOURCE = Path(os.environ.get("HIEN_LAB_SOURCE", REPO))

_INSTALL = """
root=$1 release=$2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for name in tmp run media; do mount -t tmpfs none "$root/$name"; done
mkdir "$root/media/release"
mount --bind "$release" "$root/media/release"
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
exec chroot "$root" sh -euc '
    /media/release/provisioning/install
    sed -i "s|^printer = .*|printer = \\"tcp://{printer}\\"|" /etc/hien/hien.toml
    /opt/hien/current/provisioning/install
    hien volunteer add "Chị Lan" --pin {pin} --shows-name
    # Emulated and shared, a machine is many times slower than a Pi; a room is not hung for that.
    for room in web devices sync; do
        mkdir -p /etc/systemd/system/hien-$room.service.d
        printf "[Service]\\nTimeoutStartSec=15min\\nWatchdogSec=5min\\n" \\
            >/etc/systemd/system/hien-$room.service.d/lab.conf
    done
    echo hien >/etc/hostname
    systemd-machine-id-setup
    ldconfig
    touch /etc/.updated /var/.updated
'
"""


def installed() -> Images:
    """A house as it is after its installation, never started. Raises NotHere, RuntimeError."""
    return _made("house", installs=True)


def bare() -> Images:
    """The same Debian with nothing of ours. A fourth disk is its boot partition."""
    return _made("bare", installs=False)


def release(folder: Path) -> Path:
    """The tree as a bundle unpacks it, with the wheels of the lock beside it, in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in PARTS:
        subprocess.run(["cp", "-R", SOURCE / part, folder], check=True)
    for cache in [*folder.rglob("__pycache__"), *folder.rglob("*.mo")]:
        shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
    subprocess.run(["cp", "-al", wheels(), folder / "wheels"], check=True)
    return folder


def wheels() -> Path:
    """The locked packages for this root's Python."""
    root = ROOT.path()
    (root / "made-by").write_text(ROOT.made_by(), "ascii")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    folder = CACHE / "house-wheels"
    subprocess.run([REPO / "tests/box/fetch_wheels", root, folder], check=True)
    return folder


def layer(base: Path, path: Path) -> Path:
    """A disk above `base` that keeps what is written to it; `base` stays as it is."""
    path.unlink(missing_ok=True)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", base, path], check=True
    )
    return path


def lan(
    port: int, printer_port: int, *, page: int = 8080, door_port: int | None = None
) -> tuple[str, ...]:
    """A network card: `port` of the host leads to the guest's `page`, and the printer at PRINTER is
    the one at the host's `printer_port`, DOOR that at `door_port`. No way leads further."""
    relay = f"cmd:{shutil.which('python3')} -S -E {HERE / 'relay.py'}"
    words = f"user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:{page}"
    words += f",guestfwd=tcp:{PRINTER}:9100-{relay} {printer_port}"
    if door_port:
        words += f",guestfwd=tcp:{DOOR}:8444-{relay} {door_port}"
    return ("-netdev", words, "-device", "virtio-net-pci,netdev=lan")


def _made(name: str, *, installs: bool) -> Images:
    # Two labs at once make it once.
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _make(name, installs=installs)


def _make(name: str, *, installs: bool) -> Images:
    root = ROOT.path()
    folder = release(CACHE / "house-release") if installs else None
    parts = (ROOT.made_by(), _sum(folder) if folder else "", _INSTALL, PRINTER, PIN)
    recipe = hashlib.sha256(repr(parts).encode()).hexdigest()
    image, stamp = CACHE / f"disk-{name}.img", CACHE / f"disk-{name}.made-by"
    if not (image.exists() and stamp.exists() and stamp.read_text("ascii") == recipe):
        stamp.unlink(missing_ok=True)
        staging = CACHE / f"staging-{name}"
        shutil.rmtree(staging, ignore_errors=True)
        subprocess.run(["cp", "-a", root, staging], check=True)
        if folder:
            script = _INSTALL.replace("{printer}", PRINTER).replace("{pin}", PIN)
            done = subprocess.run(
                ["unshare", "--mount", "--net", "--propagation", "private", "bash", "-euc", script,
                 "install", staging, folder],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(f"not installed:\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")
        else:
            (staging / "boot/firmware").mkdir(parents=True)
            (staging / "etc/fstab").write_text("/dev/vdd /boot/firmware vfat noatime 0 2\n")
            (staging / "etc/hostname").write_text("hien\n")
        disk_of(staging, kernel_folder("amd64"), image, spare_mib=1500)
        shutil.rmtree(staging)
        stamp.write_text(recipe, "ascii")
    return images_of("amd64", image)


def _sum(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.name if path.suffix == ".whl" else path.read_bytes()
            whole.update(repr((str(path.relative_to(folder)), data)).encode())
    return whole.hexdigest()
