"""This file holds the three units to what the house promises: own user, own rights, a watchdog.

As text always; by `systemd-analyze verify` and `security` where systemd is installed. The facts
behind each ban were measured in a VM with a camera, a USB printer and a GPIO chip.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("web", "devices", "sync")
UNITS = ROOT / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def unit(room: str) -> dict[str, list[str]]:
    """The unit's keys with their values; sections do not matter here."""
    text = (ROOT / "systemd" / f"hien-{room}.service").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_its_own_user_and_a_watchdog(room: str) -> None:
    """Own user, Type=notify, WatchdogSec, restarts, then the ladder; no cores, group-only files."""
    keys = unit(room)
    assert keys["User"] == [f"hien-{room}"]
    assert keys["Type"] == ["notify"] and int(keys["WatchdogSec"][0]) <= 60
    assert keys["Restart"] == ["always"]
    # Then the ladder, which never gives up either.
    assert keys["StartLimitIntervalSec"] == ["300"] and keys["StartLimitBurst"] == ["6"]
    assert keys["OnFailure"] == ["hien-ladder@%p.service"]
    assert keys["LimitCORE"] == ["0"] and keys["UMask"] == ["0007"]
    assert f"-m appliance {room} --config /etc/hien/hien.toml" in keys["ExecStart"][0]


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_starts_while_old_data_is_waited_for(room: str) -> None:
    """The mark that the card's script makes, by its name there."""
    script = (ROOT / "provisioning/first_boot/card/first_boot.py").read_text("utf-8")
    assert 'STATE / "waits"' in script and 'STATE = Path("/var/lib/hien-box/first-boot")' in script
    assert unit(room)["ConditionPathExists"] == ["!/var/lib/hien-box/first-boot/waits"]


@pytest.mark.parametrize("room", ROOMS)
def test_options_that_break_a_room_are_left_out(room: str) -> None:
    """What was seen to break things stays out, and what mends the filter stays in."""
    keys = unit(room)
    assert "ProcSubset" not in keys  # gpiozero reads /proc/cpuinfo
    assert "PrivateNetwork" not in keys  # no hot-plug from udev, no LAN
    assert keys["SystemCallErrorNumber"] == ["EPERM"]  # else a refused call kills the room
    assert "AF_NETLINK" in keys["RestrictAddressFamilies"][0]
    assert keys["CapabilityBoundingSet"] == [""]
    # libcamera schedules its threads; the other rooms may not.
    denied = "~@privileged" if room == "devices" else "~@privileged @resources"
    assert keys["SystemCallFilter"] == ["@system-service", denied]


def test_only_the_devices_room_has_devices_and_it_has_no_network() -> None:
    """web and sync see no device; devices sends no packet, and its devices go by class."""
    for room in ("web", "sync"):
        assert unit(room)["PrivateDevices"] == ["yes"] and "DeviceAllow" not in unit(room)
    devices = unit("devices")
    assert devices["IPAddressDeny"] == ["any"] and "IPAddressAllow" not in devices
    assert devices["DevicePolicy"] == ["closed"] and "PrivateDevices" not in devices
    assert all(re.fullmatch(r"char-[\w]+ rw", value) for value in devices["DeviceAllow"])
    # lgpio makes FIFOs in its working directory: not on the card.
    assert devices["WorkingDirectory"] == ["/run/hien-devices"]


def test_what_is_plugged_in_later_has_its_class_from_the_start() -> None:
    """systemd drops a class that the kernel does not know when the unit starts. So the module that
    brings it is loaded before; seen in a VM: the first USB printer of its life was "denied"."""
    built_in = {"dma_heap", "gpiochip"}
    brought_by = {"usb": "usbcore", "usb_device": "usbcore", "ttyUSB": "usbserial",
                  "ttyACM": "cdc_acm", "video4linux": "videodev", "media": "mc"}  # fmt: skip
    devices = unit("devices")
    classes = {value.split()[0].removeprefix("char-") for value in devices["DeviceAllow"]}
    assert classes == built_in | set(brought_by)
    for key in ("Wants", "After"):
        named = " ".join(devices[key]).split()
        assert {f"modprobe@{module}.service" for module in brought_by.values()} <= set(named), key


def test_what_mends_the_data_hears_udev() -> None:
    """Its events do not come into a network namespace of its own: it waited for ever (a VM)."""
    keys = unit("data")
    assert "PrivateNetwork" not in keys and "AF_NETLINK" in keys["RestrictAddressFamilies"][0]
    assert keys["TimeoutStartSec"] == ["infinity"]


def test_only_sync_sees_the_key_to_the_ward() -> None:
    """The client key is hidden from the other two."""
    for room in ("web", "devices"):
        assert unit(room)["InaccessiblePaths"] == ["-/etc/hien/sync"]
    assert "InaccessiblePaths" not in unit("sync")


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: p.stem)
def test_each_ban_has_its_reason_beside_it(path: Path) -> None:
    """Every block of settings in [Service] stands under a comment: nobody takes one out unknowing.

    Each comment speaks for the bans that follow it, at most six.
    """
    bare = 6
    for line in path.read_text("utf-8").split("[Service]")[1].split("[Install]")[0].splitlines():
        if line.startswith("#"):
            bare = 0
        elif re.match(r"(Protect|Private|Restrict|System|Memory|Lock|Remove|Limit|UMask|IP)", line):
            bare += 1
            assert bare <= 6, f"{path.name}: no reason for {line}"


def test_the_box_never_asks_more_of_the_watchdog_than_it_takes() -> None:
    """Above 15 s the Pi's watchdog refuses, and systemd goes on without one, silently."""
    text = (ROOT / "provisioning/machine/etc/systemd/system.conf.d/hien.conf").read_text("utf-8")
    match = re.search(r"^RuntimeWatchdogSec=(\d+)s$", text, re.M)
    assert match and 10 <= int(match[1]) <= 15


def test_the_helpers_door_stays_open_however_often_a_room_knocks() -> None:
    """At systemd's limit a socket fails until the next start, for all rooms."""
    text = (UNITS / "hien-helper.socket").read_text("utf-8")
    assert "\nTriggerLimitIntervalSec=0\n" in text and "\nMaxConnections=4\n" in text


def test_a_sticks_second_partition_is_not_laid_over_the_first(tmp_path: Path) -> None:
    """The unit's own lines, with memory for the stick: one mount, also when both come at once; for
    the room that writes backups, and no other."""
    text = (UNITS / "hien-stick@.service").read_text("utf-8")
    condition, start = (
        re.search(rf"^{key}=(.*)$", text, re.M)[1]  # type: ignore[index]
        for key in ("ExecCondition", "ExecStart")
    )
    options = re.search(r"-o (\S+) /dev/%I", start)
    assert options and {"nosuid", "nodev", "noexec", "gid=hien-sync", "umask=007"} <= set(
        options[1].split(",")
    )
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    start = re.sub(r"/bin/mount .* /dev/%I", "mount -t tmpfs none", start)
    lines = f"""
        ({start}) & ({start}) & wait
        grep -c ' /media/hien ' /proc/self/mounts
        {condition} && echo free
        umount /media/hien; {condition} && echo free again
    """.replace("/media/hien", str(tmp_path))
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", lines],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "permi" in done.stderr.lower():
        pytest.skip(f"no mounts here: {done.stderr}")
    assert done.stdout.split("\n")[:2] == ["1", "free again"], done


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """A root with the units in place and a stand-in for the program they start."""
    slot = "opt/hien/current"
    for name in (
        f"{slot}/.venv/bin/python",
        f"{slot}/provisioning/ladder",
        f"{slot}/provisioning/well",
        f"{slot}/hien",
        "usr/sbin/nft",
        "usr/bin/flock",
        "usr/bin/python3",
        "usr/bin/cage",
        *(
            f"{slot}/provisioning/{name}"
            for name in ("wifi_back", "boot", "clock_floor", "install")
        ),
        *(f"bin/{name}" for name in ("sh", "systemctl", "mount", "umount")),
    ):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    for unit in (f for kind in ("service", "timer", "socket") for f in UNITS.glob(f"*.{kind}")):
        (folder / unit.name).write_text(unit.read_text("utf-8").replace("@prefix@", f"/{slot}"))
    # A template is verified by one of its instances; units of Debian's own, by name alone.
    for name, of in (("ladder", "hien-web"), ("stick", "sda1"), ("helper", "0")):
        template = folder / f"hien-{name}@.service"
        (folder / f"hien-{name}@{of}.service").write_text(template.read_text())
    for target in (
        "network-pre",
        "network",
        "shutdown",
        "multi-user",
        "timers",
        "sockets",
        "local-fs",
    ):
        (folder / f"{target}.target").write_text("[Unit]\nDescription=stand-in\n")
    return tmp_path


def verify(root: Path) -> subprocess.CompletedProcess[str]:
    units = sorted(u for u in (root / "etc/systemd/system").glob("hien-*") if "@." not in u.name)
    return subprocess.run(
        # Without --recursive-errors it ends with 0 on an unknown key.
        ["systemd-analyze", "verify", f"--root={root}", "--recursive-errors=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )


@needs_systemd
def test_systemd_understands_every_line(laid_out: Path) -> None:
    """`systemd-analyze verify` has nothing to say; and it does say something when there is."""
    said = verify(laid_out)
    assert (said.returncode, said.stderr) == (0, "")
    broken = laid_out / "etc/systemd/system/hien-web.service"
    broken.write_text(broken.read_text().replace("WatchdogSec=30", "WatchdogSex=30"))
    assert "WatchdogSex" in verify(laid_out).stderr


@needs_systemd
@pytest.mark.parametrize(
    ("room", "most"), [("web", 15), ("devices", 20), ("sync", 12), ("safe-page", 20)]
)
def test_each_room_is_shut_in(laid_out: Path, room: str, most: int) -> None:
    """`systemd-analyze security` gives an exposure of at most `most` tenths."""
    said = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={most}",
            laid_out / f"etc/systemd/system/hien-{room}.service",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-300:]
    print(said.stdout.splitlines()[-1])
