"""This file proves that a backup holds all, opens for its keys alone, and confuses no ward."""

from __future__ import annotations

import dataclasses
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance import seal
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict
from appliance.service import backup
from appliance.service.report import tell
from appliance.store.opening import open_store

THEN = Moment(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), "boot-one", 1000, "run", "ntp")
LATER = dataclasses.replace(THEN, epoch="boot-two")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A data folder with one report and one sealed page."""
    folder = tmp_path / "old"
    store = open_store(folder)
    with store.write():
        tell(store, THEN, "ops", {"type": "here"})
    store.close()
    (folder / "sealed/visit-1").mkdir(parents=True)
    (folder / "sealed/visit-1/page.age").write_bytes(b"age-encryption.org/v1 sealed")
    return folder


def made(house: Path, *to: str) -> bytes:
    store = open_store(house)
    sealed = backup.make_backup(
        store, THEN, data_dir=house, settings="[house]\n", house="hien-a", to=to
    )
    store.close()
    return sealed


def test_all_of_it_comes_back_on_another_box(house: Path, tmp_path: Path) -> None:
    """Reports, sealed pages, settings; opened by either key."""
    ward, card = seal.new_identity(), seal.new_identity()
    sealed = made(house, ward[1], card[1])
    for secret, _ in (ward, card):
        found = backup.open_backup(sealed, secret)
    new = tmp_path / "new"
    backup.restore(found, LATER, new)
    store = open_store(new)
    assert store.value("SELECT body FROM outbox") == '{"type":"here"}'
    assert (new / "sealed/visit-1/page.age").read_bytes().endswith(b"sealed")
    assert found["hien.toml"] == b"[house]\n"


def test_nothing_of_it_can_be_read_without_a_key(house: Path) -> None:
    """The sealed bytes show no table and no settings; another's key does not open them."""
    sealed = made(house, seal.new_identity()[1])
    assert b"SQLite format" not in sealed and b"[house]" not in sealed
    with pytest.raises(BadInput):
        backup.open_backup(sealed, seal.new_identity()[0])


def test_without_a_recipient_there_is_no_backup(house: Path) -> None:
    """Rather none than one that anybody could read."""
    with pytest.raises(BadInput, match="ward_recipient"):
        made(house)


def test_a_box_that_has_worked_since_its_start_is_refused(house: Path, tmp_path: Path) -> None:
    """Otherwise the same (epoch, seq) would name two different reports at the ward."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    with pytest.raises(Conflict) as same_machine:
        backup.restore(found, THEN, tmp_path / "new")
    assert same_machine.value.code == "same_start"
    busy = open_store(tmp_path / "busy")
    with busy.write():
        tell(busy, LATER, "ops", {"type": "worked"})
    busy.close()
    with pytest.raises(Conflict):
        backup.restore(found, LATER, tmp_path / "busy")
    store = open_store(tmp_path / "busy")
    assert store.value("SELECT count(*) FROM outbox") == 1
    store.close()


def test_reports_after_a_restore_never_reuse_a_key(house: Path, tmp_path: Path) -> None:
    """Restored on two boxes (a clone): every key the two make is its own, old ones excepted."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    keys = set()
    for name in ("one", "two"):
        now = dataclasses.replace(THEN, epoch=f"start-of-{name}")
        backup.restore(dict(found), now, tmp_path / name)
        store = open_store(tmp_path / name)
        with store.write():
            tell(store, now, "ops", {"type": name})
        keys |= {(r["epoch"], r["seq"]) for r in store.all("SELECT * FROM outbox")}
        store.close()
    assert keys == {("boot-one", 1), ("start-of-one", 1), ("start-of-two", 1)}


def test_what_was_there_is_kept_beside(house: Path, tmp_path: Path) -> None:
    """Restoring the wrong backup can be undone; the sessions of then are over."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    there = tmp_path / "there"
    store = open_store(there)
    with store.write():
        store.run("INSERT INTO facts VALUES ('mine', 'kept')")
    store.close()
    backup.restore(found, LATER, there)
    (kept,) = there.glob("replaced-*.db")
    with sqlite3.connect(kept) as db:
        assert db.execute("SELECT value FROM facts WHERE name = 'mine'").fetchone() == ("kept",)


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -200])
def test_a_damaged_backup_is_refused(house: Path, cut: int) -> None:
    """Any missing byte: one of our own errors, in words."""
    secret, public = seal.new_identity()
    with pytest.raises(BadInput):
        backup.open_backup(made(house, public)[:cut], secret)


def _broken(folder: Path, how: str) -> dict[str, bytes]:
    """The house's own table as a bad card leaves it; its bytes by name."""
    store = open_store(folder)
    with store.write():
        tell(store, THEN, "ops", {"type": "before it broke"})
    store.close()
    table = folder / "hien.db"
    data = bytearray(table.read_bytes())
    if how == "no table":
        data[:] = b"not a table " * 1000
    elif how == "a torn page":
        data[4096:6144] = bytes(2048)
    elif how == "the schema":
        data[100:2048] = bytes(1948)
    else:  # what was not folded in yet, beside an older file
        data[:100] = bytes(100)
        (folder / "hien.db-wal").write_bytes(b"of the last minutes")
    table.write_bytes(data)
    return {p.name: p.read_bytes() for p in folder.glob("hien.db*") if p.suffix != ".db-shm"}


@pytest.mark.parametrize("how", ["no table", "a torn page", "the schema", "a log beside it"])
def test_a_broken_table_gives_way_and_is_kept_byte_for_byte(
    house: Path, tmp_path: Path, how: str
) -> None:
    """Its being broken is the very reason why somebody puts a backup back."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    there = tmp_path / "there"
    before = _broken(there, how)
    backup.restore(found, LATER, there)
    kept = {p.name.split(".db", 1)[1]: p.read_bytes() for p in there.glob("replaced-*.db*")}
    assert kept == {name.removeprefix("hien.db"): data for name, data in before.items()}
    store = open_store(there)
    assert store.value("SELECT body FROM outbox") == '{"type":"here"}'
    store.close()


@pytest.mark.parametrize("how", ["a torn page", "a log beside it"])
def test_a_table_that_broke_after_it_had_counted_is_refused(
    house: Path, tmp_path: Path, how: str
) -> None:
    """What cannot be asked is searched: its reports bear this start, so the numbers were given."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    there = tmp_path / "there"
    before = _broken(there, how)
    with pytest.raises(Conflict) as same:
        backup.restore(found, THEN, there)
    assert same.value.code == "same_start"
    assert {name: (there / name).read_bytes() for name in before} == before


def test_a_table_that_is_in_use_is_not_taken_for_a_broken_one(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes: then it is left alone."""
    monkeypatch.setattr("appliance.service.backup_tables.WAIT_S", 0.01)
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    there = tmp_path / "there"
    store = open_store(there)
    store.connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    with store.write():
        store.run("INSERT INTO facts VALUES ('mine', 'kept')")
    with pytest.raises(Conflict) as busy:
        backup.restore(found, LATER, there)
    assert busy.value.code == "rooms_run"
    assert store.value("SELECT value FROM facts WHERE name = 'mine'") == "kept"
    store.close()


def test_a_restore_follows_no_link_of_a_room(house: Path, tmp_path: Path) -> None:
    """Root would read another's file into the house's folder, or write pages into another's."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    outside, there = tmp_path / "outside", tmp_path / "there"
    outside.mkdir()
    there.mkdir()
    (outside / "shadow").write_text("root:…")
    (there / "hien.db").symlink_to(outside / "shadow")
    backup.restore(found, LATER, there)
    (kept,) = there.glob("replaced-*.db")
    assert kept.is_symlink() and not (there / "hien.db").is_symlink()
    assert (there / "hien.db").stat().st_mode & 0o007 == 0
    again = tmp_path / "again"
    again.mkdir()
    (again / "sealed").symlink_to(outside)
    with pytest.raises(OSError, match="sealed"):
        backup.restore(found, LATER, again)
    assert [p.name for p in outside.iterdir()] == ["shadow"]


def test_what_a_cut_restore_left_is_gone_with_the_next(house: Path, tmp_path: Path) -> None:
    """A whole table would lie there for ever, where no deletion finds it."""
    secret, public = seal.new_identity()
    found = backup.open_backup(made(house, public), secret)
    (tmp_path / "new/.restore-abc").mkdir(parents=True)
    (tmp_path / "new/.restore-abc/hien.db").write_bytes(b"x")
    backup.restore(found, LATER, tmp_path / "new")
    assert not list((tmp_path / "new").glob(".restore-*"))
