"""This file proves how the table is opened: copied, migrated, never by an older release."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from appliance.errors import StoreError
from appliance.store.migrations import migrations as ours
from appliance.store.opening import COPIES_KEPT, open_store


def later(*names: str) -> Migrations:
    """Our migrations and some more, as a later release would have them."""
    release = Migrations("hien")
    release._migrations = list(ours._migrations)
    for name in names:

        def step(db: Database, name: str = name) -> None:
            db.execute(f"CREATE TABLE {name} (x)")

        release(name=name)(step)
    return release


def test_wal_full_and_foreign_keys(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.value("PRAGMA journal_mode") == "wal"
    assert store.value("PRAGMA page_size") == 2048
    assert store.value("PRAGMA synchronous") == 2
    assert store.value("PRAGMA foreign_keys") == 1


def test_a_copy_is_taken_before_each_migration_and_holds_what_was_there(tmp_path: Path) -> None:
    with (first := open_store(tmp_path)).write():
        first.run("INSERT INTO facts VALUES ('a', 'before')")
    first.close()
    assert not (tmp_path / "copies").exists()
    open_store(tmp_path, later("m002_more")).close()
    (copy,) = (tmp_path / "copies").glob("*.db")
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT value FROM facts").fetchone() == ("before",)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert (
            db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'm002_more'").fetchone()[0]
            == 0
        )


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    names = [f"m{n:03d}_x" for n in range(2, 9)]
    for upto in range(len(names) + 1):
        open_store(tmp_path, later(*names[:upto])).close()
    assert len(list((tmp_path / "copies").glob("*.db"))) == COPIES_KEPT


def test_the_release_before_can_use_a_table_that_was_only_added_to(tmp_path: Path) -> None:
    """The way back after an update: what the newer one wrote is read, and more is written."""
    new = open_store(tmp_path, later("m002_from_the_future"))
    with new.write():
        new.run("INSERT INTO facts VALUES ('by', 'the new one')")
    new.close()
    old = open_store(tmp_path)
    assert old.value("SELECT value FROM facts WHERE name = 'by'") == "the new one"
    with old.write():
        old.run("INSERT INTO facts VALUES ('back', 'again')")
    old.close()
    assert open_store(tmp_path, later("m002_from_the_future")).value("SELECT count(*) FROM facts")


def test_the_release_before_reads_and_writes_rows_that_know_their_clock(tmp_path: Path) -> None:
    """What it writes lacks the new columns: their defaults say that nothing is known of its clock,
    and it reads what the new one wrote."""
    before = Migrations("hien")
    before._migrations = [m for m in ours._migrations if m.name < "m012"]
    old = open_store(tmp_path, before)
    old.close()
    open_store(tmp_path).close()
    old = open_store(tmp_path, before)
    with old.write():
        old.run(
            "INSERT INTO postings (key, title, text, text_sha256, working_days, state, posted_at,"
            " posted_on, last_on, by_ward) VALUES ('k', 't', 'x', '', 1, 'up', '', '', '', 0)"
        )
    old.close()
    row = open_store(tmp_path).one("SELECT * FROM postings")
    assert row is not None and (row["epoch"], row["mono_ms"], row["sync"]) == ("", 0, "")


def test_a_newer_table_is_refused_and_not_touched(tmp_path: Path) -> None:
    """Unless its release has left word that ours can use it."""
    steps = len(later("m002_from_the_future")._migrations)
    open_store(tmp_path, later("m002_from_the_future"), readable_from=steps).close()
    before = (tmp_path / "hien.db").read_bytes()
    with pytest.raises(StoreError) as e:
        open_store(tmp_path)
    assert e.value.code == "too_new" and "m002_from_the_future" in str(e.value)
    assert (tmp_path / "hien.db").read_bytes() == before


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    broken = later("m002_fine")

    def fails(db: Database) -> None:
        db.execute("CREATE TABLE half (x)")
        raise RuntimeError("power cut")

    broken(name="m003_fails")(fails)
    with pytest.raises(RuntimeError):
        open_store(tmp_path, broken)
    store = open_store(tmp_path, later("m002_fine"))
    assert store.value("SELECT count(*) FROM sqlite_master WHERE name = 'half'") == 0


def test_rooms_that_start_together_migrate_once(tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def room() -> None:
        try:
            open_store(tmp_path).close()
        except BaseException as e:  # noqa: BLE001
            faults.append(e)

    rooms = [threading.Thread(target=room) for _ in range(6)]
    for thread in rooms:
        thread.start()
    for thread in rooms:
        thread.join()
    assert faults == []


def test_a_command_of_root_may_come_before_the_rooms(tmp_path: Path) -> None:
    """`hien volunteer add` or `hien restore` on a new box: what it leaves is the group's as well,
    so the rooms' own users can still take their turn."""
    old = os.umask(0o022)
    try:
        open_store(tmp_path).close()
        open_store(tmp_path, later("m002_more")).close()
    finally:
        os.umask(old)
    assert (tmp_path / "migrate.lock").stat().st_mode & 0o777 == 0o660
    assert (tmp_path / "copies").stat().st_mode & 0o7777 == 0o2770


def test_opening_what_is_up_to_date_writes_nothing(tmp_path: Path) -> None:
    """A room that looks in now and then must not wear the card: a mode set anew is a write too."""
    kept = open_store(tmp_path)
    files = [tmp_path / "migrate.lock", tmp_path / "hien.db"]
    before = [file.stat().st_ctime_ns for file in files]
    open_store(tmp_path).close()
    assert [file.stat().st_ctime_ns for file in files] == before
    kept.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else as well")
def test_a_lock_that_cannot_be_written_can_be_taken() -> None:
    """One that a release before left as root's own, readable to others."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is for its user alone
        os.chmod(folder, 0o777)
        (Path(folder) / "migrate.lock").touch(mode=0o644)
        child = os.fork()
        if child == 0:
            try:
                os.setuid(65534)
                open_store(Path(folder)).close()
                os._exit(0)
            except BaseException:  # noqa: BLE001 -- the child must not come back into pytest
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("name", ["migrate.lock", "copies"])
def test_no_link_in_the_data_folder_is_followed(tmp_path: Path, name: str) -> None:
    """A room could lead a command of root's elsewhere: it would make that the group's as well."""
    data, outside = tmp_path / "data", tmp_path / "outside"
    open_store(data).close()
    if name == "copies":
        outside.mkdir(mode=0o755)
    else:
        outside.touch(mode=0o640)
        (data / name).unlink()
    (data / name).symlink_to(outside)
    before = outside.stat()
    with pytest.raises(StoreError):
        open_store(data, later("m002_more"))
    assert (outside.stat().st_mode, outside.stat().st_ctime_ns) == (
        before.st_mode,
        before.st_ctime_ns,
    )


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "hien.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError):
        open_store(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as e:
        open_store(tmp_path / "file" / "data")
    assert "data folder" in str(e.value)
