"""This file runs in a booted house whose root is shut: one phase for each start of the machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from machine import get, health, must, run, show, until, well

CURRENT = Path("/opt/hien/current")
BOX = Path("/var/lib/hien-box")
NIGHT = CURRENT / "provisioning/overlay/night.py"
WIFI = Path("/etc/NetworkManager/system-connections/hien-wifi.nmconnection")
KEPT, FORGOTTEN = Path("/var/lib/hien/kept"), Path("/etc/forgotten")
NEW = "Hiên: the web room of a newer release"


def kind(place: str) -> str:
    return must("findmnt", "-no", "FSTYPE", "--mountpoint", place).split()[-1]


def root_check() -> tuple[str, str]:
    said = json.loads(run("/usr/local/bin/hien", "doctor", "--json").stdout)
    (found,) = (check for check in said["checks"] if check["name"] == "root")
    return found["state"], found["code"]


def nothing_failed() -> None:
    left = must("systemctl", "--failed", "--plain", "--no-legend").strip()
    assert not left, left


def divide() -> None:
    """A house on one file system is given its data partition, and its root is shut."""
    well(900)
    assert kind("/") == "ext4" and root_check() == ("unknown", "")
    rooms = ("hien-web", "hien-devices", "hien-sync")
    must("systemctl", "stop", *rooms)
    began_s = time.monotonic()
    card = CURRENT / "provisioning/first_boot/card/data_partition.py"
    assert must("python3", card, timeout_s=900).strip() == "data"
    print(f"divided in {time.monotonic() - began_s:.0f} s", flush=True)
    print(must("lsblk", "-bno", "NAME,SIZE,FSTYPE,MOUNTPOINT", "/dev/vda"), flush=True)
    assert shutil.disk_usage("/").total > 5.5 * 2**30  # grown while it was in use
    must("systemctl", "start", *rooms)
    well(900)
    print(must("python3", "-I", NIGHT, "on", timeout_s=900), flush=True)
    until(lambda: root_check() == ("unknown", "shuts_later"), 60, f"{root_check()}")
    Path("/data/machine-id").write_text(Path("/etc/machine-id").read_text())
    os.sync()


def shut() -> None:
    """The overlay is there, the data beside it; what is written goes where it should."""
    took_s = well(900)
    print(f"well {took_s:.0f} s after it was asked", flush=True)
    assert kind("/") == "overlay" and kind("/data") == "ext4"
    for line in Path("/etc/fstab").read_text().splitlines():
        if ",x-hien " in line:
            assert os.path.ismount(line.split()[1]), line
    until(lambda: root_check() == ("ok", ""), 60, f"{root_check()}")
    nothing_failed()
    # A newer release, whose unit says so; the root will forget the unit, and must be told again.
    old = Path(os.path.realpath(CURRENT))
    new = old.with_name("9.9.9+lab")
    must("cp", "-a", old, new)
    unit = new / "systemd/hien-web.service"
    lines = unit.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Description="))
    lines[at] = f"Description={NEW}"
    unit.write_text("\n".join(lines) + "\n")
    print(must(new / "provisioning/install", "--no-start"), flush=True)
    WIFI.write_text("[connection]\n")
    WIFI.chmod(0o600)
    for path in (KEPT, FORGOTTEN):
        path.write_text(f"{time.time()}\n")
    os.sync()


def again() -> None:
    """After a cut: the root as it was shut, the data as it was written, the newer release's units;
    then it is a night of updates."""
    well(900)
    assert (kind("/"), *root_check()) == ("overlay", "ok", ""), root_check()
    # The kernel was told ro, as GRUB does it: what the units need is laid into RAM all the same.
    assert " ro " in Path("/proc/cmdline").read_text() and os.access("/etc", os.W_OK)
    nothing_failed()
    assert not FORGOTTEN.exists() and WIFI.stat().st_mode & 0o777 == 0o600
    assert time.time() >= float(KEPT.read_text())
    assert Path("/data/machine-id").read_text() == Path("/etc/machine-id").read_text()
    assert os.readlink(CURRENT) == "releases/9.9.9+lab"
    assert show("hien-web", "Description") == NEW
    assert show("hien-again", "Result") == "success"
    assert Path("/usr/local/lib/hien/laid").read_text() == "9.9.9+lab\n"
    lower = Path("/media/root-ro/usr/local/lib/hien/laid").read_text()
    assert lower != "9.9.9+lab\n"  # in RAM only, until the root is opened
    # Where is it two at night?
    hours = 2 - datetime.now(UTC).hour
    hours = hours + 24 if hours < -12 else hours
    settings = Path("/etc/hien/hien.toml")
    zone = f'timezone = "Etc/GMT{-hours:+d}"'
    settings.write_text(settings.read_text().replace("[house]\n", f"[house]\n{zone}\n"))
    assert (
        must("systemctl", "start", "hien-overlay") == "" and not (BOX / "maintenance.json").exists()
    )
    at_s = time.time() - 8 * 86400
    os.utime(BOX / "maintained", (at_s, at_s))
    must("systemctl", "start", "--no-block", "hien-overlay")
    until(lambda: (BOX / "maintenance.json").exists(), 60, "the root is opened")
    print("opening", flush=True)
    time.sleep(300)  # it is started anew
    raise AssertionError("it was not started anew")


def opened() -> None:
    """The night itself: the root is written, and shut again by itself."""
    assert kind("/") == "ext4" and kind("/data") == "ext4"
    print("the root is open", flush=True)
    time.sleep(900)
    raise AssertionError("it was not started anew")


def closed() -> None:
    """Shut again, with the newer release laid for good."""
    well(900)
    assert (kind("/"), *root_check()) == ("overlay", "ok", ""), root_check()
    assert Path("/media/root-ro/usr/local/lib/hien/laid").read_text() == "9.9.9+lab\n"
    assert time.time() - (BOX / "maintained").stat().st_mtime < 3600
    assert not (BOX / "maintenance.json").exists() and KEPT.exists()
    assert health()["ok"]
    print(f"data at {int(Path('/sys/class/block/vda3/start').read_text()) * 512}", flush=True)


def mended() -> None:
    """The first block of the data part was gone: found as the last of its card, and mended."""
    took_s = well(1500)
    print(f"well {took_s:.0f} s after it was asked", flush=True)
    assert (kind("/"), *root_check()) == ("overlay", "ok", ""), root_check()
    assert KEPT.exists() and not Path("/run/hien-box/no-data").exists()
    log = must("journalctl", "-b", "-u", "hien-data", "-ocat", "--no-pager")
    assert "trying backup blocks" in log, log
    must("nft", "list", "table", "inet", "hien")
    for unit in ("hien-data", "hien-firewall", "hien-web", "hien-devices", "hien-sync"):
        assert show(unit, "ActiveState") == "active", unit
    assert show("hien-safe-page", "ActiveState") == "inactive"
    assert show("hien-web", "Description") == NEW


def lost() -> None:
    """No superblock is left: no room starts from what the root has of them, no table is made, and
    nothing is formatted. The page says so, behind the firewall, for as long as it takes."""
    until(lambda: "phần dữ liệu" in get("/")[1], 900, "the page without the data")
    time.sleep(60)  # three more tries
    status, body = get("/tickets")
    assert status == 503 and "vẫn còn nguyên" not in body, body
    for room in ("hien-web", "hien-devices", "hien-sync"):
        assert show(room, "ActiveState") == "inactive" or show(room, "MainPID") == "0", room
    assert show("hien-data", "ActiveState") == "activating"
    must("nft", "list", "table", "inet", "hien")
    assert not os.path.ismount("/data")
    assert run("blkid", "-p", "-s", "TYPE", "-o", "value", "/dev/vda3").stdout.strip() == ""


PHASES = (divide, shut, again, opened, closed, mended, lost)

if __name__ == "__main__":
    {phase.__name__: phase for phase in PHASES}[sys.argv[1]]()
    print(f"phase {sys.argv[1]} well", flush=True)
    if sys.argv[1] in ("divide", "shut"):
        print("@host cut", flush=True)
        time.sleep(60)
