"""This file serves the houses people practise in with the same machines, after the real one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from appliance.devices.duty import Turn
from appliance.devices.parts import Parts
from appliance.errors import HienError
from appliance.service import practice

LOOK_S = 0.5


def with_practice(real: Turn, parts: Parts, make: Callable[[Parts], Turn]) -> Turn:
    """The real house's turn, then one of each practice house's. Looking costs one readdir in RAM,
    twice a second; `make` builds a worker for a practice house's parts."""
    turns: dict[Path, Turn] = {}
    next_look_s = 0.0

    def turn() -> float:
        nonlocal next_look_s
        rest_s = real()
        if time.monotonic() >= next_look_s:
            next_look_s = time.monotonic() + LOOK_S
            there = practice.folders(parts.ram)
            for gone in [folder for folder in turns if folder not in there]:
                del turns[gone]
            for folder in there:
                if folder not in turns:
                    turns[folder] = make(practice.PracticeParts(parts, folder))
        for folder, one in list(turns.items()):
            try:
                one()
            except (HienError, OSError, sqlite3.Error):
                turns.pop(folder, None)  # it has ended in the midst of this
        return rest_s

    return turn
