"""This file furnishes the demo's house: its folders, its settings file and its two volunteers."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from appliance.clock import Clock
from appliance.config import Config
from appliance.errors import Conflict, HienError
from appliance.service.volunteers import add_volunteer
from appliance.store.opening import open_store

# What the demo decides by itself, whatever settings file it is given.
FURNISHED = frozenset(
    ("data.dir", "data.ram_dir", "web.host", "web.port", "sync.broker", "house.address")
)
VOLUNTEERS = ("Chị Lan", "Anh Minh")
PIN = "2468"
HOUSE = "hien-demo"
ZONE = "Asia/Ho_Chi_Minh"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a RAM file system, with a folder of ours below


class FolderTaken(HienError):
    """Another demo runs in this folder."""

    default_code = "folder_taken"


@dataclass(frozen=True)
class Folders:
    """Where the demo keeps what: `base` survives, `ram` does not."""

    base: Path
    ram: Path

    @property
    def house(self) -> Path:
        return self.base / "house"

    @property
    def ward(self) -> Path:
        return self.base / "ward"

    @property
    def keys(self) -> Path:
        return self.base / "keys"

    @property
    def broker(self) -> Path:
        return self.base / "broker"

    @property
    def logs(self) -> Path:
        return self.base / "logs"

    @property
    def settings(self) -> Path:
        return self.base / "house.toml"

    @property
    def scene(self) -> Path:
        """The JPEG that lies under the camera; none = a bare table. In RAM: it may be personal."""
        return self.ram / "scene.jpg"

    @property
    def clock(self) -> Path:
        return self.ram / "clock.json"

    @property
    def panel(self) -> Path:
        return self.ram / "panel"


def take_folder(base: Path) -> tuple[Folders, IO[str]]:
    """The demo's folders, made, and the lock that keeps a second demo out while it is open.

    Raises FolderTaken. What was in RAM before is gone, as after a power cut.
    """
    base = base.resolve()
    try:
        base.mkdir(parents=True, exist_ok=True)
        lock = (base / "demo.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise FolderTaken(
            f"cannot use {base}: {error.strerror}. Name a folder you may write to with --dir."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        pid = lock.read(20).strip() or "unknown"
        lock.close()
        raise FolderTaken(
            f"a demo is running in {base} already (process {pid}). "
            "Stop it with Ctrl-C, or give this one its own folder with --dir."
        ) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    folders = Folders(base, _ram_folder(base))
    wipe_ram(folders)
    for folder in (folders.logs, folders.panel):
        folder.mkdir(parents=True, exist_ok=True)
    folders.ram.chmod(0o700)
    return folders, lock


def wipe_ram(folders: Folders) -> None:
    """Clear pages, secrets and scenes leave with the power."""
    shutil.rmtree(folders.ram, ignore_errors=True)


def _ram_folder(base: Path) -> Path:
    """A folder in RAM of our own for this demo; without /dev/shm, one beside the data."""
    if not os.access(SHARED_MEMORY, os.W_OK):
        return base / "ram"
    name = hashlib.sha256(str(base).encode()).hexdigest()[:12]
    return SHARED_MEMORY / f"hien-demo-{os.getuid()}-{name}"


def write_settings(
    folders: Folders,
    host: str,
    ports: Mapping[str, int],
    broker: tuple[str, int],
    given: Config | None = None,
    papers: Mapping[str, str] | None = None,
) -> None:
    """The house's TOML: real adapters for printer and broker, virtual camera and panel.

    `papers`: more of [sync], for papers to the ward. What the visitor's own settings file changes
    from the defaults stands above the demo's own, but for where the data lies, where the house
    listens and which broker it speaks to.
    """
    tables: dict[str, dict[str, Any]] = {
        "house": {
            "id": HOUSE,
            "name": "Nhà văn hóa khu phố 3",
            "ward": "phường Bến Hiên",
            "phone": "0900 123 456",
            "address": address(host, ports["port"]),
        },
        "data": {"dir": str(folders.house), "ram_dir": str(folders.ram)},
        "web": {"host": host, "port": ports["port"]},
        "devices": {
            "camera": f"virtual:?scene={quote(str(folders.scene))}",
            "printer": address(host, ports["printer-port"], "tcp"),
            "panel": f"virtual:?dir={quote(str(folders.panel))}",
        },
        "sync": {"broker": address(*broker, "mqtt"), "health_s": 15, **(papers or {})},
    }
    for name, value in (given.asked_for() if given else {}).items():
        table, key = name.split(".", 1)
        if name not in FURNISHED:
            tables.setdefault(table, {})[key] = value
    lines = ["# Written by the demo at each start; changes here do not stay."]
    for table, values in tables.items():
        lines += ["", f"[{table}]"]
        # A JSON text or number is a TOML one as well.
        lines += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items()]
    folders.settings.write_text("\n".join(lines) + "\n", "utf-8")


def add_volunteers(folders: Folders) -> None:
    """Chị Lan at desk 1 and Anh Minh at desk 2, once; both agreed to their names on the wall."""
    store = open_store(folders.house)
    try:
        for desk, name in enumerate(VOLUNTEERS, 1):
            try:
                add_volunteer(store, Clock().now(), name=name, pin=PIN, desk=desk, shows_name=True)
            except Conflict:
                continue
    finally:
        store.close()


def reachable(host: str) -> str:
    """The address this machine reaches a server by that listens on `host`."""
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared with


def address(host: str, port: int, scheme: str = "http") -> str:
    """The URL of a server that listens on `host`:`port`, as this machine reaches it."""
    return f"{scheme}://{reachable(host)}:{port}"
