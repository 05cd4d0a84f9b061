"""This file runs the ward's door for houses until it is told to stop, and lets old papers go."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ward.intake.server import Intake
from ward.intake.shelf import Shelf
from ward.store import intake, results
from ward.store.database import Store

log = logging.getLogger("ward.intake")

FOLDER = "dossiers"
TIDY_EVERY_S = 3600.0
PART_KEPT_S = 7 * 86400.0


def start(folder: Path, host: str, port: int) -> Intake:
    """Serve on a thread of its own; end it with `shutdown`. Raises OSError, StoreTooNew."""
    server = Intake(host, port, folder / "tls", Store(folder), Shelf(folder / FOLDER))
    threading.Thread(target=server.serve_forever, name="ward-intake", daemon=True).start()
    return server


def tidy(
    store: Store,
    shelf: Shelf,
    keep: timedelta,
    now: datetime,
    keep_open: timedelta = timedelta(days=365),
) -> int:
    """Papers of dossiers done long ago go, and those nobody has touched for `keep_open`; the list
    and the log stay. How many went."""
    rows = intake.over(store.connection, now, keep, keep_open)
    for row in rows:
        shelf.remove(row["house"], row["dossier"])
        with store.write() as db:
            intake.deleted(db, row["house"], row["dossier"], now)
    with store.write() as db:
        results.forget(db, now)
    for part in shelf.folder.glob("*/*.part"):
        if time.time() - part.stat().st_mtime > PART_KEPT_S:
            part.unlink(missing_ok=True)
    return len(rows)


def keep_tidy(server: Intake, keep: timedelta, over: threading.Event, keep_open: timedelta) -> None:
    """Until `over` is set."""
    while True:
        if n := tidy(server.store, server.shelf, keep, datetime.now(UTC), keep_open):
            log.info("the papers of %s dossiers were deleted: their time is over", n)
        if over.wait(TIDY_EVERY_S):
            return
