"""This file proves that the rights of the rooms are enforced, not only written down."""

from __future__ import annotations

import re
import time
from pathlib import Path

from machine import ROOMS, get, must, pid, run


def in_room(room: str, *command: str) -> tuple[int, str]:
    """A command as the room's user, within the room's view of the file system."""
    done = run(
        *("nsenter", "-t", str(pid(room)), "-m", "--"),
        *("setpriv", f"--reuid=hien-{room}", f"--regid=hien-{room}", "--init-groups", "--"),
        *command,
    )
    return done.returncode, done.stderr


def proportional_mib(process: int) -> int:
    """What the process takes of the machine's memory, shared pages by their share."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M)[1]) // 1024


def scenario_rooms_cannot_write_elsewhere() -> None:
    """The card, the program and the settings are read-only to each room, even for root's eyes."""
    for room in ROOMS:
        for path in ("/etc/x", "/opt/hien/current/x", "/usr/x", "/var/x", "/boot/x"):
            # As root within the room's view: the mount itself refuses, not only the file's owner.
            done = run("nsenter", "-t", str(pid(room)), "-m", "--", "touch", path)
            assert "Read-only" in done.stderr, (room, path, done.stderr)
        assert in_room(room, "touch", "/var/lib/hien/probe")[0] == 0
        must("rm", "/var/lib/hien/probe")


def scenario_rooms_have_no_power() -> None:
    """No capability, no new privilege, a filter on system calls; each its own user."""
    users = set()
    for room in ROOMS:
        status = Path(f"/proc/{pid(room)}/status").read_text()
        assert re.search(r"^CapEff:\t0+$", status, re.M), room
        assert re.search(r"^NoNewPrivs:\t1$", status, re.M), room
        assert re.search(r"^Seccomp:\t2$", status, re.M), room
        users.add(re.search(r"^Uid:\t(\d+)", status, re.M)[1])
    assert len(users) == 3 and "0" not in users


def scenario_key_is_for_sync_alone() -> None:
    """The key to the ward cannot be read by the rooms that face people and machines."""
    key = Path("/etc/hien/sync/key.pem")
    key.write_text("secret")
    must("chown", "hien-sync:", str(key))
    key.chmod(0o600)
    assert in_room("sync", "cat", str(key))[0] == 0
    for room in ("web", "devices"):
        assert in_room(room, "cat", str(key))[0] != 0
    key.unlink()


def scenario_only_the_houses_ports() -> str:
    """Nothing listens but the web room (and mDNS); the firewall's table is in force."""
    listening = must("ss", "-Htln").splitlines()
    ports = {line.split()[3].rsplit(":", 1)[1] for line in listening}
    assert ports == {"8080"}, listening
    rules = must("nft", "list", "table", "inet", "hien")
    assert "policy drop" in rules and "redirect to :8080" in rules
    assert get("/healthz")[0] == 200
    return "tcp " + ", ".join(sorted(ports))


def scenario_idle_house_writes_nothing() -> str:
    """Ten seconds without people: no file of the house changes."""

    def seen() -> dict[str, int]:
        # The shared-memory file of the table is RAM by another name: SQLite never syncs it.
        return {
            str(path): path.stat().st_mtime_ns
            for path in Path("/var/lib/hien").rglob("*")
            if path.is_file() and not path.name.endswith("-shm")
        }

    before = seen()
    time.sleep(10)
    assert seen() == before
    used = {room: proportional_mib(pid(room)) for room in ROOMS}
    return "MiB (PSS): " + ", ".join(f"{room} {mib}" for room, mib in used.items())


def scenario_units_are_shut_in() -> str:
    """This Debian's own systemd verifies the units and rates their exposure."""
    units = [u for u in sorted(Path("/etc/systemd/system").glob("hien-*")) if u.is_file()]
    assert len(units) > 20, units
    # The wall's own screen is optional: its program is not in this Debian.
    kiosk = Path("/usr/bin/cage")
    kiosk.write_text("#!/bin/sh\n")
    kiosk.chmod(0o755)
    done = run("systemd-analyze", "verify", "--recursive-errors=no", *units)
    kiosk.unlink()
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    rated = {}
    for room, most in (("web", 15), ("devices", 20), ("sync", 12)):
        said = must("systemd-analyze", "security", f"--threshold={most}", f"hien-{room}.service")
        rated[room] = said.split("exposure level for")[1].split(":")[1].split()[0]
    return "exposure: " + ", ".join(f"{room} {score}" for room, score in rated.items())
