"""This file keeps what the ward wants a house to be like: roster, config, catalogue, by version.

The house applies a version whole or not at all, and tells which it has applied.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.sync.protocol import WANTED, Version, Wanted, encode_wanted, utc_text
from ward.store.db import Db

WHY_MOST = 300
COLUMNS = (
    "house, name, ver, body, made_at, made_by, applied_ver, applied_at, refused_ver, refused_code"
)


@dataclass(frozen=True)
class Standing:
    """One wanted state of one house. `applied_ver` 0: none yet; `refused_code` says why not."""

    house: str
    name: Wanted
    ver: int
    body: Mapping[str, Any]
    made_at: str
    made_by: str
    applied_ver: int
    applied_at: str | None
    refused_ver: int
    refused_code: str

    @property
    def applied(self) -> bool:
        return self.applied_ver == self.ver


def put(
    db: Db,
    house: str,
    name: Wanted,
    body: Mapping[str, Any],
    by: str,
    now: datetime,
    reported_ver: int = 0,
) -> int:
    """Want this from now on, inside the caller's transaction; the new version.

    `reported_ver`: what the house says it has (`<name>_ver` in its hello), so that a ward whose
    database was lost does not begin below it. Raises ProtocolError when it is too large to send.
    """
    row = db.execute(
        "SELECT ver, applied_ver FROM wanted WHERE house = ? AND name = ?", (house, name)
    ).fetchone()
    known = max(int(row["ver"]), int(row["applied_ver"])) if row else 0
    ver = max(known, reported_ver) + 1
    encode_wanted(Version(ver, body))
    db.execute(
        "INSERT INTO wanted (house, name, ver, body, made_at, made_by) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (house, name) DO UPDATE SET ver = excluded.ver, body = excluded.body,"
        " made_at = excluded.made_at, made_by = excluded.made_by, told_at = NULL",
        (house, name, ver, json.dumps(dict(body), ensure_ascii=False), utc_text(now), by),
    )
    return ver


def of(db: Db, house: str) -> list[Standing]:
    """What is wanted of this house."""
    return _read(db, "WHERE house = ?", (house,))


def all_of(db: Db, name: Wanted) -> list[Standing]:
    """One kind over all houses: the "applied by" list."""
    return _read(db, "WHERE name = ? ORDER BY house", (name,))


def untold(db: Db, most: int = 200) -> list[Standing]:
    """What was not given to the broker since it was wanted."""
    return _read(db, "WHERE told_at IS NULL ORDER BY made_at LIMIT ?", (most,))


def mark_told(db: Db, standing: Standing, now: datetime) -> None:
    db.execute(
        "UPDATE wanted SET told_at = ? WHERE house = ? AND name = ? AND ver = ?",
        (utc_text(now), standing.house, standing.name, standing.ver),
    )


def tell_again(db: Db, house: str | None = None) -> None:
    """The broker may have forgotten what it was to keep: give what is not applied once more."""
    db.execute(
        "UPDATE wanted SET told_at = NULL WHERE house = coalesce(?, house) AND applied_ver <> ver"
        " AND refused_ver <> ver AND told_at IS NOT NULL",
        (house,),
    )


def reported(db: Db, house: str, hello: Mapping[str, Any], at: str) -> None:
    """A house said in its hello which versions it has. One that went back gets the newest again."""
    for standing in of(db, house):
        ver = hello.get(f"{standing.name}_ver")
        if isinstance(ver, bool) or not isinstance(ver, int) or ver == standing.applied_ver:
            continue
        db.execute(
            "UPDATE wanted SET applied_ver = ?, applied_at = ?,"
            " told_at = CASE WHEN ? = ver THEN told_at ELSE NULL END"
            " WHERE house = ? AND name = ?",
            (max(0, min(ver, 2**53)), at, ver, house, standing.name),
        )


def told(db: Db, house: str, d: Mapping[str, Any], at: str) -> None:
    """A house told on `ops` that it applied or refused a version."""
    name, ver, code = d.get("name"), d.get("ver"), d.get("code")
    if name not in WANTED or isinstance(ver, bool) or not isinstance(ver, int):
        return
    if d.get("state") == "applied":
        db.execute(
            "UPDATE wanted SET applied_ver = ?, applied_at = ? WHERE house = ? AND name = ?"
            " AND applied_ver < ?",
            (ver, at, house, name, ver),
        )
    elif d.get("state") == "refused":
        parts = [t for t in (code, d.get("why")) if isinstance(t, str) and t and t.isprintable()]
        db.execute(
            "UPDATE wanted SET refused_ver = ?, refused_code = ? WHERE house = ? AND name = ?",
            (ver, ": ".join(parts)[:WHY_MOST], house, name),
        )


def _read(db: Db, where: str, args: tuple[Any, ...]) -> list[Standing]:
    # `where` comes from this file only; every value is bound.
    rows = db.execute(f"SELECT {COLUMNS} FROM wanted {where}", args).fetchall()  # noqa: S608
    return [Standing(**{**dict(r), "body": json.loads(r["body"])}) for r in rows]
