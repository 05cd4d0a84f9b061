"""This file proves that the porter goes on, whatever a file, the table or the line may do."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from appliance.clock import Clock
from appliance.errors import StoreError
from appliance.store.database import Store
from appliance.store.opening import open_store
from appliance.sync import porter as p
from appliance.sync.door import Door
from appliance.sync.porter import Porter

NOWHERE = Door("https://127.0.0.1:9", "hien-thu", lambda: ("", "", ""))


def test_a_table_that_does_not_open_at_first_is_opened_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has just been locked or out of order: no dossier would have left before a new start."""
    monkeypatch.setattr(p, "LOOK_S", 0.01)
    turned, faults = threading.Event(), [StoreError("busy", code="busy"), OSError(5, "EIO")]

    def open_later() -> Store:
        if faults:
            raise faults.pop()
        return open_store(tmp_path)

    porter = Porter(NOWHERE, open_later, Clock().now, tmp_path, 30, each_turn=turned.set)
    assert not porter.dead
    porter.start()
    assert turned.wait(20) and not porter.dead
    porter.stop()
    assert not porter.dead


class ChoosyDoor:
    """A ward that stumbles over one dossier whenever it sees it."""

    def __init__(self, over: str) -> None:
        self.over, self.taken = over, []  # type: ignore[var-annotated]

    def had_bytes(self, name: str, sha256: str) -> tuple[int, int]:
        return 404, 0

    def put(self, name: str, file: Path, sha256: str, total: int, offset: int) -> int:
        if name == self.over:
            return 500
        self.taken.append(name)
        return 201


def test_one_dossier_the_ward_stumbles_over_holds_up_none_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others arrive, the oldest first; this one is tried between them and stays."""
    rows = [{"id": f"d{n}", "file": f"d{n}.age", "sha256": "", "size_bytes": 1} for n in range(4)]
    (tmp_path / "dossiers").mkdir()
    for row in rows:
        (tmp_path / "dossiers" / str(row["file"])).write_bytes(b"x")
    door = ChoosyDoor("d0")
    gone = monkeypatch.setattr
    gone(p.kept, "to_send", lambda _: [r for r in rows if r["id"] not in door.taken])
    gone(p.dossiers, "delivered", lambda *_: None)
    store = open_store(tmp_path)
    porter = Porter(door, lambda: store, Clock().now, tmp_path, 30)  # type: ignore[arg-type]
    waits = [porter.turn(store) for _ in range(7)]
    assert door.taken == ["d1", "d2", "d3"]
    assert [wait > 0 for wait in waits] == [True, False] * 3 + [True]
    assert porter.code == "status_500"
    store.close()
