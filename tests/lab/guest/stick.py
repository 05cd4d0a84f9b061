"""This file runs in a booted house while the host puts a stick in, and pulls it out."""

from __future__ import annotations

import json
import os
import pwd
import re
import time
from pathlib import Path

from machine import must, run, show, until, well

STICK, SETTINGS = Path("/media/hien"), Path("/etc/hien/hien.toml")


def mounted() -> dict[str, str]:
    """Option -> value of what is mounted for the stick; empty when nothing is."""
    said = run("findmnt", "-J", "-o", "TARGET,FSTYPE,OPTIONS", "--mountpoint", STICK).stdout
    if not said.strip():
        return {}
    (found,) = json.loads(said)["filesystems"]
    options = (one.partition("=") for one in found["options"].split(","))
    return {"": found["fstype"]} | {name: value for name, _, value in options}


def main() -> None:
    well(900)
    assert mounted() == {}
    _, public = re.findall(
        r"(AGE-SECRET-KEY-\S+)|(age1\S+)", must("/usr/local/bin/hien", "backup", "--new-card")
    )[1]
    text = SETTINGS.read_text()
    SETTINGS.write_text(text + f'\n[data]\nbackup_recipients = ["{public}"]\n')
    print("@host in", flush=True)
    took_s = until(mounted, 90, "the stick is mounted by itself")
    options = mounted()
    print(f"mounted by itself after {took_s:.1f} s: {options}", flush=True)
    assert options[""] == "vfat"
    assert {"nosuid", "nodev", "noexec"} <= set(options)
    sync_id = pwd.getpwnam("hien-sync").pw_uid
    assert options["uid"] == str(sync_id) and options["dmask"] == "0007"
    # Rooms that were started before see it too: the rights alone keep them off.
    assert options["gid"] == str(pwd.getpwnam("hien-sync").pw_gid)
    # Nothing on it is a program, whatever it says of itself; and nobody else may look.
    done = run("sh", "-c", "exec /media/hien/autorun.sh")
    assert done.returncode == 126 and "it ran" not in done.stdout, (done.returncode, done.stdout)
    looked = run("setpriv", "--reuid=nobody", "--clear-groups", "ls", STICK)
    assert looked.returncode != 0, looked.stdout
    # The nightly backup finds it.
    must("systemctl", "start", "hien-backup", timeout_s=300)
    (made,) = STICK.glob("*.backup.age")
    assert made.read_bytes().startswith(b"age-encryption.org/v1\n")
    # A release on it is believed by its signature alone: this house has no key, and takes nothing.
    done = run("/usr/local/bin/hien", "update", "install", "/media/hien/9.9.9.hien")
    assert done.returncode == 1 and "no key is pinned" in done.stdout + done.stderr, done
    key = Path("/etc/hien/update-keys/current.pem")
    key.write_bytes((STICK / "current.pem").read_bytes())
    began_s = time.monotonic()
    # A minute is what a Pi has; emulated, three rooms take longer to start.
    done = run("env", "HIEN_UPDATE_WELL_S=600", "/usr/local/bin/hien", "update", "install",
               "/media/hien/9.9.9.hien", timeout_s=2400)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert os.readlink("/opt/hien/current").startswith("releases/9.9.9")
    print(f"the release taken in from it in {time.monotonic() - began_s:.0f} s", flush=True)
    well(900)
    print("@host out", flush=True)
    until(lambda: not mounted(), 60, "it is gone with the stick")
    assert oct(STICK.stat().st_mode & 0o777) == "0o0"
    done = run("systemctl", "start", "hien-backup")
    assert done.returncode != 0  # no stick, no ward: told as failed
    assert show("hien-web", "ActiveState") == "active"
    print("all well", flush=True)


if __name__ == "__main__":
    main()
