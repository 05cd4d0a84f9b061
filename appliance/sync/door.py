"""This file is the way to the ward's HTTPS door, with our certificate; it may be cut anywhere."""

from __future__ import annotations

import contextlib
import http.client
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from appliance.errors import HienError
from appliance.sync.link import time_floor

Kind = Literal["intake", "backup"]
TIMEOUT_S = 30.0
PIECE_BYTES = 64 * 1024


_PLACE = re.compile(r"bytes ([0-9]{1,12})-[0-9]{1,12}/([0-9]{1,12})")
_SUM = re.compile(r"[0-9a-f]{64}")
# As a version may be (provisioning/update/manifest.py): it becomes the name of a file.
_RELEASE = re.compile(r"[0-9]{1,5}(\.[0-9]{1,5}){1,3}\.hien")


@dataclass(frozen=True)
class Piece:
    """Some bytes of a release: the whole file's `name`, `sha256` and `size_bytes`."""

    name: str
    sha256: str
    size_bytes: int
    data: bytes


class Unreadable(HienError):
    """The card does not give a file that is to be sent; the line is not to blame."""

    default_code = "unreadable"


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
        """Send the rest of a file from `offset`; the status. Raises Unreadable for the file's own
        fault, OSError and HTTPException for the line's."""
        with contextlib.ExitStack() as to_close:
            pieces = to_close.enter_context(contextlib.closing(_pieces(file, offset, total)))
            first = next(pieces, b"")  # before anybody is called
            line = to_close.enter_context(contextlib.closing(self._connect()))
            line.putrequest("PUT", self._at(kind, name))
            line.putheader("Content-Type", "application/octet-stream")
            line.putheader("X-Content-SHA256", sha256)
            line.putheader("Content-Length", str(total - offset))
            if offset:
                line.putheader("Content-Range", f"bytes {offset}-{total - 1}/{total}")
            line.endheaders()
            with contextlib.suppress(OSError):
                line.send(first)
                for piece in pieces:
                    line.send(piece)
            # When that broke off, it may have answered before: too large, no room.
            return line.getresponse().status

    def release(self, first: int, length: int) -> Piece | None:
        """`length` bytes from `first` on of the release the ward offers us; None where it offers
        none (or no such byte of it). Raises OSError, HTTPException."""
        with contextlib.closing(self._connect()) as line:
            asked = {"Range": f"bytes={first}-{first + length - 1}"}
            line.request("GET", f"{self._base()}/release/{self.house}", headers=asked)
            answer = line.getresponse()
            if answer.status in (404, 416):
                return None
            name, sum_ = answer.getheader("X-Release", ""), answer.getheader("ETag", "").strip('"')
            place = _PLACE.fullmatch(answer.getheader("Content-Range", ""))
            if answer.status != 206 or place is None or int(place[1]) != first:
                raise OSError(f"the ward gave no release: {answer.status}")
            if not (_RELEASE.fullmatch(name) and _SUM.fullmatch(sum_)):
                raise OSError("the ward's release has no proper name")
            # Fewer when the line broke amid them; none of them is no piece.
            if not (data := answer.read(length)):
                raise OSError("the line broke before the first byte")
            return Piece(name, sum_, int(place[2]), data)

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


def _pieces(file: Path, offset: int, total: int) -> Generator[bytes, None, None]:
    """The bytes of a file from `offset` up to `total`. Raises Unreadable."""
    try:
        with file.open("rb") as f:
            f.seek(offset)
            while offset < total:
                if not (piece := f.read(min(PIECE_BYTES, total - offset))):
                    raise EOFError(f"it ends at {offset} of {total} bytes")
                yield piece
                offset += len(piece)
    except (OSError, EOFError) as e:
        raise Unreadable(f"{file.name} cannot be read: {e}") from e
