"""This file is the way to the ward's HTTPS door, with our certificate; it may be cut anywhere."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from appliance.sync.link import time_floor

Kind = Literal["intake", "backup"]
TIMEOUT_S = 30.0
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Door:
    """Where it is and how it knows us. `files`: (authority, certificate, key) as they are now."""

    url: str
    house: str
    files: Callable[[], tuple[str, str, str]]
    floor: Callable[[], datetime | None] = lambda: None

    def had_bytes(self, name: str, sha256: str, kind: Kind = "intake") -> tuple[int, int]:
        """(status, how much of it is there): 200 all of it, 404 not yet whole, 409 another file."""
        with contextlib.closing(self._connect()) as line:
            line.request("HEAD", self._at(kind, name), headers={"X-Content-SHA256": sha256})
            answer = line.getresponse()
            offset = answer.getheader("Upload-Offset") or "0"
            return answer.status, int(offset) if offset.isdigit() else 0

    def put(
        self, name: str, file: Path, sha256: str, total: int, offset: int, kind: Kind = "intake"
    ) -> int:
        """Send the rest of a file from `offset`; the status. Raises OSError, HTTPException."""
        with contextlib.closing(self._connect()) as line, file.open("rb") as f:
            f.seek(offset)
            line.putrequest("PUT", self._at(kind, name))
            line.putheader("Content-Type", "application/octet-stream")
            line.putheader("X-Content-SHA256", sha256)
            line.putheader("Content-Length", str(total - offset))
            if offset:
                line.putheader("Content-Range", f"bytes {offset}-{total - 1}/{total}")
            line.endheaders()
            with contextlib.suppress(OSError):
                while piece := f.read(PIECE_BYTES):
                    line.send(piece)
            # When that broke off, it may have answered before: too large, no room.
            return line.getresponse().status

    def renew(self, csr_pem: bytes) -> bytes:
        """A certificate for this request (PEM). Raises OSError, HTTPException."""
        return self._certificate("renew", csr_pem)

    def for_lan(self, csr_pem: bytes) -> bytes:
        """The certificate for HTTPS in our own network, then the authority that vouches for it
        (PEM). Raises OSError, HTTPException."""
        return self._certificate("lan", csr_pem)

    def _certificate(self, kind: str, csr_pem: bytes) -> bytes:
        with contextlib.closing(self._connect()) as line:
            line.request("POST", f"{self._base()}/{kind}/{self.house}", body=csr_pem)
            answer = line.getresponse()
            body = answer.read(64 * 1024)
            if answer.status != 201:
                raise OSError(f"the ward gave no certificate: {answer.status}")
            return body

    def _connect(self) -> http.client.HTTPSConnection:
        parts = urlsplit(self.url)
        context = time_floor.context(*self.files(), self.floor())
        return http.client.HTTPSConnection(
            parts.hostname or "", parts.port or 443, timeout=TIMEOUT_S, context=context
        )

    def _base(self) -> str:
        return urlsplit(self.url).path.rstrip("/")

    def _at(self, kind: Kind, name: str) -> str:
        return f"{self._base()}/{kind}/{self.house}/{name}"
