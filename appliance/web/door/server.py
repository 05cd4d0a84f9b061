"""This file makes the HTTP server: waitress, and a 413 that the sender lives to read."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from appliance.errors import ConfigError
from appliance.web.door import security
from appliance.web.door.door_keeper import LINES_OF_ONE_ADDRESS, DoorKeeper, counted
from appliance.web.door.tls_door import address_of
from appliance.web.parts import WebParts
from appliance.web.words import wording

MIB = 2**20
LINGER_S = 30.0


class Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """waitress's own refusals are English for programs; the one a person can meet is ours."""

    def execute(self) -> None:
        if not isinstance(self.request.error, RequestEntityTooLarge):
            super().execute()
            return
        words = wording.STATUS[413]
        body = (
            f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{words.title}</title>'
            f'<h1>{words.title}</h1><p>{words.text}</p><p>{words.now}</p><p><a href="/">↩</a></p>'
        ).encode()
        self.status = "413 Request Entity Too Large"
        self.response_headers.extend(
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Security-Policy", security.CSP),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ]
        )
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose body was refused early is not cut off at once.

    Closing while the sender is still sending resets the connection, and the answer is lost on
    its way. So we say that we have finished, throw away what still comes, and close when the
    sender does, after LINGER_S at the latest.
    """

    error_task_class = Refusal
    _linger_until_s = 0.0

    def __init__(self, server: Any, sock: Any, addr: Any, *more: Any, **named: Any) -> None:
        super().__init__(server, sock, addr, *more, **named)
        self._keeper = DoorKeeper()
        address = counted(str(addr[0]) if isinstance(addr, tuple) else "")
        others = [c.addr[0] for c in server.active_channels.values() if isinstance(c.addr, tuple)]
        if address and others.count(address) > LINES_OF_ONE_ADDRESS:
            self.handle_close()

    def received(self, data: bytes) -> bool:
        taken = bool(super().received(data))
        self._keeper.heard(self.request, time.monotonic())
        return taken

    def service(self) -> None:
        if isinstance(self.requests[0].error, RequestEntityTooLarge):
            self._linger_until_s = time.monotonic() + LINGER_S
        super().service()

    def handle_write(self) -> None:
        if not (self._linger_until_s and self.close_when_flushed):
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if not self.total_outbufs_len and not self.will_close:
            self.close_when_flushed: bool = False
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def _lingers(self) -> bool:
        return bool(self._linger_until_s and not self.close_when_flushed and not self.will_close)

    def readable(self) -> bool:
        # Asked about once a second, also when nothing comes.
        if self.connected and self._keeper.is_too_slow(self.request, time.monotonic()):
            self.handle_close()
            return False
        return self._lingers() or bool(super().readable())

    def handle_read(self) -> None:
        if not self._lingers():
            super().handle_read()
            return
        try:
            data = self.recv(2**16)  # at the end of the stream this closes
        except OSError:
            data = b""
        if not data or time.monotonic() > self._linger_until_s:
            self.handle_close()


def make_server(app: Flask, parts: WebParts) -> Any:
    """A waitress server, bound and listening; `run()` serves. Raises ConfigError."""
    host, port = parts.config["web.host"], parts.config["web.port"]
    sockets: dict[int, Any] = {}
    limits: dict[str, Any] = {
        "map": sockets,
        "max_request_body_size": parts.config["web.max_body_mib"] * MIB,
        "connection_limit": parts.config["web.threads"] * 5,
        "channel_timeout": 60,
        "clear_untrusted_proxy_headers": True,
        "ident": "hien",
    }
    try:
        server = create_server(
            app, host=host, port=port, threads=parts.config["web.threads"], **limits
        )
    except OSError as e:
        raise ConfigError(
            f"cannot listen on {host}:{port} ({e.strerror}). Stop what uses it, or set web.port."
        ) from e
    if parts.config["web.https_port"]:
        behind_tls = create_server(
            app,
            _dispatcher=server.task_dispatcher,
            unix_socket=str(tls_socket(parts)),
            unix_socket_perms="600",
            url_scheme="https",
            **limits,
        )
        # Who called the TLS door, not the door itself.
        behind_tls.fix_addr = address_of
    for listening in sockets.values():
        if hasattr(listening, "channel_class"):
            listening.channel_class = Channel
    return server


def tls_socket(parts: WebParts) -> Path:
    """Where the TLS door leads to: in RAM, in this room's own folder."""
    return parts.ram.root / "spool" / "tls"
