"""This file puts the ward together and runs it until it is told to stop."""

from __future__ import annotations

import logging
import secrets
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from waitress.server import create_server

from ward.alarms.keeper import Keeper
from ward.alarms.mouth import check
from ward.alarms.settings import NAME, Alarms, read
from ward.board import Board
from ward.broker import Broker, Line
from ward.home_assistant import HomeAssistant
from ward.line import line_of
from ward.listener import Listener
from ward.recorder import Recorder
from ward.store.database import Store
from ward.store.retention import KEEP_DAYS
from ward.web import Ward, create_app
from ward.web.security import LARGE_BODY_BYTES, is_loopback, own_names

log = logging.getLogger("ward")

THREADS = 8
ALIVE_S = 2.0
CONNECTIONS_MOST = 200


@dataclass
class Running:
    """A ward at work: where its page is, and how to end it."""

    url: str
    ward: Ward
    link: Line
    server: Any
    recorder: Recorder
    keeper: Keeper
    home_assistant: HomeAssistant | None = None

    def stop(self) -> None:
        self.server.close()
        self.keeper.stop()
        self.recorder.stop()
        if self.home_assistant is not None:
            self.home_assistant.stop()
        self.link.stop()
        self.ward.listener.stop()
        self.ward.store.close()


class OpenToOthers(ValueError):
    """A console without sign-in was asked for where others could reach it."""


@dataclass(frozen=True)
class Door:
    """Who comes in. `open_to_all`: everybody, without sign-in (loopback only). `programs_open`:
    /metrics and /api/* without a token; None: on loopback only. `public_url`: what people type,
    where a TLS proxy stands before the console. `identity_file` opens residents' papers."""

    open_to_all: bool = False
    programs_open: bool | None = None
    public_url: str = ""
    identity_file: Path | None = None


def start(
    broker: Broker,
    folder: Path,
    host: str,
    port: int,
    names: Iterable[str] = (),
    door: Door = Door(),
    alarms: Alarms | None = None,
    home_assistant: str = "",
    share: str = "",
    keep_events_days: int = KEEP_DAYS,
) -> Running:
    """Start listening and serving; returns once the page answers. `port` 0: any free port.

    `share`: how the consumers of one ward are called, each of which gets some of the events.
    Raises BadBroker, BadAlarms, BadStoreUrl, StoreTooNew, OpenToOthers, StoreFault, OSError
    (address in use, folder not writable).
    """
    if door.open_to_all and not is_loopback(host):
        raise OpenToOthers(
            f"--open is for trying it out on this machine only, and {host} can be reached by "
            "others. Serve on 127.0.0.1, or make accounts: hien ward account add"
        )
    settings = alarms or _alarms_in(folder)
    mouth = check(settings)
    store, board = Store(folder), Board()
    listener = Listener(store, board)
    home = HomeAssistant(board, home_assistant, door.public_url) if home_assistant else None

    def link_changed(up: bool) -> None:
        listener.link_changed(up)
        if up and home is not None:
            home.all_again()

    link = line_of(
        broker, f"ward-{secrets.token_hex(4)}", listener.arrived, link_changed,
        also={home.birth_topic: home.born} if home is not None else {}, share=share,
    )  # fmt: skip
    programs_open = is_loopback(host) if door.programs_open is None else door.programs_open
    ward = Ward(
        store, board, listener, open_to_all=door.open_to_all, programs_open=programs_open,
        folder=folder, identity_file=door.identity_file, public_url=door.public_url.rstrip("/"),
    )  # fmt: skip
    public = [name] if (name := urlsplit(door.public_url).hostname) else []
    app = create_app(ward, lambda: own_names(host, [*names, *public]))
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS_MOST,
        max_request_body_size=LARGE_BODY_BYTES,
        ident="hien-ward",
    )
    threading.Thread(target=server.run, name="ward-web", daemon=True).start()
    listener.start(link)
    link.start()
    recorder = Recorder(store, board, keep_events_days=keep_events_days)
    keeper = Keeper(store, board, settings, mouth)
    recorder.start()
    keeper.start()
    if home is not None:
        home.start(link)
    shown = f"[{host}]" if ":" in host else host
    return Running(
        f"http://{shown}:{server.effective_port}", ward, link, server, recorder, keeper, home
    )


def _alarms_in(folder: Path) -> Alarms:
    """What alarms.toml in the ward's folder says; without one alarms are kept, nobody is told."""
    file = folder / NAME
    return read(file) if file.exists() else Alarms()


def serve(
    broker: Broker,
    folder: Path,
    host: str,
    port: int,
    names: Iterable[str] = (),
    ready: Callable[[str], None] = lambda url: None,
    alive: Callable[[], None] = lambda: None,
    door: Door = Door(),
    alarms: Alarms | None = None,
    home_assistant: str = "",
    share: str = "",
    keep_events_days: int = KEEP_DAYS,
) -> None:
    """Run until SIGTERM or SIGINT. `ready` is told the console's address; `alive` is called every
    2 s while the thread that stores what the houses say is doing so."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    running = start(
        broker, folder, host, port, names, door, alarms, home_assistant, share, keep_events_days
    )
    try:
        ready(running.url)
        while not over.wait(ALIVE_S):
            if running.ward.listener.works():
                alive()
    finally:
        running.stop()
