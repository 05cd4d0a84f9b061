"""This file is an HTTPS server of the ward: a thread and a time limit for each connection."""

from __future__ import annotations

import logging
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

log = logging.getLogger("ward.door")


class TlsServer(ThreadingHTTPServer):
    """Serves until `shutdown`. `port` 0: any free one; see `server_port`.

    `context` is asked for each connection; at most `at_once` are served, the others wait; who says
    nothing for `silent_s` is dropped.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        host: str,
        port: int,
        handler: type[BaseHTTPRequestHandler],
        *,
        at_once: int,
        silent_s: float,
    ) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._silent_s = silent_s
        self.context()  # files that cannot be used are told at once
        super().__init__((host, port), handler)

    def context(self) -> ssl.SSLContext:
        raise NotImplementedError

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread: a slow one holds up nobody."""
        with self._places:
            try:
                request.settimeout(self._silent_s)
                secure = self.context().wrap_socket(request, server_side=True)
            except (OSError, ssl.SSLError) as error:
                log.info("no way in for %s: %s", client_address[0], error)
                self.shutdown_request(request)
                return
            super().process_request_thread(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.info("the line to %s broke", client_address[0], exc_info=True)
