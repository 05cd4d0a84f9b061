"""This file keeps the alarms: begins and ends them, calls the next on the list, has it said.

What is to be said is written down as `sending` before the first byte leaves, so that a crash never
says it twice; the next on the list is called instead. Nothing is sent inside a transaction.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ward import calls
from ward.alarms import words
from ward.alarms.mouth import Mouth
from ward.alarms.settings import Alarms, Person
from ward.alarms.troubles import Known, Seen, Watch
from ward.board import Board
from ward.store import alarms
from ward.store.alarms import Telling
from ward.store.database import Row, Store
from ward.store.db import FAULTS, Db

log = logging.getLogger("ward.alarms")

TURN_EVERY_S = 2.0


class Keeper:
    """One thread. `turn` may be called without it; `mouth` None: nobody is told, all is kept."""

    def __init__(
        self,
        store: Store,
        board: Board,
        settings: Alarms,
        mouth: Mouth | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._board, self._now = store, board, now
        self.settings, self._mouth = settings, mouth
        self._watch = Watch(settings)
        self._recovered = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ward-alarms", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def turn(self) -> int:
        """Look once, and say what is to be said; how many messages were sent.

        Of several consoles on one database, one does so: the others would say it again.
        """
        now, store = self._now(), self._store
        if not store.leads():
            self._recovered = False
            return 0
        if not self._recovered:
            with store.write() as db:
                alarms.recover(db, now)
            self._recovered = True
        known: Known = {h.house: (h, presence, at) for h, presence, at in self._board.houses()}
        link_since = self._board.link_since if self._board.link_up else None
        open_calls = [c for c in calls.on(store) if c["state"] == "open"]
        before = alarms.not_over(store)
        keys = [(a["kind"], a["house"], a["ref"]) for a in before]
        seen = self._watch.look(known, open_calls, keys, link_since, now)
        self._write(before, seen, now)
        if not store.value(
            "SELECT 1 FROM tellings WHERE state IN ('due', 'failed') AND tries < ? LIMIT 1",
            alarms.TRIES_MOST,
        ):
            return 0
        with store.write() as db:
            claimed = alarms.claim(db, now)
        names = {h: str(k[0].peek("hello").get("name") or "")[:80] for h, k in known.items()}
        return self._say(claimed, names, now)

    def _run(self) -> None:
        while not self._stop.wait(TURN_EVERY_S):
            try:
                self.turn()
            except FAULTS as error:
                log.warning("the alarms could not be kept: %s", error)
            except Exception:  # this thread must go on, or nobody is ever called again
                log.exception("a turn of the alarms failed")

    def _write(self, before: list[Row], seen: Seen, now: datetime) -> None:
        on = {(a["kind"], a["house"], a["ref"]) for a in before}
        new = {key: since for key, since in seen.due.items() if key not in on}
        off = [a for a in before if (a["kind"], a["house"], a["ref"]) in seen.off]
        ended = [a for a in off if a["state"] == "open" or not self._on_the_way(a)]
        waiting = [a for a in before if a["state"] == "open" and a["next_at"] is not None]
        if not new and not ended and not waiting:
            return
        with self._store.write() as db:
            for (kind, house, ref), since in new.items():
                alarms.begin(db, kind, house, ref, since, now)
            for alarm in ended:
                self._end(db, alarm, now)
            at = alarms.at_text(now)
            rows = db.execute(
                "SELECT * FROM alarms WHERE state = 'open' AND next_at <= ?", (at,)
            ).fetchall()
            for alarm in [dict(r) for r in rows]:
                self._call_next(db, alarm, now)

    def _on_the_way(self, alarm: Mapping[str, Any]) -> bool:
        """Somebody has answered this call and it is not closed yet."""
        state = self._store.value(
            "SELECT state FROM calls WHERE house = ? AND call = ?", alarm["house"], alarm["ref"]
        )
        return alarm["kind"] == "help" and bool(state == "answered")

    def _end(self, db: Db, alarm: Mapping[str, Any], now: datetime) -> None:
        """Over, or (a call that was answered) taken by whoever answered it."""
        if alarm["kind"] != "help":
            alarms.end(db, alarm["id"], "gone", now)
            return
        row = db.execute(
            "SELECT state, who FROM calls WHERE house = ? AND call = ?",
            (alarm["house"], alarm["ref"]),
        ).fetchone()
        state, who = (row[0], row[1]) if row else ("closed", "")
        if state == "answered":
            alarms.take(db, alarm["id"], who or "Đã có người", now)
        else:
            alarms.end(db, alarm["id"], state if state == "withdrawn" else "closed", now)

    def _call_next(self, db: Db, alarm: Mapping[str, Any], now: datetime) -> None:
        """The next on the list who is called for such things; after the last nobody is left."""
        people = self._people(alarm["house"])
        step = int(alarm["step"])
        while step < len(people) and alarm["kind"] not in people[step].kinds:
            alarms.turn(db, alarm["id"], None, now, now)
            step += 1
        if step >= len(people):
            alarms.turn(db, alarm["id"], None, None, now)
            return
        again = now + timedelta(seconds=self.settings.next_person_s)
        alarms.turn(db, alarm["id"], people[step].name, again, now)

    def _people(self, house: str) -> tuple[Person, ...]:
        ward = self.settings.ward_of(house)
        return ward.on_call if ward is not None and self._mouth is not None else ()

    def _say(self, claimed: list[Telling], names: Mapping[str, str], now: datetime) -> int:
        """Everything for one person is one message."""
        by_person: dict[tuple[str, tuple[str, ...]], list[Telling]] = defaultdict(list)
        for telling in claimed:
            person = next(
                (p for p in self._people(telling.alarm["house"]) if p.name == telling.person), None
            )
            by_person[(telling.person, person.to if person else ())].append(telling)
        for (name, to), tellings in by_person.items():
            pairs = [(t.alarm, t.word) for t in tellings]
            message = words.message(pairs, names, self.settings.console, now)
            # Somebody who has left the list since: there is no address any more.
            reached = bool(to) and self._mouth is not None and self._mouth.say(to, message)
            if not reached:
                log.warning("%s could not be told", name)
            with self._store.write() as db:
                alarms.said(db, tellings, reached, self._now())
        return len(by_person)
