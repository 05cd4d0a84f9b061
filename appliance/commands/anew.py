"""This file lets a room start anew when the ward has set something the room reads at its start.

Only where somebody starts it again (systemd, `hien all`), and only while nobody is being served.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sqlite3
import threading

from appliance.bootstrap import Parts
from appliance.errors import StoreError
from appliance.store import from_ward, quiet
from appliance.store.database import Store

log = logging.getLogger("hien")

LOOK_S = 5.0


def watched(parts: Parts) -> Parts:
    """The parts themselves; from now on this process ends when they are out of date."""
    if os.environ.get("NOTIFY_SOCKET"):
        threading.Thread(target=_watch, args=(parts,), name="anew", daemon=True).start()
    return parts


def is_due(parts: Parts, store: Store) -> bool:
    """True when the ward's settings or catalogue are newer than these parts, and all is quiet."""
    newer = {
        name: ver
        for name, ver in from_ward.versions(store).items()
        if name in ("config", "catalogue") and ver != parts.in_effect.get(name, 0)
    }
    return bool(newer) and not quiet.is_busy(store, parts.clock.now())


def _watch(parts: Parts) -> None:
    """Each connection's first look asks in any case: something may have come since the parts were
    made, or while the table could not be read."""
    wait = threading.Event()
    while True:
        try:
            with contextlib.closing(parts.store()) as store:
                while not wait.wait(LOOK_S):
                    if store.changed() and is_due(parts, store):
                        log.info("the ward has set something: starting anew")
                        os.kill(os.getpid(), signal.SIGTERM)
                        return
        except (StoreError, sqlite3.Error, OSError) as e:
            log.info("the table cannot be read: %s", e)
            wait.wait(LOOK_S)
