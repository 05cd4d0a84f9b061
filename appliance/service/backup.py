"""This file makes the house's sealed backup and puts it back; the box itself cannot open one.

A backup is an age file over a tar: `about.json`, `hien.db` (a whole copy, made while others write),
`hien.toml`, sealed pages and dossiers. Never in it: the key to the ward. A new box enrols
anew, so a backup that falls into the wrong hands, or is put back twice, is nobody's identity.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from appliance import durable, seal
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict
from appliance.store.database import NAME, Store

_SEALED_NAME = re.compile(
    r"(sealed/[A-Za-z0-9_-]{1,64}|dossiers)/[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}"
)
FORMAT = 1


def make_backup(
    store: Store, now: Moment, *, data_dir: Path, settings: str, house: str, to: Sequence[str]
) -> bytes:
    """The sealed backup. `to`: age public keys, any of whose secrets opens it; at least one."""
    if not to:
        raise BadInput(
            "nobody could open this backup: set sync.ward_recipient, or give --to age1….",
            code="no_recipient",
        )
    about = {"format": FORMAT, "house": house, "made_at": now.at_text, "epoch": now.epoch}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, "about.json", json.dumps(about).encode())
        _add(tar, NAME, _copy_of(store))
        _add(tar, "hien.toml", settings.encode())
        for path in sorted([*data_dir.glob("sealed/*/*"), *data_dir.glob("dossiers/*")]):
            name = path.relative_to(data_dir).as_posix()
            if path.is_file() and _SEALED_NAME.fullmatch(name):
                _add(tar, name, path.read_bytes())
    return seal.seal(plain.getvalue(), to)


def open_backup(sealed: bytes, secret: str) -> dict[str, bytes]:
    """Name -> bytes of everything in it. Raises BadInput for another's key or damaged bytes."""
    plain = seal.unseal(sealed, secret)
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
            for member in tar:
                body = tar.extractfile(member) if member.isreg() else None
                known = member.name in ("about.json", NAME, "hien.toml")
                if body is None or not (known or _SEALED_NAME.fullmatch(member.name)):
                    raise BadInput("this is not a backup of Hiên", code="bad_backup")
                found[member.name] = body.read()
        about = json.loads(found["about.json"])
        good = about["format"] == FORMAT and isinstance(about["house"], str) and NAME in found
    except (tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BadInput("this is not a backup of Hiên", code="bad_backup") from error
    if not good:
        raise BadInput("this backup is of another make; use its own release", code="bad_backup")
    return found


def restore(found: dict[str, bytes], now: Moment, data_dir: Path) -> int:
    """Put a backup's table and sealed pages into `data_dir`; the number of tickets in it.

    Only while no room runs. Reports are told apart by (epoch, seq), and the epoch is this start of
    the machine: had a table of this start already counted, its numbers would be given twice. That
    is refused, and one more start makes it right. What was there is kept as `replaced-…`.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as folder:
        new = Path(folder) / NAME
        new.write_bytes(found[NAME])
        tickets = _check(new, now)
        old = data_dir / NAME
        if old.exists() and old.stat().st_size:
            _check(old, now)
            _set_aside(old, data_dir / f"replaced-{now.at_text.replace(':', '')}.db")
        for name, body in found.items():
            if _SEALED_NAME.fullmatch(name):
                target = data_dir / name
                durable.write(target, body)
        if old.exists():  # rooms of three users share it: its owner and rights are the house's
            at = old.stat()
            os.chown(new, at.st_uid, at.st_gid)
            new.chmod(at.st_mode & 0o777)
        with new.open("rb+") as f:
            os.fsync(f.fileno())
        for tail in ("-wal", "-shm"):
            (data_dir / f"{NAME}{tail}").unlink(missing_ok=True)
        new.replace(old)
        durable.sync_folder(data_dir)
    return tickets


def _check(table: Path, now: Moment) -> int:
    """The table is whole, and has counted nothing since this start. Its number of tickets."""
    with closing(sqlite3.connect(table, timeout=10)) as db:
        try:
            if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BadInput("the table in this backup is damaged", code="bad_backup")
            counted = "SELECT count(*) FROM outbox_seq WHERE epoch = ?"
            if db.execute(counted, (now.epoch,)).fetchone()[0]:
                raise Conflict(
                    "this machine has worked since it was switched on. Nothing was changed. "
                    "Start it anew, and restore before anybody takes a number.",
                    code="same_start",
                )
            # Who was signed in there is not signed in here.
            db.execute("DELETE FROM sessions")
            db.commit()
            return int(db.execute("SELECT count(*) FROM tickets").fetchone()[0])
        except sqlite3.DatabaseError as error:
            raise BadInput(f"the table cannot be read: {error}", code="bad_backup") from error


def _set_aside(old: Path, target: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    durable.write(target, old.read_bytes())
    shutil.copystat(old, target)


def _copy_of(store: Store) -> bytes:
    """The whole table as it is at one moment, by SQLite's backup interface."""
    with closing(sqlite3.connect(":memory:")) as copy:
        store.connection.backup(copy)
        return bytes(copy.serialize())


def _add(tar: tarfile.TarFile, name: str, body: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(body)
    tar.addfile(info, io.BytesIO(body))
