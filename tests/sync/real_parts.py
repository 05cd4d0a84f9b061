"""This file is a real house's sync room and what a real ward stored of it, for the tests beside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from appliance import bootstrap, config
from appliance.service.report import tell
from appliance.store.database import Store
from appliance.sync.room import Room
from ward import app

MakeHouse = Callable[..., "House"]
MakeWard = Callable[[str], app.Running]


class House:
    """A house: its table, and its sync room on a thread that can be stopped and started."""

    def __init__(self, folder: Path, broker_url: str, name: str = "hien-thu") -> None:
        self.id = name
        self.parts = bootstrap.build(
            config.load(
                None,
                {
                    "house.id": name,
                    "data.dir": str(folder / "data"),
                    "data.ram_dir": str(folder / "ram"),
                    "sync.broker": broker_url,
                },
            ),
            "sync",
        )
        self.store: Store = self.parts.store()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=lambda: Room(self.parts).work(self._over))  # type: ignore[arg-type]
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def tell(self, stream: str, **d: Any) -> None:
        with self.store.write():
            tell(self.store, self.parts.clock.now(), stream, d)  # type: ignore[arg-type]

    def pending(self) -> int:
        return int(self.store.value("SELECT count(*) FROM outbox WHERE receipted_at IS NULL"))

    def told(self) -> set[tuple[str, int]]:
        return {(r["stream"], r["seq"]) for r in self.store.all("SELECT stream, seq FROM outbox")}

    def link(self) -> str:
        return str((self.parts.ram.room("sync") or {}).get("link"))


def stored(running: app.Running, name: str = "hien-thu") -> list[tuple[str, int]]:
    return [
        (r["stream"], r["seq"])
        for r in running.ward.store.all("SELECT stream, seq FROM events WHERE house = ?", name)
    ]


def effects(running: app.Running, name: str = "hien-thu") -> int:
    return int(
        running.ward.store.value("SELECT coalesce(sum(n), 0) FROM totals WHERE house = ?", name)
    )
