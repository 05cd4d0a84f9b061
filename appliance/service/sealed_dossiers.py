"""This file keeps a finished dossier, sealed to the ward, until the ward says it has it.

First the file, whole and synced, then the row, together with the end of the visit. A file without
a row is swept away.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from appliance import durable
from appliance.core.age import age_s, made_under
from appliance.core.moment import Moment
from appliance.service.dating import date_rows
from appliance.service.report import tell
from appliance.store import sealed_dossiers
from appliance.store.database import Store

FOLDER = "dossiers"
ORPHAN_AGE_S = 3600.0  # a file this old without a row is no file that is just being made


@dataclass(frozen=True)
class Kept:
    """A sealed dossier on the card. `id` is all the ward will know it by."""

    id: str
    file: str
    sha256: str
    size_bytes: int
    pages: int


def new_id() -> str:
    return secrets.token_hex(10)


def keep_file(data_dir: Path, dossier_id: str, sealed: bytes, pages: int) -> Kept:
    """Put the sealed bytes on the card; they are there when this returns. Raises OSError."""
    name = f"{dossier_id}.age"
    durable.create(data_dir / FOLDER / name, sealed)
    return Kept(dossier_id, name, hashlib.sha256(sealed).hexdigest(), len(sealed), pages)


def hand_in(store: Store, now: Moment, visit_id: str, kept: Kept | None) -> None:
    """This file is what the ward gets of the visit; None: nothing of it, whatever was asked for
    before. Within the transaction that closes the visit: until then nothing can have been sent."""
    store.run("DELETE FROM sealed_dossiers WHERE visit_id = ?", visit_id)
    if kept is None:
        return
    store.insert(
        "sealed_dossiers",
        {
            "id": kept.id,
            "visit_id": visit_id,
            "file": kept.file,
            "sha256": kept.sha256,
            "size_bytes": kept.size_bytes,
            "pages": kept.pages,
            "state": "sealed",
            "made_at": now.at_text,
            **made_under(now),
        },
    )


def drop_unneeded(store: Store, data_dir: Path, kept: Kept) -> None:
    """Delete the file at once if its visit did not end with it. Raises nothing: a card that is out
    of order just now is swept later."""
    with contextlib.suppress(OSError, sqlite3.Error):
        if kept.file not in sealed_dossiers.files(store):
            (data_dir / FOLDER / kept.file).unlink(missing_ok=True)


def delivered(store: Store, now: Moment, data_dir: Path, dossier_id: str) -> None:
    """The ward has it on its disk: the fact first, then the file goes."""
    with store.write():
        row = store.one("SELECT * FROM sealed_dossiers WHERE id = ?", dossier_id)
        if row is None or row["state"] != "sealed":
            return
        store.run(
            "UPDATE sealed_dossiers SET state = 'delivered', ended_at = ? WHERE id = ?",
            now.at_text,
            dossier_id,
        )
        tell(
            store,
            now,
            "ops",
            {
                "type": "dossier_sent",
                "dossier": dossier_id,
                "pages": row["pages"],
                "size_bytes": row["size_bytes"],
            },
        )
    (data_dir / FOLDER / row["file"]).unlink(missing_ok=True)


def expire(store: Store, now: Moment, data_dir: Path, keep_days: int) -> int:
    """What could not be sent for so long is deleted, and its number told. Sweeps the folder."""
    date_rows(store, now, "sealed_dossiers")
    old = [
        row
        for row in store.all("SELECT * FROM sealed_dossiers WHERE state IN ('sealed', 'aside')")
        # A clock that may be wrong deletes nothing.
        if now.sync != "none" and age_s(row, now, "made_at") > keep_days * 86_400
    ]
    if old:
        with store.write():
            for row in old:
                store.run(
                    "UPDATE sealed_dossiers SET state = 'expired', ended_at = ? WHERE id = ?",
                    now.at_text,
                    row["id"],
                )
                store.run(
                    "UPDATE set_aside SET state = 'discarded', ended_at = ? WHERE kind = 'dossier'"
                    " AND item = ? AND state = 'aside'",
                    now.at_text,
                    row["id"],
                )
            tell(store, now, "ops", {"type": "dossiers_expired", "count": len(old)})
    sweep(store, data_dir)
    return len(old)


def sweep(store: Store, data_dir: Path) -> int:
    """Delete files that no row needs any more; their number."""
    folder, gone = data_dir / FOLDER, 0
    if not folder.is_dir():
        return 0
    needed, now_s = sealed_dossiers.files(store), time.time()
    for file in folder.iterdir():
        if file.name not in needed and now_s - file.stat().st_mtime > ORPHAN_AGE_S:
            file.unlink(missing_ok=True)
            gone += 1
    return gone
