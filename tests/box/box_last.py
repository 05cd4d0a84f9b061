"""This file proves the end: removed, and the data is still there."""

from __future__ import annotations

from pathlib import Path

from machine import get, must


def scenario_removing_leaves_the_data() -> None:
    """Units and code go; the table and the settings stay."""
    must("/media/release/provisioning/install", "--remove")
    assert not Path("/opt/hien").exists() and get("/")[0] == 0
    assert not list(Path("/etc/systemd/system").glob("hien*"))
    assert Path("/var/lib/hien/hien.db").stat().st_size > 0
    assert Path("/etc/hien/hien.toml").exists()
