"""This file says what a database of the ward must be able to do, whichever one it is.

The ward's SQL is written once, in what SQLite and PostgreSQL have in common, with `?` for values.
What they do not have in common is a method here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

KEYS_AT_ONCE = 500


class StoreFault(Exception):
    """The database did not do it: gone, full, or it refused."""


FAULTS = (sqlite3.Error, StoreFault)
"""What to catch where a database that cannot be written must not end the work."""


class StoreTooNew(RuntimeError):
    """The database was written by a newer release; nothing was touched."""


class BadStoreUrl(ValueError):
    """The URL of the store cannot be used; the message says what is wanted."""


class Found(Protocol):
    """What a statement gave. A row can be read by name and by number, and made a dict of."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Db(Protocol):
    """One connection; one thread at a time."""

    def execute(self, sql: str, args: Sequence[Any] = ..., /) -> Found: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Found: ...

    def begin(self, *, alone: bool) -> None:
        """Begin to write. `alone`: nobody else writes meanwhile. Else others that are not alone
        may, and each locks the houses it writes about."""

    def commit(self) -> None: ...
    def rollback(self) -> None: ...

    def lock_houses(self, houses: Iterable[str]) -> None:
        """Until the commit nobody else writes about these houses."""

    def add_new(
        self, table: str, columns: Sequence[str], key: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> set[tuple[Any, ...]]:
        """Insert the rows whose key is not there yet, all at once; their keys."""

    @property
    def broken(self) -> bool:
        """True when this connection will never work again."""

    def close(self) -> None: ...


class Backend(Protocol):
    """One kind of database, opened as often as there are threads."""

    where: str  # for people; without a password

    def open(self) -> Db: ...
    def migrate(self) -> None:
        """Bring the tables up to this release. Raises StoreTooNew."""

    def leads(self) -> bool:
        """Whether this program is the one that does what only one may do."""

    def stream(self, sql: str, args: Sequence[Any]) -> Iterator[Any]:
        """Rows of a long answer, a piece at a time."""

    def copied(self, db: Db, tables: Iterable[str]) -> None:
        """Rows came with their numbers: new ones go on after them."""

    def close(self) -> None: ...


def lookup(
    db: Db, table: str, columns: str, key: Sequence[str], keys: Iterable[Sequence[Any]]
) -> Iterator[Any]:
    """The rows with these keys, many at a time. Names come from our own code only."""
    left = iter(keys)
    one = "(" + ", ".join("?" * len(key)) + ")"
    while some := list(islice(left, KEYS_AT_ONCE)):
        sql = (
            f"SELECT {columns} FROM {table} WHERE ({', '.join(key)}) IN"  # noqa: S608
            f" (VALUES {', '.join([one] * len(some))})"
        )
        yield from db.execute(sql, [value for values in some for value in values])
