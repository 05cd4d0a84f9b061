"""This file holds the nightly backup's unit to its place: last in line where memory is short."""

from __future__ import annotations

import re
from pathlib import Path

UNITS = Path(__file__).resolve().parents[2] / "systemd"


def test_the_backup_goes_before_a_room_does() -> None:
    """Its memory has an end, and the kernel takes it first: people's pages go on."""
    text = (UNITS / "hien-backup.service").read_text("utf-8")
    most = re.search(r"^MemoryMax=(\d+)%$", text, re.M)
    assert most and int(most[1]) <= 50
    first = re.search(r"^OOMScoreAdjust=(\d+)$", text, re.M)
    assert first
    for room in ("web", "devices", "sync"):
        of_room = re.search(
            r"^OOMScoreAdjust=(-?\d+)$", (UNITS / f"hien-{room}.service").read_text("utf-8"), re.M
        )
        assert int(first[1]) > int(of_room[1] if of_room else 0)
