"""This file is the ward's door for boxes without a certificate: a word against a certificate.

It is a door of its own, so that the one for dossiers keeps asking everybody for a certificate.
It knows one request, is slow for those who guess, and can be shut when no box is expected.
"""

from __future__ import annotations

import hashlib
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from appliance.sync.protocol import ProtocolError, check_house
from ward.enrol.authority import Authority, TrustError
from ward.enrol.tokens import Tokens
from ward.tls_server import TlsServer

log = logging.getLogger("ward.welcome")

MOST_BYTES = 16 * 1024
SILENT_S = 20.0
AT_ONCE = 8
# A word has 124 bits; this is for the log's and the processor's sake, not for the word's.
WRONG_PER_MINUTE = 20


class WelcomeDoor(TlsServer):
    """Whoever comes has no certificate yet; one request is known, and guessing is slow."""

    def __init__(
        self, host: str, port: int, tls_folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self.tls_folder, self.now = tls_folder, now
        self.alone = threading.Lock()
        self._wrong: list[float] = []
        Authority(tls_folder)  # an authority that cannot be used is told at once
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_cert_chain(
            str(tls_folder / "broker.crt"), str(tls_folder / "broker.key")
        )
        super().__init__(host, port, _Door, at_once=AT_ONCE, silent_s=SILENT_S)

    def context(self) -> ssl.SSLContext:
        return self._context

    def too_many_wrong(self) -> bool:
        self._wrong = [at for at in self._wrong if time.monotonic() - at < 60]
        return len(self._wrong) >= WRONG_PER_MINUTE

    def one_wrong(self) -> None:
        self._wrong.append(time.monotonic())

    def let_in(self, house: str, word: str, csr_pem: bytes) -> dict[str, str]:
        """What the box is to keep. Raises TrustError, ProtocolError, ValueError."""
        request = x509.load_pem_x509_csr(csr_pem)
        key = request.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        with self.alone:
            welcome = Tokens(self.tls_folder).spend(
                check_house(house), word, hashlib.sha256(key).hexdigest(), self.now()
            )
            authority = Authority(self.tls_folder)
            certificate = authority.for_request(house, csr_pem, self.now())
        return {
            **vars(welcome),
            "certificate": certificate.decode(),
            "ca": authority.certificate_file.read_text(),
        }


class _Door(BaseHTTPRequestHandler):
    server: WelcomeDoor
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "hien-ward", ""

    def do_POST(self) -> None:
        """`/enrol`: {"house", "token", "csr"} -> 201 {certificate, ca, name, broker, …}."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length[:9].isdigit() and len(length) < 9 else 0
        # Read even where it is of no use: closing on unread bytes would take the answer with it.
        body = self.rfile.read(min(size, 4 * MOST_BYTES))
        if self.path != "/enrol":
            return self._say(404)
        if not 0 < size <= MOST_BYTES:
            return self._say(413)
        if self.server.too_many_wrong():
            return self._say(429)
        try:
            asked = json.loads(body)
            house, word, csr = (str(asked[name]) for name in ("house", "token", "csr"))
        except (ValueError, KeyError, TypeError):
            return self._say(400)
        try:
            told = self.server.let_in(house, word, csr.encode())
        except (TrustError, ProtocolError, ValueError) as error:
            self.server.one_wrong()
            log.warning("%s was not let in from %s: %s", house[:40], self.client_address[0], error)
            return self._say(403)
        log.info("%s was let in from %s", house, self.client_address[0])
        self._say(201, json.dumps(told).encode())

    def _say(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)
