"""This file runs the web room: waitress, the live hub, the heartbeat, a quick and clean stop."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import tempfile
import threading
from contextlib import closing
from types import FrameType

from appliance import notify
from appliance.errors import StoreError
from appliance.service import practice, volunteers
from appliance.service.look_after import look_after
from appliance.store import tickets
from appliance.web.app import create_app
from appliance.web.door.https import Https
from appliance.web.door.server import make_server
from appliance.web.live import Hub
from appliance.web.parts import WebParts

HEARTBEAT_S = 2.0
DUTY_EVERY = 30  # heartbeats
HTTPS_EVERY = 5

log = logging.getLogger("hien.web")


def run(parts: WebParts) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigError when the port cannot be had."""
    _spool_to_ram(parts)
    practice.end_all(parts.ram)  # what was practised before a restart
    hub = Hub(parts)
    hub.look()  # migrates when needed, and says at once when the table cannot be used
    app = create_app(parts, hub)
    server = make_server(app, parts)
    https = Https(parts)
    stop = threading.Event()

    def end(signum: int, frame: FrameType | None) -> None:
        stop.set()
        hub.stop()
        raise SystemExit(0)

    logging.getLogger("waitress").setLevel(logging.WARNING)  # a screen that is closed is no news
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    hub.start()
    threading.Thread(
        target=_beat, args=(parts, hub, stop, https), name="heartbeat", daemon=True
    ).start()
    notify.ready("mở cửa")
    try:
        server.run()
    finally:
        notify.stopping()
        stop.set()
        hub.stop()
        https.stop()


def _spool_to_ram(parts: WebParts) -> None:
    """Large bodies and answers are spooled to files on the way. Those may be papers: never on
    the card."""
    folder = parts.ram.root / "spool"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tempfile.tempdir = str(folder)


def _beat(parts: WebParts, hub: Hub, stop: threading.Event, https: Https) -> None:
    """Say that we are alive: to the other rooms (RAM) and to systemd."""
    with closing(parts.store()) as store:
        beats = 0
        while True:
            try:
                if beats % HTTPS_EVERY == 0:
                    https.turn()
                if beats % DUTY_EVERY == 0:
                    volunteers.end_stale_duty(store, parts.clock.now())
                    look_after(store, parts.ram, parts.clock.now(), parts.house.zone)
                status = f"{tickets.count_waiting(store)} người đợi, {hub.open_streams()} màn hình"
            except (StoreError, sqlite3.Error) as e:
                status = f"bảng không đọc được: {e}"
                log.warning("the table: %s", e)
            try:
                parts.ram.put_room(
                    "web",
                    {
                        "room": "web",
                        "pid": os.getpid(),
                        "at_mono_ms": parts.clock.now().mono_ms,
                        "status": status,
                        "streams": hub.open_streams(),
                    },
                )
            except OSError as e:
                log.warning("the RAM folder: %s", e)
            notify.alive(status)
            beats += 1
            if stop.wait(HEARTBEAT_S):
                return
