"""This file judges the two tables of a restore: the one that comes, and the one that gives way."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from appliance import durable, no_links
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict

WAIT_S = 10.0
_BLOCK = 1 << 20
_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def take_up(table: Path, now: Moment) -> int:
    """The number of tickets in a table that may be used from now on.

    Raises BadInput for one that is not whole; Conflict for one that counted since this start.
    """
    with closing(sqlite3.connect(table, timeout=WAIT_S)) as db:
        try:
            if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BadInput("the table in this backup is damaged", code="bad_backup")
            counted = "SELECT count(*) FROM outbox_seq WHERE epoch = ?"
            if db.execute(counted, (now.epoch,)).fetchone()[0]:
                raise _same_start()
            # Who was signed in there is not signed in here.
            db.execute("DELETE FROM sessions")
            db.commit()
            return int(db.execute("SELECT count(*) FROM tickets").fetchone()[0])
        except sqlite3.DatabaseError as error:
            raise BadInput(f"the table cannot be read: {error}", code="bad_backup") from error


def set_aside(old: Path, now: Moment) -> None:
    """Keep the house's own table as `replaced-….db` beside it; `old` itself stays for now.

    A broken one is kept byte for byte, with what SQLite has not folded in yet: a table that broke
    is why a backup is put back. Raises Conflict when it has counted since this start, or is in use.
    """
    target = old.with_name(f"replaced-{now.at_text.replace(':', '')}.db")
    if not old.is_symlink() and _is_whole(old):
        take_up(old, now)
        with closing(sqlite3.connect(old)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        durable.write(target, old.read_bytes())
        shutil.copystat(old, target)
        return
    both = [(old.with_name(old.name + tail), f"{target.name}{tail}") for tail in ("", "-wal")]
    # Every report bears the start it was made in, so where no question is answered, the text is
    # searched for.
    if any(_holds(file, now.epoch.encode()) for file, _ in both):
        raise _same_start()
    for file, name in both:
        if file.exists() and file.stat().st_size:  # our look may have laid an empty log
            os.link(file, file.with_name(name), follow_symlinks=False)
    durable.sync_folder(old.parent)


def _is_whole(table: Path) -> bool:
    """Looked at without a change, not even the one that closing a table makes. Raises Conflict."""
    try:
        address = f"{table.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=WAIT_S)) as db:
            whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            db.execute("SELECT 1 FROM outbox_seq, sessions, tickets LIMIT 1").fetchone()
            return bool(whole)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _IN_USE:
            raise Conflict(
                "the table is in use. Nothing was changed. Stop the rooms, and once more.",
                code="rooms_run",
            ) from error
        return False


def _holds(file: Path, text: bytes) -> bool:
    try:
        handle = no_links.open_file(file, os.O_RDONLY)
    except OSError:  # none, or a link: then it is no table that counted
        return False
    with os.fdopen(handle, "rb") as opened:
        before = b""
        while block := opened.read(_BLOCK):
            if text in before + block:
                return True
            before = block[-len(text) :]
    return False


def _same_start() -> Conflict:
    return Conflict(
        "this machine has worked since it was switched on. Nothing was changed. "
        "Start it anew, and restore before anybody takes a number.",
        code="same_start",
    )
