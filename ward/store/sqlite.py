"""This file is the ward's database as one file: SQLite, WAL, synchronous=FULL."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from ward.store.db import Db, StoreTooNew
from ward.store.migrations import migrations

BUSY_TIMEOUT_MS = 10_000


class SqliteDb(sqlite3.Connection):
    """A connection that begins IMMEDIATE: a deferred transaction that reads and then writes fails
    with "database is locked" whatever the timeout. So every writer is alone here."""

    broken = False

    def begin(self, *, alone: bool) -> None:
        self.execute("BEGIN IMMEDIATE")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")

    def lock_houses(self, houses: Iterable[str]) -> None:
        return

    def add_new(
        self, table: str, columns: Sequence[str], key: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> set[tuple[Any, ...]]:
        places = [columns.index(name) for name in key]
        # Names come from our own code only.
        newest = self.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]  # noqa: S608
        before = self.total_changes
        self.executemany(
            f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608
            f" VALUES ({', '.join('?' * len(columns))}) ON CONFLICT DO NOTHING",
            rows,
        )
        if self.total_changes - before == len(rows):
            return {tuple(row[i] for i in places) for row in rows}
        found = self.execute(
            f"SELECT {', '.join(key)} FROM {table} WHERE rowid > ?",  # noqa: S608
            (newest or 0,),
        )
        return {tuple(row) for row in found}


class SqliteBackend:
    """The database in the file `path`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.where = path, str(path)

    def open(self) -> SqliteDb:
        db = sqlite3.connect(
            self.path,
            isolation_level=None,
            timeout=BUSY_TIMEOUT_MS / 1000,
            check_same_thread=False,
            factory=SqliteDb,
        )
        db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "journal_size_limit=67108864"):
            db.execute(f"PRAGMA {pragma}")
        return db

    def migrate(self) -> None:
        with (self.path.parent / "migrate.lock").open("a") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            connection = self.open()
            db = Database(connection)
            known = {m.name for m in migrations.applied(db)}
            ours = {m.name for m in migrations._migrations}  # no public list of all of them
            if known - ours:
                raise StoreTooNew(
                    f"the database at {self.path} was written by a newer release "
                    f"({', '.join(sorted(known - ours))}). Nothing was touched. Install that "
                    "release again, or give another --dir."
                )
            migrations.apply(db)
            connection.close()

    def leads(self) -> bool:
        return True  # a file is one machine's, and one console's

    def stream(self, sql: str, args: Sequence[Any]) -> Iterator[Any]:
        db = self.open()
        try:
            yield from db.execute(sql, args)
        finally:
            db.close()

    def copied(self, db: Db, tables: Iterable[str]) -> None:
        return  # SQLite takes the largest number there is

    def close(self) -> None:
        return
