"""This file proves the table's transactions: all or nothing, one writer at a time, changes seen."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import StoreError
from appliance.store.database import code_of
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


def test_a_card_that_refuses_a_write_is_failing_and_not_full(tmp_path: Path) -> None:
    """The kernel refuses to lengthen the file, for another reason than room: an I/O error. What
    was there is there, and once it is taken again writing goes on."""
    store = open_store(tmp_path)
    with store.write():
        store.run("INSERT INTO facts VALUES ('before', 'x')")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(StoreError) as e, store.write():
            store.run("INSERT INTO facts VALUES ('amid', 'x')")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert e.value.code == "card_failing"
    assert "full" not in str(e.value)
    with store.write():
        store.run("INSERT INTO facts VALUES ('after', 'x')")
    names = [row["name"] for row in store.all("SELECT name FROM facts ORDER BY name")]
    assert names == ["after", "before"]


@pytest.mark.parametrize(
    ("said", "name", "code"),
    [
        ("database or disk is full", "SQLITE_FULL", "disk_full"),
        ("disk I/O error", "SQLITE_IOERR_SHMSIZE", "disk_full"),
        ("disk I/O error", "SQLITE_IOERR_FSYNC", "card_failing"),
        ("disk I/O error", "", "card_failing"),
        ("unable to open database file", "SQLITE_CANTOPEN", "card_failing"),
        ("database disk image is malformed", "SQLITE_CORRUPT", "card_failing"),
        ("database is locked", "SQLITE_BUSY", "busy"),
        ("attempt to write a readonly database", "SQLITE_READONLY", "read_only"),
        ("no such table: facts", "SQLITE_ERROR", "store"),
    ],
)
def test_each_trouble_has_its_own_word(said: str, name: str, code: str) -> None:
    """The WAL's index without room is an I/O error to SQLite, and a full card to people."""
    error = sqlite3.OperationalError(said)
    if name:
        error.sqlite_errorname = name
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EIO, "card_failing"),
        (errno.EROFS, "read_only"),
        (errno.ENOSPC, "disk_full"),
        (errno.EACCES, "store"),
    ],
)
def test_a_folder_that_cannot_be_used_says_which_trouble_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    """A room's next thread opens the table anew: what the card answers then is told as it is."""

    def refuses(path: Path, *args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(os, "open", refuses)
    with pytest.raises(StoreError) as e:
        open_store(tmp_path)
    assert e.value.code == code
