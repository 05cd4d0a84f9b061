"""This file opens the table for a room: copy, migrate, refuse what is too new."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Migrations

from appliance import no_links
from appliance.errors import StoreError
from appliance.store.database import NAME, Store, code_of
from appliance.store.migrations import READABLE_FROM
from appliance.store.migrations import migrations as ours

COPIES_KEPT = 3


def open_store(
    data_dir: Path, migrations: Migrations = ours, readable_from: int = READABLE_FROM
) -> Store:
    """The table below `data_dir`, brought up to date. Rooms that start together take turns.

    A table of a newer release is used as it is, when that release has left word (SQLite's
    user_version) that ours can: so there is a way back after an update. Otherwise StoreError, and
    nothing is touched.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with _alone(data_dir / "migrate.lock"):
            store = Store(data_dir / NAME)
            try:
                _bring_up_to_date(store, data_dir, migrations, readable_from)
            except BaseException:
                store.close()
                raise
            return store
    except (OSError, sqlite3.DatabaseError) as e:
        raise StoreError(
            f"cannot use the data folder {data_dir}: {e}. "
            "Check that it exists, has space and belongs to the house.",
            code=code_of(e),
        ) from e


def _bring_up_to_date(
    store: Store, data_dir: Path, migrations: Migrations, readable_from: int
) -> None:
    known = {m.name for m in migrations.pending(store.db)}
    applied = [m.name for m in migrations.applied(store.db)]
    newer = [name for name in applied if name not in _all_names(migrations)]
    if newer:
        # The newer release took every step of ours, so there is nothing to do here.
        if not known and 0 < store.value("PRAGMA user_version") <= len(_all_names(migrations)):
            return
        raise StoreError(
            f"the table was written by a newer release (it knows {', '.join(newer)}). "
            "Nothing was touched. Install that release again, or restore the copy from before it.",
            code="too_new",
        )
    if not known:
        return
    if applied:
        _copy(store, data_dir, applied[-1])
    migrations.apply(store.db)
    store.connection.execute(f"PRAGMA user_version = {readable_from:d}")


def _all_names(migrations: Migrations) -> set[str]:
    return {m.name for m in migrations._migrations}  # there is no public list of all of them


def _copy(store: Store, data_dir: Path, last: str) -> None:
    """A whole copy of the table as it is, before it is changed. The newest few are kept."""
    folder = data_dir / "copies"
    folder.mkdir(exist_ok=True)
    handle = no_links.open_folder(folder)
    try:
        if os.fstat(handle).st_uid == os.geteuid():
            os.fchmod(handle, 0o2770)  # for the group, as its parent is
    finally:
        os.close(handle)
    target = folder / f"before-{len(list(folder.iterdir())):04d}-{last}.db"
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    store.connection.execute("VACUUM INTO ?", (str(part),))
    with part.open("rb+") as f:
        os.fsync(f.fileno())
    part.replace(target)
    for old in sorted(folder.glob("before-*.db"))[:-COPIES_KEPT]:
        old.unlink()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One at a time. Whoever comes first makes the file, and that may be a command of root's: it is
    for the group all the same. Who only finds it need not be able to write it to lock it."""
    lock = no_links.open_file(path, os.O_RDONLY | os.O_CREAT)
    try:
        found = os.fstat(lock)
        # Only where it is not so yet: the same mode once more is a write to the card as well.
        if found.st_uid == os.geteuid() and found.st_mode & 0o777 != 0o660:
            os.fchmod(lock, 0o660)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
