"""This file opens the table: WAL, synchronous=FULL, immediate transactions, a look for changes."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from appliance.errors import StoreError

BUSY_TIMEOUT_MS = 10_000
NAME = "hien.db"

Row = dict[str, Any]


class Store:
    """One connection to the table. Not shared between threads: each opens its own.

    Writing is done inside `with store.write():` only. It begins IMMEDIATE, because a deferred
    transaction that reads and then writes fails with "database is locked" whatever the timeout.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.connection = sqlite3.connect(
                path, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000
            )
            self.connection.row_factory = sqlite3.Row
            for pragma in (
                # Of a new table only. Our rows are small: half of SQLite's page of 4096 bytes
                # writes a sixth less in a day of visits (bench/wear.py).
                "page_size=2048",
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"busy_timeout={BUSY_TIMEOUT_MS}",
                # The card is slow and small: let the log grow to 1 or 2 MiB, then fold it in.
                "wal_autocheckpoint=512",
                "journal_size_limit=4194304",
                "temp_store=MEMORY",
            ):
                self.connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as e:
            raise StoreError(
                f"cannot open the table at {path}: {e}. "
                "Check that the folder exists and can be written."
            ) from e
        self.db = Database(self.connection)
        self._seen_version = -1

    def one(self, sql: str, *args: Any) -> Row | None:
        row = self._run(sql, args).fetchone()
        return dict(row) if row is not None else None

    def all(self, sql: str, *args: Any) -> list[Row]:
        return [dict(row) for row in self._run(sql, args)]

    def value(self, sql: str, *args: Any) -> Any:
        row = self._run(sql, args).fetchone()
        return row[0] if row is not None else None

    def run(self, sql: str, *args: Any) -> int:
        """Execute a writing statement inside a transaction; the number of rows it touched."""
        if not self.connection.in_transaction:
            raise RuntimeError("writing outside of `with store.write()`")
        return self._run(sql, args).rowcount

    def insert(self, table: str, row: Row) -> int:
        """Insert one row; its rowid. Raises sqlite3.IntegrityError when a key is there already."""
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        if not self.connection.in_transaction:
            raise RuntimeError("writing outside of `with store.write()`")
        # Table and column names come from our own code only; every value is bound.
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        cursor = self._run(sql, tuple(row.values()))
        return int(cursor.lastrowid or 0)

    @contextmanager
    def write(self) -> Iterator[Store]:
        """One transaction: all of it is on the card when this returns, or none of it is.

        A transaction inside another joins it. Raises StoreError when the disk is full or broken;
        nothing has changed then.
        """
        if self.connection.in_transaction:
            yield self
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as e:
            raise _as_store_error(e) from e
        try:
            yield self
            self.connection.execute("COMMIT")
        except BaseException as e:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(e, sqlite3.OperationalError):
                raise _as_store_error(e) from e
            raise

    def changed(self) -> bool:
        """True when another connection has committed since the last look (2 µs a look)."""
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        before, self._seen_version = self._seen_version, version
        return bool(version != before)

    def close(self) -> None:
        self.connection.close()

    def _run(self, sql: str, args: Sequence[Any]) -> sqlite3.Cursor:
        return self.connection.execute(sql, tuple(args))


_OF_ERRNO = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EIO: "card_failing",
    errno.EROFS: "read_only",
}


def code_of(e: sqlite3.Error | OSError) -> str:
    """What an error of the table or its files means to people: disk_full, card_failing, busy,
    read_only, else store."""
    if isinstance(e, OSError):
        return _OF_ERRNO.get(e.errno or 0, "store")
    text, name = str(e), getattr(e, "sqlite_errorname", "")
    # The WAL's index is grown by SHMSIZE: without room SQLite calls that an I/O error too.
    if "full" in text or name == "SQLITE_IOERR_SHMSIZE":
        return "disk_full"
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "card_failing"
    for part, code in (
        ("disk I/O", "card_failing"),
        ("locked", "busy"),
        ("readonly", "read_only"),
    ):
        if part in text:
            return code
    return "store"


_SAID = {
    "disk_full": "the card is full ({}). Nothing was changed. Free some space, then try again.",
    "card_failing": "the card is failing ({}). Nothing was changed. Replace it soon.",
    "busy": "the table is busy ({}). Nothing was changed. Try again.",
    "read_only": "the card cannot be written ({}). Nothing was changed.",
    "store": "the table did not take this: {}",
}


def _as_store_error(e: sqlite3.OperationalError) -> StoreError:
    code = code_of(e)
    return StoreError(_SAID[code].format(e), code=code)
