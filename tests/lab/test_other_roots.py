"""This file installs the locked release on the other systems it promises: arm64, and Debian 12.

arm64: a root of Debian 13 under an arm64 kernel, the wheels of the lock for it. Debian 12: its own
Python 3.11 and systemd 252, by the real installer, offline.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab import house
from tests.lab.images import images
from tests.lab.machine import Machine
from tests.lab.roots import CACHE, HERE, REPO, Root
from tests.lab.scenario import lab, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

ARM64 = Root(
    "root-arm64-python",
    ("base-files", "python3", "python3-venv", "libc-bin", "coreutils", "gawk", "sed", "grep",
     "findutils", "mount", "busybox-static", "libstdc++6", "libgcc-s1", "util-linux", "libexpat1",
     "libsqlite3-0", "libssl3t64", "libffi8", "tzdata"),
    "arm64",
    extract=True,
)  # fmt: skip
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NATIVE = Root("root-native-python", ("python3", "python3-venv", "ca-certificates"))
BOOKWORM = Root(
    "root-bookworm",
    ("systemd", "systemd-sysv", "dbus", "udev", "systemd-timesyncd", "systemd-zram-generator",
     "python3", "python3-venv", "kmod", "iproute2", "nftables", "network-manager", "dnsmasq-base",
     "avahi-daemon", "unattended-upgrades", "espeak-ng", "ca-certificates"),
    suites=("bookworm",),
)  # fmt: skip
ON_ARM64 = """
export PIP_NO_INDEX=1 PIP_FIND_LINKS=/opt/site/wheels PIP_DISABLE_PIP_VERSION_CHECK=1
# Debian's pip wants the file at its import, network or not.
mkdir -p /etc/ssl/certs /opt/h && cp /lab/ca-certificates.crt /etc/ssl/certs/
cp -R /lab/hien/. /opt/h/
began=$(cut -d. -f1 /proc/uptime)
python3 -m venv /opt/h/.venv
/opt/h/.venv/bin/python -m pip install -qq --no-deps --require-hashes --only-binary=:all: \
    -r /opt/h/requirements-demo.lock
echo "installed in $(($(cut -d. -f1 /proc/uptime) - began)) s, emulated"
export PYTHONPATH=/opt/h
cd /tmp
/opt/h/.venv/bin/python /lab/import_all.py /opt/h
mkdir -p /tmp/data /tmp/ram
printf '[house]\\nid = "khu-pho-3"\\n[data]\\ndir = "/tmp/data"\\n' >/tmp/hien.toml
echo 'ram_dir = "/tmp/ram"' >>/tmp/hien.toml
/opt/h/.venv/bin/python -m appliance config --config /tmp/hien.toml | grep -q khu-pho-3
/opt/h/.venv/bin/python -m appliance doctor --config /tmp/hien.toml >/tmp/said || [ $? -eq 1 ]
grep -q 'Thẻ nhớ' /tmp/said
/opt/h/.venv/bin/python -m appliance selftest --help >/dev/null
/opt/h/.venv/bin/python -m appliance slip --help >/dev/null
echo 'all well'
"""
ON_BOOKWORM = """
root=$1 release=$2
mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"
for name in tmp run media; do mount -t tmpfs none "$root/$name"; done
mkdir "$root/media/release"; mount --bind "$release" "$root/media/release"
# What is made here is in RAM: the root stays as it was.
for name in opt etc/hien var/lib/hien var/lib/hien-box; do
    mkdir -p "$root/$name"; mount -t tmpfs none "$root/$name"
done
cp "$3" "$root/tmp/import_all.py"
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
exec chroot "$root" sh -euc '
    began=$(cut -d. -f1 /proc/uptime)
    /media/release/provisioning/install
    echo "installed in $(($(cut -d. -f1 /proc/uptime) - began)) s"
    /opt/hien/current/provisioning/install
    cd /tmp
    PYTHONPATH=/opt/hien/current /opt/hien/current/.venv/bin/python import_all.py /opt/hien/current
    systemd-analyze verify --recursive-errors=no /etc/systemd/system/hien-web.service \
        /etc/systemd/system/hien-devices.service /etc/systemd/system/hien-sync.service
    hien config | grep -q house.id
    hien doctor >/tmp/said || [ $? -eq 1 ]
    grep -q "Thẻ nhớ" /tmp/said
    echo "all well"
'
"""


def test_the_lock_on_arm64(tmp_path: Path) -> None:
    """From wheels alone, in the arm64 machine: installed, every module imported, doctor asked."""
    with lab():
        wheels = CACHE / "arm64-wheels"
        native = NATIVE.path()
        (native / "made-by").write_text(NATIVE.made_by(), "ascii")
        _certificates(native)
        subprocess.run([REPO / "tests/box/fetch_wheels", native, wheels, "aarch64"], check=True)
        names = [path.name for path in wheels.glob("*.whl")]
        assert len(names) > 30 and not any("lgpio" in name for name in names)
        machine = Machine(images(ARM64, _Wheels(wheels), spare_mib=1500), tmp_path, memory_mib=2048)  # type: ignore[arg-type]
        files = {
            f"hien/{name}": REPO / name for name in (*house.PARTS, "requirements-demo.lock")
        } | {"import_all.py": HERE / "guest/import_all.py", CERTIFICATES.name: CERTIFICATES}
        run = machine.run(f"set -eu\n{ON_ARM64}", files=files, limit_s=2400, on_line=say)
        say(f"the machine ran {run.took_s:.0f} s")
        assert run.status == 0 and "all well" in run.said, run.said[-3000:] + run.console[-2000:]
        assert "aarch64" in run.said and "Python 3.13" in run.said


def test_debian_12(tmp_path: Path) -> None:
    """Python 3.11 and systemd 252: the real installer offline, every module, doctor, the units."""
    with lab():
        root = BOOKWORM.path()
        (root / "made-by").write_text(BOOKWORM.made_by(), "ascii")
        _certificates(root)
        wheels, release = CACHE / "bookworm-wheels", tmp_path / "release"
        subprocess.run([REPO / "tests/box/fetch_wheels", root, wheels], check=True)
        release.mkdir()
        for part in house.PARTS:
            subprocess.run(["cp", "-R", house.SOURCE / part, release], check=True)
        for cache in [*release.rglob("__pycache__")]:
            shutil.rmtree(cache)
        shutil.copytree(wheels, release / "wheels")
        done = subprocess.run(
            ["unshare", "--mount", "--net", "--propagation", "private", "bash", "-euc",
             ON_BOOKWORM, "x", root, release, HERE / "guest/import_all.py"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        for line in done.stdout.splitlines():
            if re.match("installed in|imported|all well", line):
                say(line)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        assert "nothing to do" in done.stdout and "Python 3.11" in done.stdout


class _Wheels:
    """A folder of wheels as the disk's site."""

    def __init__(self, wheels: Path) -> None:
        self._wheels = wheels

    def path(self) -> Path:
        folder = CACHE / "arm64-site"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        subprocess.run(["cp", "-al", self._wheels, folder / "wheels"], check=True)
        return folder

    def made_by(self) -> str:
        return (self._wheels / "made-by").read_text("ascii")


def _certificates(root: Path) -> None:
    shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
