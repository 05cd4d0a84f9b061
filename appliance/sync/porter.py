"""This file carries sealed dossiers to the ward's door, one at a time, on a thread of its own.

A dossier leaves the card only when the ward has said that it is on its disk. What the ward cannot
take now (no line, no room) is tried again, ever more patiently, after those behind it; what it will
never take, or the card does not give any more, is set aside for a person.
"""

from __future__ import annotations

import http.client
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from appliance.core.moment import Moment
from appliance.errors import StoreError
from appliance.service import sealed_dossiers as dossiers
from appliance.service.set_aside import set_dossier_aside
from appliance.store import sealed_dossiers as kept
from appliance.store.database import Row, Store
from appliance.sync.door import Door, Unreadable

log = logging.getLogger("hien.sync.porter")

LOOK_S = 2.0
WAIT_MOST_S = 900.0
EXPIRE_EVERY_S = 6 * 3600.0
STRIKES_MOST = 3
NEVER = {400: "bad_request", 403: "not_ours", 409: "another_there", 413: "too_large"}


class Porter:
    """`code`: why the last try came to nothing, or empty. Starts with `start`, ends with `stop`."""

    def __init__(
        self,
        door: Door,
        open_store: Callable[[], Store],
        now: Callable[[], Moment],
        data_dir: Path,
        keep_days: int,
        beside: Callable[[], None] = lambda: None,
        each_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self._door, self._open_store, self._now = door, open_store, now
        self._data_dir, self._keep_days, self._beside = data_dir, keep_days, beside
        self._each_turn = each_turn
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="porter", daemon=True)
        self._failures = 0
        self._passed = 0  # tries since the last success: so many let the next one pass
        self._strikes: Counter[str] = Counter()  # dossier -> faults of its own file
        self._expired_s = float("-inf")
        self.code = ""

    @property
    def dead(self) -> bool:
        """Its thread has ended though nobody asked: only a new start of the room helps."""
        ended = self._thread.ident is not None and not self._thread.is_alive()
        return ended and not self._over.is_set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join(2)

    def _run(self) -> None:
        store: Store | None = None
        while not self._over.is_set():
            try:
                if store is None:
                    store = self._open_store()
                wait_s = self.turn(store)
            except StoreError as e:
                self.code, wait_s = e.code, LOOK_S
            except Exception:
                log.exception("the porter stumbled")
                wait_s = WAIT_MOST_S if store is not None else LOOK_S
            self._over.wait(wait_s)
        if store is not None:
            store.close()

    def turn(self, store: Store) -> float:
        """Carry one dossier, if there is one; seconds until the next turn."""
        if time.monotonic() - self._expired_s >= EXPIRE_EVERY_S:
            self._expired_s = time.monotonic()
            dossiers.expire(store, self._now(), self._data_dir, self._keep_days)
            self._beside()
        self._each_turn()
        waiting = kept.to_send(store)
        if not waiting:
            self.code = ""
            return LOOK_S
        row = waiting[self._passed % len(waiting)]
        self._passed += 1  # what does not get through lets the next one pass
        try:
            self.code = self._carry(store, row)
        except Unreadable as e:
            log.error("%s", e)
            self.code = self._strike(store, row, "unreadable", "unreadable")
        except (OSError, http.client.HTTPException) as e:
            log.info("the ward's door cannot be reached: %s", e)
            self.code = "no_way"
        if not self.code:
            self._failures = self._passed = 0
            return 0.0
        self._failures = min(self._failures + 1, 12)
        return random.uniform(0.5, 1) * min(WAIT_MOST_S, 2.0**self._failures)  # noqa: S311

    def _carry(self, store: Store, row: Row) -> str:
        """One try; empty when nothing of it is left to do, else why not."""
        file = self._data_dir / dossiers.FOLDER / row["file"]
        try:
            file.stat()
        except FileNotFoundError:
            set_dossier_aside(store, self._now(), row["id"], "file_gone")
            return ""
        except OSError as e:
            raise Unreadable(f"{file.name} cannot be read: {e}") from e
        status, offset = self._door.had_bytes(row["id"], row["sha256"])
        if status == 404:
            start = offset if 0 <= offset <= row["size_bytes"] else 0
            status = self._door.put(row["id"], file, row["sha256"], row["size_bytes"], start)
        if status in (200, 201):
            dossiers.delivered(store, self._now(), self._data_dir, row["id"])
            log.info("the ward has dossier %s", row["id"])
            self._strikes.pop(row["id"], None)
            return ""
        if status == 422:  # what came was not what we announced: from the first byte again
            return self._strike(store, row, "wrong_sum", "damaged")
        if status in NEVER:
            log.error("the ward will not take dossier %s: %s", row["id"], status)
            set_dossier_aside(store, self._now(), row["id"], NEVER[status])
            return ""
        return "ward_full" if status == 507 else f"status_{status}"

    def _strike(self, store: Store, row: Row, code: str, reason: str) -> str:
        """It was the file's own fault: `code`, or empty once that has been enough."""
        self._strikes[row["id"]] += 1
        if self._strikes[row["id"]] < STRIKES_MOST:
            return code
        del self._strikes[row["id"]]
        set_dossier_aside(store, self._now(), row["id"], reason)
        return ""
