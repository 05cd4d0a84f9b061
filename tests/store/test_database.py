"""This file proves the table's transactions: all or nothing, one writer at a time, changes seen."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import StoreError
from appliance.store.opening import open_store


def test_all_or_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ZeroDivisionError), store.write():
        store.run("INSERT INTO facts VALUES ('a', '1')")
        raise ZeroDivisionError
    assert store.value("SELECT count(*) FROM facts") == 0


def test_an_inner_transaction_joins_the_outer(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ZeroDivisionError), store.write():
        with store.write():
            store.run("INSERT INTO facts VALUES ('a', '1')")
        raise ZeroDivisionError
    assert store.value("SELECT count(*) FROM facts") == 0


def test_writing_outside_a_transaction_is_a_mistake_of_ours(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(RuntimeError):
        store.run("INSERT INTO facts VALUES ('a', '1')")
    with pytest.raises(RuntimeError):
        store.insert("facts", {"name": "a", "value": "1"})


def test_another_rooms_commit_is_seen_and_ones_own_is_not(tmp_path: Path) -> None:
    here, there = open_store(tmp_path), open_store(tmp_path)
    here.changed()
    assert not here.changed()
    with there.write():
        there.run("INSERT INTO facts VALUES ('a', '1')")
    assert here.changed() and not here.changed()
    with here.write():
        here.run("INSERT INTO facts VALUES ('b', '1')")
    assert not here.changed()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB of its own."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting a small tmpfs takes root")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a tmpfs here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost_or_broken(small_disk: Path) -> None:
    """Every row that was acknowledged is there; after space is freed, writing goes on."""
    store = open_store(small_disk)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    kept = 0
    with pytest.raises(StoreError) as e:
        for n in range(10_000):
            with store.write():
                store.run("INSERT INTO facts VALUES (?, ?)", f"fact-{n}", "x" * 2000)
            kept += 1
    assert e.value.code == "disk_full"
    assert store.value("SELECT count(*) FROM facts") == kept > 0
    assert store.value("PRAGMA integrity_check") == "ok"
    ballast.unlink()
    with store.write():
        store.run("INSERT INTO facts VALUES ('after', 'x')")
    assert store.value("SELECT count(*) FROM facts") == kept + 1
