"""This file proves the nightly backup as its own unit makes it: on a stick, or told as failed."""

from __future__ import annotations

import re
from pathlib import Path

from machine import SETTINGS, must, run, show

STICK = Path("/media/hien")
UNIT = "hien-backup.service"


def night() -> tuple[int, str]:
    """(exit code of the unit's start, what this start said)."""
    must("journalctl", "--rotate")
    done = run("systemctl", "start", UNIT)
    number = show(UNIT, "InvocationID")
    said = run("journalctl", "--no-pager", "-ocat", f"_SYSTEMD_INVOCATION_ID={number}").stdout
    return done.returncode, said


def scenario_nightly_backup() -> str:
    """Sealed, on to the stick, by the unit in its walls; without stick and ward the unit fails."""
    secret, public = re.findall(
        r"(AGE-SECRET-KEY-\S+)|(age1\S+)", must("/usr/local/bin/hien", "backup", "--new-card")
    )
    sound = SETTINGS.read_text()
    SETTINGS.write_text(sound + f'\n[data]\nbackup_recipients = ["{public[1]}"]\n')
    try:
        code, said = night()
        assert code != 0 and "no stick is in" in said, said
        must("systemctl", "reset-failed", UNIT)
        # As hien-stick@ mounts one.
        rights = "nosuid,nodev,noexec,uid=hien-sync,gid=hien,mode=770"
        must("mount", "-t", "tmpfs", "-o", rights, "none", STICK)
        code, said = night()
        assert code == 0, said
        (made,) = STICK.glob("*.backup.age")
        data = made.read_bytes()
        assert data.startswith(b"age-encryption.org/v1\n")
        assert b"SQLite format 3" not in data
        assert secret[0].encode() not in data
    finally:
        run("umount", STICK)
        SETTINGS.write_text(sound)
    assert not list(STICK.glob("*"))
    score = must("systemd-analyze", "security", "--threshold=15", UNIT)
    rated = score.split("exposure level for")[1].split(":")[1].split()[0]
    return f"{len(data) // 1024} KiB, exposure {rated}"
