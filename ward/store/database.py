"""This file opens the ward's database: WAL, synchronous=FULL, one connection per thread."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from ward.store.migrations import migrations

NAME = "ward.db"
BUSY_TIMEOUT_MS = 10_000
Row = dict[str, Any]


class StoreTooNew(RuntimeError):
    """The database was written by a newer release; nothing was touched."""


class Store:
    """The ward's database below a folder. Any thread may use it; each gets its own connection.

    Writing happens inside `with store.write() as db:` only, which begins IMMEDIATE: a deferred
    transaction that reads and then writes fails with "database is locked" whatever the timeout.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with (folder / "migrate.lock").open("a") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            db = Database(self.connection)
            known = {m.name for m in migrations.applied(db)}
            ours = {m.name for m in migrations._migrations}  # no public list of all of them
            if known - ours:
                raise StoreTooNew(
                    f"the database at {self.path} was written by a newer release "
                    f"({', '.join(sorted(known - ours))}). Nothing was touched. Install that "
                    "release again, or give another --dir."
                )
            migrations.apply(db)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened on first use."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path,
                isolation_level=None,
                timeout=BUSY_TIMEOUT_MS / 1000,
                check_same_thread=False,
            )
            connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "journal_size_limit=67108864"):
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
            with self._lock:
                self._all.append(connection)
        return connection

    def all(self, sql: str, *args: Any) -> list[Row]:
        return [dict(row) for row in self.connection.execute(sql, args)]

    def one(self, sql: str, *args: Any) -> Row | None:
        row = self.connection.execute(sql, args).fetchone()
        return dict(row) if row is not None else None

    def value(self, sql: str, *args: Any) -> Any:
        row = self.connection.execute(sql, args).fetchone()
        return row[0] if row is not None else None

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk when this returns, or none of it is."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
