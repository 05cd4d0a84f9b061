"""This file keeps every screen up to date: one thread looks at the table, streams get what is new.

A message is a whole public snapshot (see snapshot.py) and a version. The version changes with
every commit, also with one the snapshot does not show: a screen that shows more (a ticket, the
desk) fetches its own page again when it sees another version.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from appliance.errors import TooMany
from appliance.web.parts import WebParts
from appliance.web.snapshot import snapshot

LOOK_S = 0.05
ROOMS_EVERY = 5  # looks
# The truth may also change because time has passed: a help call unanswered, a room gone silent.
REBUILD_EVERY = 20  # looks
HEARTBEAT_S = 5.0
# One guest's machine must not take every screen's place. A browser opens six lines at most.
OF_ONE_ADDRESS = 8

log = logging.getLogger("hien.web")


@dataclass(frozen=True)
class Message:
    """`version` is opaque: another one means something has changed. `body` holds public data."""

    version: str
    body: dict[str, Any]


class Stream:
    """One open screen. Only the newest message matters, so the queue holds one."""

    def __init__(self, address: str = "") -> None:
        self.address = address
        self._newest: queue.Queue[Message | None] = queue.Queue(maxsize=1)
        self._lock = threading.Lock()

    def put(self, message: Message | None) -> None:
        with self._lock:
            try:
                waiting = self._newest.get_nowait()
            except queue.Empty:
                waiting = message
            self._newest.put_nowait(message if waiting is not None else None)

    def get(self, timeout_s: float = HEARTBEAT_S) -> Message | None:
        """The next message; None when the house is stopping. Raises queue.Empty in silence."""
        return self._newest.get(timeout=timeout_s)


class Hub:
    """Watches in a thread of its own once started; without start(), `look()` does one turn."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._most_streams: int = parts.config["web.streams"]
        self._run = secrets.token_hex(4)
        self._count = 0
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._message: Message | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell every stream to end; called from a signal handler, so it waits for nothing."""
        self._stopping.set()
        for stream in list(self._streams):
            stream.put(None)

    def open(self, address: str = "") -> Stream:
        """A stream that begins with the present state. `address`: whose; "" for the house's own.
        Raises TooMany (too_many_streams)."""
        stream = Stream(address)
        with self._lock:
            same = sum(1 for s in self._streams if address and s.address == address)
            full = len(self._streams) >= self._most_streams or same >= OF_ONE_ADDRESS
            if full or self._stopping.is_set():
                raise TooMany("poll instead", retry_after_s=15, code="too_many_streams")
            self._streams.add(stream)
            if self._message is not None:
                stream.put(self._message)
        return stream

    def close(self, stream: Stream) -> None:
        with self._lock:
            self._streams.discard(stream)

    def open_streams(self) -> int:
        return len(self._streams)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def newest(self) -> Message | None:
        """The present state; None only in the first moment after the start."""
        return self._message

    def look(self, changed: bool = True) -> None:
        """One turn with a connection of its own, for callers without the thread (tests)."""
        store = self._parts.store()
        try:
            self._publish(snapshot(self._parts, store, self._parts.clock.now()), changed)
        finally:
            store.close()

    def _watch(self) -> None:
        """Whatever goes wrong is looked at anew, by another connection; screens keep what they have
        meanwhile. Only the house's end ends it: nothing else would start it again."""
        troubled = False
        while not self._stopping.is_set():
            try:
                with closing(self._parts.store()) as store:
                    looks, rooms_ns = 0, -1
                    while not self._stopping.wait(LOOK_S):
                        changed = store.changed()
                        rooms_before = rooms_ns
                        if looks % ROOMS_EVERY == 0:
                            rooms_ns = self._parts.ram.rooms_changed_ns()
                        if changed or rooms_ns != rooms_before or looks % REBUILD_EVERY == 0:
                            now = self._parts.clock.now()
                            self._publish(snapshot(self._parts, store, now), changed)
                        looks, troubled = looks + 1, False
            except Exception:
                if not troubled:
                    log.exception("cannot read the state of the house")
                troubled = True
                self._stopping.wait(1)

    def _publish(self, body: dict[str, Any], changed: bool) -> None:
        with self._lock:
            if not changed and self._message is not None and self._message.body == body:
                return
            self._count += 1
            self._message = Message(f"{self._run}-{self._count}", body)
            for stream in self._streams:
                stream.put(self._message)
