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
from typing import BinaryIO

from appliance import durable, no_links, seal
from appliance.core.moment import Moment
from appliance.errors import BadInput
from appliance.service import backup_tables
from appliance.service.backup_tar import TarStream
from appliance.store.database import NAME, Store

_SEALED_NAME = re.compile(
    r"(sealed/[A-Za-z0-9_-]{1,64}|dossiers)/[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}"
)
FORMAT = 1


def write_backup(
    out: BinaryIO,
    store: Store,
    now: Moment,
    *,
    data_dir: Path,
    settings: str,
    house: str,
    to: Sequence[str],
) -> None:
    """The sealed backup, into `out`. `to`: age public keys, any of whose secrets opens it; at least
    one. Papers go through a block at a time: there may be more of them than there is memory."""
    if not to:
        raise BadInput(
            "nobody could open this backup: set sync.ward_recipient, or give --to age1….",
            code="no_recipient",
        )
    about = {"format": FORMAT, "house": house, "made_at": now.at_text, "epoch": now.epoch}
    parts: list[tuple[str, bytes | Path]] = [
        ("about.json", json.dumps(about).encode()),
        (NAME, _copy_of(store)),
        ("hien.toml", settings.encode()),
    ]
    for path in sorted([*data_dir.glob("sealed/*/*"), *data_dir.glob("dossiers/*")]):
        name = path.relative_to(data_dir).as_posix()
        if path.is_file() and _SEALED_NAME.fullmatch(name):
            parts.append((name, path))
    seal.seal_stream(TarStream(parts), out, to)


def make_backup(
    store: Store, now: Moment, *, data_dir: Path, settings: str, house: str, to: Sequence[str]
) -> bytes:
    """As `write_backup`; the sealed bytes."""
    out = io.BytesIO()
    write_backup(out, store, now, data_dir=data_dir, settings=settings, house=house, to=to)
    return out.getvalue()


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
    is refused, and one more start makes it right. What was there is kept as `replaced-…`, also
    when nobody can read it any more.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    for left in data_dir.glob(".restore-*"):  # of one that the power cut off
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as folder:
        new = Path(folder) / NAME
        new.write_bytes(found[NAME])
        tickets = backup_tables.take_up(new, now)
        old = data_dir / NAME
        there = old.is_symlink() or old.exists()
        if there and old.lstat().st_size:
            backup_tables.set_aside(old, now)
        for name, body in found.items():
            if _SEALED_NAME.fullmatch(name):
                _refuse_links(data_dir, name)
                durable.write(data_dir / name, body)
        new.chmod(0o660)
        if there and not old.is_symlink():
            # Rooms of three users share it: its owner and rights are the house's.
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


def _refuse_links(data_dir: Path, name: str) -> None:
    """OSError where a room has led a folder of `name` elsewhere: root would write there."""
    folder = data_dir
    for part in Path(name).parts[:-1]:
        folder /= part
        if folder.is_symlink() or folder.exists():
            os.close(no_links.open_folder(folder))


def _copy_of(store: Store) -> bytes:
    """The whole table as it is at one moment, by SQLite's backup interface."""
    with closing(sqlite3.connect(":memory:")) as copy:
        store.connection.backup(copy)
        return bytes(copy.serialize())
