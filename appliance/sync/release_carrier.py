"""This file brings the release that the ward offers into the box's inbox, a piece at a time.

It is only carried here: the updater believes the signature, and chooses the hour. A line that
breaks, a power cut or a ward that offers another one meanwhile cost at the most one beginning anew.
What was brought once is not brought again, whatever became of it: it is 150 MB on a small line.
"""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
import random
import shutil
import time
from pathlib import Path

from appliance import __version__, durable
from appliance.store.release_files import INBOX
from appliance.sync.door import Door

log = logging.getLogger("hien.sync.release")

EVERY_S, AGAIN_S, PAUSE_S = 6 * 3600.0, 900.0, 1.0
PIECE_BYTES = 2 << 20
MOST_BYTES = 1 << 30
# Unpacked beside the present one, with its .venv, and the table's copy for the rehearsal.
ROOM = 5
BROUGHT = "release_brought.txt"


class ReleaseCarrier:
    """`turn` costs nothing while it is not time. Only where there is an inbox: on a box."""

    def __init__(self, door: Door, data_dir: Path, version: str = __version__) -> None:
        self._door, self._version = door, version
        self._inbox, self._brought = data_dir / INBOX, data_dir / BROUGHT
        # Not all houses of a ward at once, when its line comes back.
        self._not_before_s = time.monotonic() + random.uniform(0, 600)  # noqa: S311

    def turn(self) -> None:
        """One piece, when there is one to bring. Raises nothing: the house goes on without."""
        if time.monotonic() < self._not_before_s or not self._inbox.is_dir():
            return
        try:
            wait_s = PAUSE_S if self.piece() else EVERY_S
        except (OSError, http.client.HTTPException) as error:
            log.info("no release from the ward yet: %s", error)
            wait_s = AGAIN_S
        self._not_before_s = time.monotonic() + wait_s

    def piece(self) -> bool:
        """Whether there is more to bring. Raises OSError, HTTPException."""
        part = next(self._inbox.glob(".*.part"), None)
        if part is None:
            return self._begin()
        here = part.stat().st_size
        came = self._door.release(here, PIECE_BYTES)
        if came is None or part.name != f".{came.sha256}.part":
            part.unlink()  # the ward offers another one now, or none
            return True
        with part.open("ab") as f:
            f.write(came.data)
            whole = f.tell() >= came.size_bytes
            if whole:
                f.flush()
                os.fsync(f.fileno())
        return not whole or self._finish(part, came.name, came.sha256)

    def _begin(self) -> bool:
        offered = self._door.release(0, 1)
        if offered is None or offered.name == f"{self._version}.hien":
            return False
        if self._brought.exists() and self._brought.read_text("ascii").strip() == offered.sha256:
            return False
        free = shutil.disk_usage(self._inbox).free
        if offered.size_bytes > MOST_BYTES or free < ROOM * offered.size_bytes:
            log.warning("no room for %s: %d bytes", offered.name, offered.size_bytes)
            return False
        (self._inbox / f".{offered.sha256}.part").touch()
        return True

    def _finish(self, part: Path, name: str, sha256: str) -> bool:
        """True when it has to begin anew: a power cut may leave holes in what was not flushed."""
        with part.open("rb") as f:
            right = hashlib.file_digest(f, "sha256").hexdigest() == sha256
        if not right:
            part.unlink()
            log.warning("%s came damaged; once more", name)
            return True
        part.replace(self._inbox / name)
        durable.write(self._brought, sha256.encode())
        log.info("%s is in the inbox; the night's update looks at it", name)
        return False
