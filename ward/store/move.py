"""This file copies all a ward keeps from one database to another, of whatever kind."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ward.store.database import URL_FILE, Store
from ward.store.db import Db
from ward.store.migrations import STEPS

CHUNK = 1000
TABLES = tuple(re.findall(r"CREATE TABLE (\w+)", "".join(sql for _, sql in STEPS)))


class CannotMove(RuntimeError):
    """Nothing was changed; the message says what to do."""


def move(folder: Path, url: str) -> Iterator[tuple[str, int]]:
    """Copy in one transaction, compare, and only then write where the store is from now on.

    Yields each table with its number of rows. Raises CannotMove, BadStoreUrl, StoreTooNew and what
    the databases raise; until the end the old one is in use, and it is never changed.
    """
    old, new = Store(folder), Store(folder, url)
    try:
        if old.where == new.where:
            raise CannotMove(f"the ward's store is at {new.where} already")
        for table in TABLES:
            if new.value(f"SELECT 1 FROM {table} LIMIT 1"):  # noqa: S608 - our own names
                raise CannotMove(f"there is something in {new.where} already: {table}")
        with old.write() as reading, new.write() as writing:  # nobody writes to either meanwhile
            for table in TABLES:
                rows = _copy(reading, writing, table)
                found = writing.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                if found != rows:
                    raise CannotMove(f"{table}: {rows} rows here, {found} there")
                yield table, rows
            new.backend.copied(writing, TABLES)
    finally:
        old.close()
        new.close()
    _remember(folder, url)


def _copy(reading: Db, writing: Db, table: str) -> int:
    rows = iter(reading.execute(f"SELECT * FROM {table}"))  # noqa: S608
    n = 0
    while some := list(islice(rows, CHUNK)):
        columns = some[0].keys()
        writing.executemany(
            f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608
            f" VALUES ({', '.join('?' * len(columns))})",
            [tuple(row) for row in some],
        )
        n += len(some)
    return n


def _remember(folder: Path, url: str) -> None:
    """The URL may hold a password: for the ward's own user alone."""
    fresh = folder / f"{URL_FILE}.new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:  # noqa: PTH123
        f.write(f"{url}\n")
        f.flush()
        os.fsync(f.fileno())
    fresh.replace(folder / URL_FILE)
