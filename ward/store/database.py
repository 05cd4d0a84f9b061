"""This file opens the ward's store: SQLite in its folder, or PostgreSQL where a URL says so."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ward.store.db import FAULTS, Backend, BadStoreUrl, Db, Found, StoreFault, StoreTooNew
from ward.store.sqlite import SqliteBackend

__all__ = ["FAULTS", "BadStoreUrl", "Db", "Row", "Store", "StoreFault", "StoreTooNew"]

NAME = "ward.db"
URL_FILE, VARIABLE = "store-url", "HIEN_WARD_STORE"
Row = dict[str, Any]


def backend_of(folder: Path, url: str = "") -> Backend:
    """The database a URL names: sqlite:///PATH or postgresql://…; empty: what HIEN_WARD_STORE says,
    or `store-url` in the folder; else ward.db there. Raises BadStoreUrl."""
    file = folder / URL_FILE
    told = url or os.environ.get(VARIABLE, "") or (file.read_text() if file.exists() else "")
    url = told.strip()
    scheme = urlsplit(url).scheme
    if not url:
        return SqliteBackend(folder / NAME)
    if scheme == "sqlite" and (path := url.removeprefix("sqlite://")) != url and path:
        return SqliteBackend(Path(path))
    if scheme in ("postgresql", "postgres"):
        try:
            from ward.store.postgres import PgBackend
        except ImportError as error:
            raise BadStoreUrl("PostgreSQL needs psycopg: pip install 'hien[ward]'") from error
        return PgBackend(url)
    raise BadStoreUrl(f"a store is sqlite:///PATH or postgresql://…, not {url!r}")


class _Lent:
    """A connection lent to one thread. It goes back by itself when the thread ends."""

    def __init__(self, db: Db, free: list[Db]) -> None:
        self.db, self._free = db, free

    def __del__(self) -> None:
        self._free.append(self.db)


class Store:
    """What the ward keeps. Any thread may use it; each gets a connection of its own.

    Writing happens inside `with store.write() as db:` only.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        """Raises BadStoreUrl, StoreTooNew, StoreFault or sqlite3.Error (it cannot be opened)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.backend = backend_of(folder, url)
        self._local = threading.local()
        self._all: list[Db] = []
        self._free: list[Db] = []
        self._lock = threading.Lock()
        self.backend.migrate()

    @property
    def where(self) -> str:
        """Which database this is, for people; without a password."""
        return self.backend.where

    @property
    def connection(self) -> Db:
        """This thread's connection, opened on first use, and anew when it broke."""
        lent: _Lent | None = getattr(self._local, "lent", None)
        if lent is not None and not lent.db.broken:
            return lent.db
        with self._lock:
            db = self._free.pop() if self._free else None
            if db is None or db.broken:
                self._all = [kept for kept in self._all if not kept.broken]
                db = self.backend.open()
                self._all.append(db)
        self._local.lent = _Lent(db, self._free)
        return db

    def leads(self) -> bool:
        """Whether this program is the one that does what only one may do: call people, send."""
        return self.backend.leads()

    def all(self, sql: str, *args: Any) -> list[Row]:
        return [dict(row) for row in self._read(sql, args)]

    def one(self, sql: str, *args: Any) -> Row | None:
        row = self._read(sql, args).fetchone()
        return dict(row) if row is not None else None

    def value(self, sql: str, *args: Any) -> Any:
        row = self._read(sql, args).fetchone()
        return row[0] if row is not None else None

    def stream(self, sql: str, *args: Any) -> Iterator[Any]:
        """The rows of a long answer, a piece at a time."""
        return self.backend.stream(sql, args)

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Db]:
        """One transaction: all of it is on the disk when this returns, or none of it is.

        `alone` False: others may write meanwhile; lock the houses first (`db.lock_houses`).
        """
        db = self._begin(alone)
        try:
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise

    def close(self) -> None:
        with self._lock:
            for db in self._all:
                db.close()
            self._all.clear()
            self._free.clear()
        self.backend.close()

    def _begin(self, alone: bool) -> Db:
        db = self.connection
        try:
            db.begin(alone=alone)
        except StoreFault:
            if not db.broken:
                raise
            db = self.connection  # the server was restarted since: nothing was begun yet
            db.begin(alone=alone)
        return db

    def _read(self, sql: str, args: tuple[Any, ...]) -> Found:
        db = self.connection
        try:
            return db.execute(sql, args)
        except StoreFault:
            if not db.broken:
                raise
            return self.connection.execute(sql, args)
