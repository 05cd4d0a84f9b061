"""This file takes what the houses say: batch, one transaction, acknowledge, receipt. In that order.

A batch is at most 500 messages or 10 ms. The broker's acknowledgement promises nothing; only the
receipt after the commit lets a house forget (docs/protocol.md). What breaks the contract is
counted and kept aside, and never stops what comes after it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from appliance.sync.protocol import (
    Envelope,
    ProtocolError,
    Receipt,
    Scalar,
    cmd_topic,
    decode_envelope,
    decode_state,
    decode_status,
    down_topic,
    encode_cmd,
    encode_receipt,
    parse_topic,
    utc_text,
)
from ward import sayings
from ward.board import Board
from ward.broker import Arrived, Line
from ward.store import aside, houses, inbox, jobs
from ward.store.database import Store
from ward.store.db import FAULTS

log = logging.getLogger("ward.listener")

BATCH_MOST = 500
BATCH_S = 0.010
WAITING_MOST = 20_000
TICK_S = 1.0
KEEP_BOARD_S = 5.0
STORE_RETRY_S = 1.0
HUNG_S = 30.0
TWICE_EVERY_S = 60.0


class Listener:
    """One writer thread between the link and the database. `counts` is for /metrics."""

    def __init__(self, store: Store, board: Board, events_only: bool = False) -> None:
        """`events_only`: a consumer among others; a console speaks with the houses."""
        self.store, self.board, self._events_only = store, board, events_only
        self._leads = not events_only
        self.counts: Counter[str] = Counter()
        self.store_fault = ""
        self._link: Line | None = None
        self._waiting: queue.Queue[Arrived | None] = queue.Queue(WAITING_MOST)
        self._came_back: set[str] = set()  # houses to tell their receipts again
        self._hellos: dict[str, dict[str, Scalar]] = {}  # said since the last commit
        self._hello_last: set[str] = set()  # of these houses, nothing came after the hello
        self._twice: set[str] = set()  # houses under whose name two boxes speak
        self._twice_s = float("-inf")
        self._tell_all = threading.Event()
        self._stop = threading.Event()
        self._turned_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="ward-listener", daemon=True)
        board.load(houses.load(store.connection))

    def start(self, link: Line) -> None:
        self._link = link
        self._leads = not self._events_only and self.store.leads()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.wake()
        self._thread.join(5)

    def works(self) -> bool:
        """False when the writer thread has ended, or has not come round for a long time."""
        return self._thread.is_alive() and time.monotonic() - self._turned_s < HUNG_S

    def wake(self) -> None:
        """Look at the commands now instead of at the next tick."""
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            self.counts["wakes_dropped"] += 1

    # --- called by the link, on its thread --------------------------------------------------------

    def arrived(self, message: Arrived) -> None:
        try:
            self._waiting.put_nowait(message)
        except queue.Full:  # not acknowledged: its house sends it again
            self.counts["dropped"] += 1

    def link_changed(self, up: bool) -> None:
        self.board.link(up)
        if up:
            self._tell_all.set()
            self.wake()

    # --- the writer thread ----------------------------------------------------------------------

    def _run(self) -> None:
        last_tick = last_kept = time.monotonic()
        while not self._stop.is_set():
            self._turned_s = time.monotonic()
            batch = self._collect()
            if batch:
                self._insist(partial(self._take, batch))
            now = time.monotonic()
            if now - last_tick >= TICK_S or len(batch) == 0:
                last_tick = now
                self._serve()
            if now - last_kept >= KEEP_BOARD_S:
                last_kept = now
                self._insist(self._keep_board, once=True)
        self._insist(self._keep_board, once=True)

    def _serve(self) -> None:
        """What is to be said to houses. Commands, wishes and results: by one console of several."""
        if self._events_only:
            return
        self._leads = self.store.leads()
        if self._leads:
            self._insist(self._serve_jobs, once=True)
            self._insist(self._serve_houses, once=True)
        self._insist(self._tell_receipts, once=True)

    def _collect(self) -> list[Arrived]:
        batch: list[Arrived] = []
        try:
            first = self._waiting.get(timeout=TICK_S)
            end = time.monotonic() + BATCH_S
            while first is not None:
                batch.append(first)
                if len(batch) >= BATCH_MOST:
                    break
                first = self._waiting.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            pass
        return batch

    def _insist(self, work: Callable[[], None], *, once: bool = False) -> None:
        """Do it; when the database cannot, say so loudly and (unless `once`) try until it can."""
        while True:
            self._turned_s = time.monotonic()
            try:
                work()
                self.store_fault = ""
                return
            except FAULTS as error:
                self.counts["store_faults"] += 1
                if not self.store_fault:
                    log.error("the ward's database cannot be written: %s", error)
                self.store_fault = str(error)
            if once or self._stop.wait(STORE_RETRY_S):
                return

    def _take(self, batch: list[Arrived]) -> None:
        events, refused, not_taken = self._sort_out(batch)
        received_at = utc_text(datetime.now(UTC))
        taken, twice = inbox.Taken(), set[str]()
        # A hello that was said before an event of this batch must not undo what the event told.
        first = {e.house for e in events} & (self._hellos.keys() - self._hello_last)
        if first and self._leads:
            with self.store.write() as db:
                said = {house: self._hellos.pop(house) for house in first}
                twice = sayings.take_hellos(db, said, received_at)
        if events or refused:
            with self.store.write(alone=False) as db:
                taken = inbox.take(db, events, received_at)
                aside.keep(db, refused, received_at)
                said_no = [(h, inbox.refusal(db, h, r)) for h, r in not_taken]
            taken.receipts += said_no
        if self._hellos and self._leads:
            with self.store.write() as db:
                twice |= sayings.take_hellos(db, self._hellos, received_at)
        self._hellos.clear()
        self._hello_last.clear()
        for house in twice:
            self.counts["twice"] += 1
            log.error("two boxes speak under the name %s: a card was copied, or a key", house)
        self._twice |= twice
        self._settle(batch, taken.receipts)
        self.counts["messages"] += len(batch)
        self.counts["stored"] += taken.stored
        self.counts["duplicates"] += taken.duplicates
        self.counts["conflicts"] += taken.conflicts
        self.counts["refused"] += len(refused)
        if taken.conflicts:
            log.error("%s events with a key that is taken were kept aside", taken.conflicts)

    def _sort_out(
        self, batch: Iterable[Arrived]
    ) -> tuple[list[Envelope], list[aside.Refused], list[tuple[str, Receipt]]]:
        """Events; what is refused; and of that, rows of a lane whose house can be told why."""
        events: list[Envelope] = []
        refused: list[aside.Refused] = []
        not_taken: list[tuple[str, Receipt]] = []
        for m in batch:
            try:
                topic = parse_topic(m.topic)
                if self.board.full(topic.house):
                    raise ProtocolError("too_many_houses")
                if topic.kind == "up":
                    events.append(decode_envelope(m.payload, topic))
                    self._hello_last.discard(topic.house)
                    came_back = self.board.heard(topic.house, retained=m.retained)
                elif topic.name == "status":
                    status = decode_status(m.payload)
                    came_back = self.board.status(topic.house, status, retained=m.retained)
                elif topic.kind == "state":
                    values = decode_state(m.payload)
                    came_back = self.board.heard(topic.house, retained=m.retained)
                    self.board.state(topic.house, topic.name, values, retained=m.retained)
                    if topic.name == "hello":
                        # A retained copy may be of a boot that is over: it says nothing of now.
                        said = {k: v for k, v in values.items() if k != "epoch" or not m.retained}
                        self._hellos[topic.house] = said
                        self._hello_last.add(topic.house)
                else:
                    raise ProtocolError("bad_topic")
                if came_back:
                    self._came_back.add(topic.house)
            except ProtocolError as error:
                refused.append(aside.refuse(m.topic, error.reason, m.payload))
                if (told := sayings.refused_row(m.topic, m.payload, error.reason)) is not None:
                    not_taken.append(told)
        return events, refused, not_taken

    def _settle(self, batch: Sequence[Arrived], receipts: list[tuple[str, Receipt]]) -> None:
        """After the commit: acknowledge to the broker, tell the houses what they may forget."""
        assert self._link is not None
        self._link.ack(batch)
        for house, receipt in receipts:
            if house in self._twice:
                receipt = replace(receipt, twice=True)
            if self._link.publish(down_topic(house, "receipt"), encode_receipt(receipt)):
                self.counts["receipts"] += 1

    def _tell_receipts(self) -> None:
        """A house that comes back, or that sent while we were away, hears where we stand."""
        if self._link is None or not self._link.up:
            return
        db = self.store.connection
        if self._tell_all.is_set():
            self._tell_all.clear()
            self._settle([], inbox.latest_receipts(db))
            self._came_back.clear()
            if self._leads:
                with self.store.write() as writing:
                    sayings.all_again(writing)
        while self._came_back:
            self._settle([], inbox.latest_receipts(db, self._came_back.pop()))

    def _serve_jobs(self) -> None:
        """End what is over, send what waits: a command is sent again until told or expired."""
        now = datetime.now(UTC)
        if not self.store.value("SELECT 1 FROM jobs WHERE state IN ('queued', 'sent') LIMIT 1"):
            return
        with self.store.write() as db:
            jobs.expire(db, now)
            for job in jobs.due(db, now):
                if self._link is not None and self._link.publish(
                    cmd_topic(job.house, job.job), encode_cmd(job.cmd)
                ):
                    jobs.mark_sent(db, job.job, now)

    def _serve_houses(self) -> None:
        """Wishes and results on their way; and once a minute, who is still there twice."""
        if self._link is not None and self._link.up:
            self.counts["down"] += sayings.serve(self.store, self._link, datetime.now(UTC))
        if time.monotonic() - self._twice_s >= TWICE_EVERY_S:
            self._twice_s = time.monotonic()
            self._twice = sayings.there_twice(self.store, datetime.now(UTC))

    def _keep_board(self) -> None:
        rows = self.board.take_dirty() if self._leads else []
        if rows:
            with self.store.write() as db:
                houses.keep(db, rows)
