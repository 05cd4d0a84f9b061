"""This file is the ward's database on a PostgreSQL server, for many consumers at once.

Whoever writes shares one advisory lock with the others and then locks the houses it writes about;
whoever writes `alone` (the console's pages) takes that one lock for itself. So what reads and then
writes is as safe as on SQLite, and consumers do not wait for each other's houses.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

import psycopg
from psycopg import conninfo, pq
from psycopg.types.string import StrDumper

from ward.store import pg_migrations
from ward.store.db import BadStoreUrl, Db, Found, StoreFault

LOCK_TIMEOUT_S = 10
LINE = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 3,
        "keepalives_count": 3, "tcp_user_timeout": 15_000}  # fmt: skip
STRIPES = 256  # of houses: a server has room for some thousands of locks, not for each house's
ALONE, LEAD = 1000, 1001  # the other advisory locks
CHUNK = 2000


class PgRow(tuple[Any, ...]):
    """A row to be read by number and by name, as those of sqlite3 are."""

    __slots__ = ()
    at: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.at[key] if key.__class__ is str else key)

    def keys(self) -> list[str]:
        return list(self.at)


@lru_cache(1024)
def _row_of(names: tuple[str, ...]) -> type[PgRow]:
    at = {name: i for i, name in enumerate(names)}
    return type("PgRow", (PgRow,), {"__slots__": (), "at": at})


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], PgRow]:
    return _row_of(tuple(c.name for c in cursor.description or ()))


@lru_cache(1024)
def _sql(text: str) -> str:
    """Ours to psycopg's: no text of ours has a question mark or a per cent sign of its own."""
    return text.replace("%", "%%").replace("?", "%s")


class _NoNul(StrDumper):
    """PostgreSQL has no text with NUL in it; a stranger's text may."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


class PgDb:
    """One connection, in autocommit but between `begin` and `commit`."""

    def __init__(self, connection: psycopg.Connection[PgRow]) -> None:
        self.raw = connection
        connection.adapters.register_dumper(str, _NoNul)
        # Two wards in two schemas of one database do not lock each other.
        self._salt: int = self._one("SELECT hashtext(current_database() || current_schema())")
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'")
        connection.execute(
            # A receipt promises that a crash of the server loses nothing.
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )

    def execute(self, sql: str, args: Sequence[Any] = (), /) -> Found:
        try:
            return cast("Found", self.raw.execute(_sql(sql), args))
        except psycopg.Error as error:
            raise StoreFault(str(error)) from error

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Found:
        cursor = self.raw.cursor()
        try:
            cursor.executemany(_sql(sql), rows)
        except psycopg.Error as error:
            raise StoreFault(str(error)) from error
        return cast("Found", cursor)

    def begin(self, *, alone: bool) -> None:
        self.execute("BEGIN")
        try:
            self._lock(ALONE, "" if alone else "_shared")
        except StoreFault:
            self.rollback()
            raise

    def commit(self) -> None:
        status = self.raw.info.transaction_status
        if status == pq.TransactionStatus.INERROR:  # COMMIT would silently be a rollback
            raise StoreFault("a statement of this transaction had failed")
        self.execute("COMMIT")

    def rollback(self) -> None:
        if not self.broken and self.raw.info.transaction_status != pq.TransactionStatus.IDLE:
            self.execute("ROLLBACK")

    def lock_houses(self, houses: Iterable[str]) -> None:
        # In one order everywhere: two who wait for each other would wait for ever.
        stripes = sorted({zlib.crc32(house.encode()) % STRIPES for house in houses})
        self.execute(
            "SELECT pg_advisory_xact_lock(?::int, n) FROM unnest(?::int[]) AS n",
            (self._salt, stripes),
        )

    def add_new(
        self, table: str, columns: Sequence[str], key: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> set[tuple[Any, ...]]:
        if not rows:
            return set()
        kinds = ["bigint" if isinstance(value, int) else "text" for value in rows[0]]
        arrays = ", ".join(f"?::{kind}[]" for kind in kinds)
        found = self.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608
            f" ON CONFLICT DO NOTHING RETURNING {', '.join(key)}",
            [list(column) for column in zip(*rows, strict=True)],
        )
        return {tuple(row) for row in found}

    def lead(self) -> bool:
        """Take the lead for as long as this connection lasts, unless somebody has it."""
        found = self.execute(
            "SELECT pg_try_advisory_lock(?::int, ?::int) AS had", (self._salt, LEAD)
        )
        return bool(found.fetchone()["had"])

    @property
    def broken(self) -> bool:
        return self.raw.closed or self.raw.broken

    def close(self) -> None:
        self.raw.close()

    def _one(self, sql: str) -> Any:
        return next(iter(self.execute(sql)))[0]

    def _lock(self, number: int, how: str) -> None:
        self.execute(f"SELECT pg_advisory_xact_lock{how}(?::int, ?::int)", (self._salt, number))


class PgBackend:
    """The database at a postgresql:// URL, with everything libpq knows (.pgpass, services, TLS)."""

    def __init__(self, url: str) -> None:
        try:
            given = conninfo.conninfo_to_dict(url)
            int(given.get("port") or 0)
        except (psycopg.Error, ValueError) as error:
            raise BadStoreUrl(f"this is no address of a PostgreSQL database: {error}") from error
        self._target = conninfo.make_conninfo("", **{**LINE, **given})
        shown = (str(given.get(name) or "") for name in ("host", "port", "dbname"))
        self.where = "postgresql " + "/".join(part for part in shown if part)
        self._leader: PgDb | None = None
        self._leading = threading.Lock()

    def open(self) -> PgDb:
        try:
            return PgDb(psycopg.connect(self._target, autocommit=True, row_factory=_rows))
        except psycopg.Error as error:
            raise StoreFault(f"no way to {self.where}: {error}") from error

    def migrate(self) -> None:
        db = self.open()
        try:
            pg_migrations.apply(db, self.where)
        finally:
            db.close()

    def leads(self) -> bool:
        """One session holds the lock; when it breaks, the server gives the lead to the next."""
        with self._leading:
            try:
                if self._leader is None:
                    candidate = self.open()
                    if not candidate.lead():
                        candidate.close()
                        return False
                    self._leader = candidate
                self._leader.execute("SELECT 1")
            except StoreFault:
                self.close()
                return False
            return True

    def stream(self, sql: str, args: Sequence[Any]) -> Iterator[Any]:
        db = self.open()
        try:
            with db.raw.transaction(), db.raw.cursor(name="rows") as cursor:
                cursor.itersize = CHUNK
                yield from cursor.execute(_sql(sql), args)
        except psycopg.Error as error:
            raise StoreFault(str(error)) from error
        finally:
            db.close()

    def copied(self, db: Db, tables: Iterable[str]) -> None:
        numbered = db.execute(
            "SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES'"
            " AND table_schema = current_schema()"
        )
        for table in {row["table_name"] for row in numbered} & set(tables):
            db.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"  # noqa: S608
                f" coalesce((SELECT max(id) FROM {table}), 0) + 1, false)"
            )

    def close(self) -> None:
        if self._leader is not None:
            self._leader.close()
            self._leader = None
