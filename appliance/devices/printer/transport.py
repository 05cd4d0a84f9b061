"""This file is the narrow way to a printer's bytes; what they mean is for job.py and status.py."""

from __future__ import annotations

from typing import ClassVar, Protocol

from appliance.errors import DeviceError

CHUNK_BYTES = 4096


class TransportError(DeviceError):
    """The way to the printer failed. `accepted` = bytes of this write that may have got through.

    Codes: off (not there), busy, denied, stalled (takes no more bytes), lost (broke off).
    """

    default_code: ClassVar[str] = "lost"

    def __init__(self, message: str, *, code: str | None = None, accepted: int = 0) -> None:
        super().__init__(message, code=code)
        self.accepted = accepted


class Transport(Protocol):
    """An open way to one printer, used by one thread."""

    def write(self, data: bytes, stall_s: float) -> None:
        """Send all of `data` in small pieces; TransportError(stalled) after `stall_s` s without
        progress, however long the whole takes."""

    def drain(self, stall_s: float) -> None:
        """Wait until what was written has left this machine; TransportError as in write."""

    def read(self, timeout_s: float) -> bytes:
        """What the printer sent back, at once when there is any; b"" when nothing came in time.
        TransportError(lost) when it never will."""

    def port_check(self) -> str:
        """What the port itself says without the printer's language: "ok", a fault's code, or ""
        when it says nothing."""

    def close(self) -> None: ...
