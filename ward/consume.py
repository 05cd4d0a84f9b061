"""This file runs a consumer beside the ward's console: it stores events and gives receipts."""

from __future__ import annotations

import logging
import secrets
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ward.board import Board
from ward.broker import Broker, Line
from ward.line import USUAL_SHARE, line_of
from ward.listener import Listener
from ward.store.database import Store

log = logging.getLogger("ward.consume")

ALIVE_S = 2.0


@dataclass
class Consumer:
    """A consumer at work, and how to end it."""

    store: Store
    listener: Listener
    line: Line

    def stop(self) -> None:
        self.line.stop()
        self.listener.stop()
        self.store.close()


def start(broker: Broker, folder: Path, share: str = USUAL_SHARE) -> Consumer:
    """Raises BadBroker, BadStoreUrl, StoreTooNew, StoreFault or sqlite3.Error, OSError."""
    store, board = Store(folder), Board()
    listener = Listener(store, board, events_only=True)
    line = line_of(
        broker, f"ward-{secrets.token_hex(4)}", listener.arrived, listener.link_changed,
        share=share, events_only=True,
    )  # fmt: skip
    listener.start(line)
    line.start()
    return Consumer(store, listener, line)


def run(
    broker: Broker,
    folder: Path,
    share: str,
    ready: Callable[[], None],
    alive: Callable[[], None],
) -> None:
    """Until SIGTERM or SIGINT. `ready` is called when the line is up for the first time."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    consumer, told = start(broker, folder, share), False
    try:
        while not over.wait(0.1 if not told else ALIVE_S):
            if consumer.line.up and not told:
                ready()
                told = True
            if consumer.listener.works():
                alive()
    finally:
        log.info("taken: %s", dict(consumer.listener.counts))
        consumer.stop()
