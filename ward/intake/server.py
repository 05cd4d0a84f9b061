"""This file is the ward's HTTPS door for houses: papers come in, certificates and releases go out.

Nobody comes in without a certificate of our authority that is not revoked; a house reaches only
what is below its own name. Each connection has a thread and a time limit.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from appliance.sync.protocol import ProtocolError, check_house, check_job
from ward.enrol.authority import Authority, TrustError
from ward.enrol.lan_authority import LanAuthority
from ward.intake import releases
from ward.intake.backups import Backups
from ward.intake.shelf import DiskFull, Shelf, WrongSum
from ward.store import intake
from ward.store.database import Store
from ward.tls_server import TlsServer

log = logging.getLogger("ward.intake")

MOST_BYTES = 200 * 1024 * 1024
CSR_MOST_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024
SILENT_S = 30.0
AT_ONCE = 32
_RANGE = re.compile("bytes ([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})")
_SUM = re.compile(r"[0-9a-f]{64}")


class Intake(TlsServer):
    """Nobody is served without a certificate of ours."""

    def __init__(
        self, host: str, port: int, tls_folder: Path, store: Store, shelf: Shelf,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self.tls_folder, self.store, self.shelf, self.now = tls_folder, store, shelf, now
        self.backups = Backups(shelf.folder.with_name("backups"))
        self.releases = releases.Releases(shelf.folder.with_name("releases"))
        self.busy: dict[tuple[str, str], threading.Lock] = {}
        self._context: tuple[object, ssl.SSLContext] | None = None
        self.shelf.folder.mkdir(parents=True, exist_ok=True)
        super().__init__(host, port, Door, at_once=AT_ONCE, silent_s=SILENT_S)

    def context(self) -> ssl.SSLContext:
        """Made anew when a certificate or the list of revoked ones has changed."""
        names = ("ca.crt", "crl.pem", "broker.crt", "broker.key")
        stamp = tuple((self.tls_folder / n).stat().st_mtime_ns for n in names)
        if self._context is None or self._context[0] != stamp:
            made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            made.minimum_version = ssl.TLSVersion.TLSv1_2
            made.verify_mode = ssl.CERT_REQUIRED
            made.load_verify_locations(str(self.tls_folder / "ca.crt"))
            made.load_verify_locations(str(self.tls_folder / "crl.pem"))
            made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
            made.load_cert_chain(*(str(self.tls_folder / n) for n in names[2:]))
            self._context = (stamp, made)
        return self._context[1]

    @contextlib.contextmanager
    def alone(self, house: str, dossier: str) -> Iterator[bool]:
        """Two tries of one dossier at once must not write into each other."""
        lock = self.busy.setdefault((house, dossier), threading.Lock())
        got = lock.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                lock.release()
                self.busy.pop((house, dossier), None)


class Door(BaseHTTPRequestHandler):
    """One connection of a house."""

    server: Intake
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "hien-ward", ""

    def do_GET(self) -> None:
        """`/release/<house>`: a piece of the release that is offered to it, by `Range`."""
        house = self._house("release")
        if house is None:
            return
        offer = self.server.releases.now()
        if offer is None or not offer.is_for(house):
            return self._say(404)
        wanted = releases.asked(self.headers.get("Range"), offer)
        if wanted is None:
            return self._say(416)
        first, length = wanted
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{first + length - 1}/{offer.size_bytes}")
        self.send_header("Content-Length", str(length))
        self.send_header("ETag", f'"{offer.sha256}"')
        self.send_header("X-Release", offer.name)
        self.end_headers()
        for block in self.server.releases.piece(offer, first, length):
            self.wfile.write(block)
        self.wfile.flush()

    def do_HEAD(self) -> None:
        if (where := self._where()) is None:
            return
        sha256 = self.headers.get("X-Content-SHA256", "")
        if self._is_backup():
            return self._say(*self.server.backups.had(*where, sha256))
        row = intake.get(self.server.store.connection, *where)
        if row is not None:
            return self._say(200 if row["sha256"] == sha256 else 409, offset=row["size_bytes"])
        had = self.server.shelf.had_bytes(*where, sha256) if _SUM.fullmatch(sha256) else 0
        self._say(404, offset=had)

    def do_PUT(self) -> None:
        if (where := self._where()) is None:
            return
        asked = self._asked()
        if asked is None:
            return self._say(400, close=True)
        sha256, offset, total = asked
        if total > MOST_BYTES:
            return self._say(413, close=True)
        with self.server.alone(*where) as mine:
            self._take(where, sha256, offset, total) if mine else self._say(503, close=True)

    def do_POST(self) -> None:
        """`/renew/<house>`: a certificate for the key of this request (PEM). `/lan/<house>`: one
        for HTTPS in the house's own network, and after it the authority for its telephones."""
        lan = self.path.startswith("/lan/")
        house = self._house("lan" if lan else "renew")
        length = self.headers.get("Content-Length", "")
        size = int(length) if re.fullmatch("[0-9]{1,9}", length) else 0
        if house is None:
            return
        if not 0 < size <= CSR_MOST_BYTES:
            return self._say(413, close=True)
        try:
            csr_pem, now = self.rfile.read(size), self.server.now()
            if lan:
                of_lan = LanAuthority(self.server.tls_folder, now)
                made = (
                    of_lan.for_request(house, csr_pem, now) + of_lan.certificate_file.read_bytes()
                )
            else:
                made = Authority(self.server.tls_folder).for_request(house, csr_pem, now)
        except (TrustError, ProtocolError) as error:
            log.warning("no certificate for %s: %s", house, error)
            return self._say(422)
        log.info("a certificate for %s%s", house, " in its own network" * lan)
        self._say(201, body=made)

    def _take(self, where: tuple[str, str], sha256: str, offset: int, total: int) -> None:
        store = self.server.store
        shelf = self.server.backups if self._is_backup() else self.server.shelf
        row = None if self._is_backup() else intake.get(store.connection, *where)
        if row is not None:  # here already; the answer was lost on the way
            return self._say(200 if row["sha256"] == sha256 else 409, close=True)
        if not shelf.has(*where, sha256):
            if offset > shelf.had_bytes(*where, sha256):
                return self._say(416, close=True)
            try:
                whole = shelf.add(*where, sha256, total, offset, self._pieces(total - offset))
            except DiskFull:
                log.error("no room for a dossier of %s", where[0])
                return self._say(507, close=True)
            except WrongSum:
                return self._say(422, close=True)
            except OSError:  # the line broke: what came stays, and nothing can be answered
                self.close_connection = True
                return None
            if not whole:
                self.close_connection = True
                return None
        if self._is_backup():
            self.server.backups.keep_newest(*where)
        else:
            with store.write() as db:
                intake.stored(db, *where, sha256, total, self.server.now())
        self._say(201)

    def _pieces(self, left: int) -> Iterator[bytes]:
        """The body as it comes; it ends early when the line does, so that what came is kept."""
        while left > 0:
            try:
                piece = self.rfile.read1(min(left, PIECE_BYTES))
            except (OSError, ssl.SSLError):
                return
            if not piece:
                return
            left -= len(piece)
            yield piece

    def _asked(self) -> tuple[str, int, int] | None:
        """(checksum, from which byte, how many in all), or None when it makes no sense."""
        sha256 = self.headers.get("X-Content-SHA256", "")
        length = self.headers.get("Content-Length", "")
        if not _SUM.fullmatch(sha256) or not re.fullmatch("[0-9]{1,12}", length):
            return None
        given = self.headers.get("Content-Range")
        if given is None:
            return (sha256, 0, int(length)) if int(length) else None
        if (match := _RANGE.fullmatch(given)) is None:
            return None
        first, last, total = (int(x) for x in match.groups())
        if not (last - first + 1 == int(length) and last + 1 == total):
            return None
        return sha256, first, total

    def _where(self) -> tuple[str, str] | None:
        """(house, dossier) of the address; answers itself when it is not for this house."""
        house = self._house("backup" if self._is_backup() else "intake")
        if house is None:
            return None
        try:
            return house, check_job(self.path.split("/")[3])
        except (ProtocolError, IndexError):
            self._say(404, close=True)
            return None

    def _is_backup(self) -> bool:
        return self.path.startswith("/backup/")

    def _house(self, door: str) -> str | None:
        parts = self.path.split("/")
        try:
            if len(parts) < 3 or parts[1] != door:
                raise ProtocolError("bad_topic")
            house = check_house(parts[2])
        except ProtocolError:
            self._say(404, close=True)
            return None
        if house != self._name():
            self._say(403, close=True)
            return None
        return house

    def _name(self) -> str:
        """The name in the certificate of whoever is at the other end."""
        assert isinstance(self.connection, ssl.SSLSocket)
        subject: Any = (self.connection.getpeercert() or {}).get("subject", ())
        return next((v for rdn in subject for k, v in rdn if k == "commonName"), "")

    def _say(self, status: int, offset: int | None = None, *, body: bytes = b"",
             close: bool = False) -> None:  # fmt: skip
        self.send_response(status)
        if offset is not None:
            self.send_header("Upload-Offset", str(offset))
        self.send_header("Content-Length", str(len(body)))
        if close:  # a body that was not read must not be taken for the next request
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if close and isinstance(self.connection, socket.socket):
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)
