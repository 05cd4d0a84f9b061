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
