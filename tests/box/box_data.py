"""This file takes the box's data part away and lets it come late: no room runs without it."""

from __future__ import annotations

import os
from pathlib import Path

from machine import ROOMS, drop_in, get, health, must, run, show, until, well

FSTAB, PART = Path("/etc/fstab"), Path("/srv/late")


def scenario_no_room_without_its_data() -> str:
    """fstab wants it and it is not there: a page that says so and promises nothing, no number. When
    it comes, firewall and rooms begin by themselves."""
    before = FSTAB.read_text() if FSTAB.exists() else ""
    source = "/dev/disk/by-uuid/no-such"
    made = drop_in("hien-data.service", "[Service]\nEnvironment=HIEN_DATA_PAUSE_S=1\n")
    rooms = [f"hien-{room}.service" for room in ROOMS]
    must("systemctl", "stop", *rooms, "hien-firewall")
    FSTAB.write_text(f"{before}{source} {PART} ext4 nofail,x-systemd.device-timeout=1,x-hien 0 2\n")
    must("systemctl", "daemon-reload")
    must("systemctl", "stop", "hien-data")
    must("systemctl", "start", "--no-block", *rooms)
    told_s = until(lambda: "phần dữ liệu" in get("/")[1], 60, "the page without the data")
    status, body = get("/tickets")
    assert status == 503 and "vẫn còn nguyên" not in body, body
    assert health() == {}
    for unit in rooms:
        assert show(unit, "ActiveState") in ("inactive", "activating"), unit
    assert not os.path.exists("/var/lib/hien-box/reboots")
    PART.mkdir(exist_ok=True)
    must("mount", "-t", "tmpfs", "none", PART)
    back_s = well()
    assert show("hien-safe-page", "ActiveState") == "inactive"
    for unit in (*rooms, "hien-data.service"):
        until(lambda unit=unit: show(unit, "ActiveState") == "active", 60, unit)  # type: ignore[misc]
    until(lambda: show("hien-firewall", "ActiveState") == "active", 30, "the firewall")
    FSTAB.write_text(before)
    made.unlink()
    run("umount", PART)
    must("systemctl", "daemon-reload")
    return f"told after {told_s:.1f} s, well {back_s:.1f} s after it came"
