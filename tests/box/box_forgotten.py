"""This file proves the new start after a house was forgotten: nothing of it is left."""

from __future__ import annotations

import sqlite3
import tomllib
from pathlib import Path

from machine import must, well


def scenario_nothing_of_the_house_is_left() -> str:
    """No name of a house, nobody in the table, no key to the ward, no Wi-Fi; and it works."""
    took_s = well(90)
    settings = tomllib.loads(Path("/etc/hien/hien.toml").read_text())
    assert settings["house"]["id"].startswith("hien-"), settings["house"]
    assert "sync" not in settings or "cert_file" not in settings["sync"], settings
    table = sqlite3.connect("file:/var/lib/hien/hien.db?mode=ro", uri=True, timeout=10)
    kept = {
        name: table.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for name in ("volunteers", "tickets", "visits")
    }
    table.close()
    assert set(kept.values()) == {0}, kept
    assert not list(Path("/etc/hien/sync").iterdir())
    assert not Path("/etc/NetworkManager/system-connections/hien-wifi.nmconnection").exists()
    left = must("systemctl", "--failed", "--plain", "--no-legend")
    assert "hien-web" not in left and "hien-devices" not in left, left
    return f"well {took_s:.1f} s after it was asked"
