"""This file gathers what `hien doctor` reports: what the rooms last said, or a look of its own.

The checks are those the desk and the ward see: made by devices/watch.py and core/box_checks.py,
read from the rooms' heartbeats in RAM while they run. Nothing here writes, not even a folder.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from appliance.clock import Clock
from appliance.config import Config
from appliance.core.check import Check, CheckState
from appliance.devices.camera import open_camera
from appliance.devices.panel import PanelError, open_panel
from appliance.devices.panel.none import NoPanel
from appliance.devices.printer import open_printer
from appliance.devices.watch import Watch
from appliance.store.database import NAME
from appliance.store.ram import Ram

ROOMS = ("web", "devices", "sync")
ALIVE_MS = 10_000


@dataclass(frozen=True)
class Look:
    """What was found. `source`: "rooms" (they run and said so) or "own" (we looked ourselves)."""

    source: str
    checks: list[Check]
    numbers: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bad(self) -> list[Check]:
        return [check for check in self.checks if check.state == "bad"]


def look(config: Config) -> Look:
    """Everything there is to see now. Raises ConfigError for a device that cannot be meant."""
    ram = Ram(config.ram_dir)
    said: dict[str, dict[str, Any] | None] = {}
    rooms: list[Check] = []
    for room in ROOMS:
        try:
            said[room] = ram.room(room)
        except OSError as error:
            said[room] = None
            rooms.append(Check(f"room_{room}", "unknown", "denied", str(error)))
            continue
        rooms.append(_room(room, said[room]))
    if not any(said.values()) and all(check.code != "denied" for check in rooms):
        # Not one has spoken since the box started: nobody has begun it, which is no fault.
        rooms = [Check(check.name, "unknown", "not_running") for check in rooms]
    head = [_table(config), *rooms, _link(config, said["sync"])]
    devices = said["devices"]
    alive = {check.name: check.state == "ok" for check in rooms}
    if alive["room_devices"] and devices is not None:
        return Look(
            "rooms",
            head + [_check(one) for one in devices.get("checks", [])],
            devices.get("health", {}),
            devices.get("words", {}),
        )
    watch = _own_watch(config)
    return Look("own", head + watch.checks, watch.numbers, watch.words)


def devices_room_runs(config: Config) -> bool:
    """Whether the room that owns the devices is alive."""
    return _room("devices", Ram(config.ram_dir).room("devices")).state == "ok"


def _own_watch(config: Config) -> Watch:
    """One look by the same code that looks in the devices room."""
    camera = open_camera(config["devices.camera"])
    printer = open_printer(config["devices.printer"])
    fault: Check | None = None
    try:
        panel = open_panel(config["devices.panel"])
    except PanelError as error:
        panel = NoPanel.instead_of(config["devices.panel"])
        fault = Check("panel", "bad", error.code, str(error))
    watch = Watch(camera, printer, panel, config.data_dir, config.ram_dir)
    try:
        watch.turn()
    finally:
        for device in (panel, printer, camera):
            device.close()
    if fault is not None:
        watch.checks = [fault if check.name == "panel" else check for check in watch.checks]
    return watch


def _room(room: str, said: Mapping[str, Any] | None) -> Check:
    name = f"room_{room}"
    at_ms = (said or {}).get("at_mono_ms")
    if not isinstance(at_ms, int):
        return Check(name, "bad", "silent")
    silent_ms = Clock().now().mono_ms - at_ms
    if not 0 <= silent_ms < ALIVE_MS:
        return Check(name, "bad", "silent", f"for {max(0, silent_ms) // 1000} s")
    return Check(name, "ok")


def _link(config: Config, said: Mapping[str, Any] | None) -> Check:
    if config["sync.broker"].startswith("none:"):
        return Check("link", "unknown", "none")
    if said is None or _room("sync", said).state != "ok":
        return Check("link", "unknown")
    if said.get("link") == "down" and said.get("cert_ended"):
        house = config["house.id"]
        return Check("link", "bad", "cert_ended", f"at the ward: hien ward enrol {house}")
    if said.get("link") == "down":
        return Check("link", "bad", "link_down")
    return Check("link", "ok" if said.get("link") == "up" else "unknown")


def _table(config: Config) -> Check:
    """SQLite's own quick look over the file, opened so that not even a lock file is made."""
    path = config.data_dir / NAME
    try:
        if not path.exists():
            return Check("table", "unknown", "not_yet")
    except PermissionError as error:
        return Check("table", "unknown", "denied", str(error))
    if not os.access(path, os.R_OK):
        return Check("table", "unknown", "denied")
    # Without a log beside it nobody has it open; then it may be read as if it never changed.
    how = "mode=ro" if path.with_name(f"{NAME}-wal").exists() else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)) as table:
            found = table.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        return Check("table", "unknown", "", str(error))
    except sqlite3.DatabaseError as error:
        return Check("table", "bad", "damaged", str(error))
    return Check("table", "ok") if found == "ok" else Check("table", "bad", "damaged", str(found))


def _check(said: Mapping[str, Any]) -> Check:
    states: dict[Any, CheckState] = {"ok": "ok", "bad": "bad"}
    state = states.get(said.get("state"), "unknown")
    return Check(
        str(said.get("name")), state, str(said.get("code", "")), str(said.get("detail", ""))
    )
