"""This file is the port of the slip printer: outcomes of a job, and the table of adapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from appliance.core.check import Check
from appliance.devices.url import build

JobState = Literal["printed", "sent_unconfirmed", "failed_clean", "needs_operator"]
# What a printer understands: a slip printer ESC/POS, a sheet printer PDF.
JobLanguage = Literal["escpos", "pdf"]

ADAPTERS = {
    "tcp": "appliance.devices.printer.tcp:TcpPrinter",
    "usblp": "appliance.devices.printer.usblp:UsblpPrinter",
    "serial": "appliance.devices.printer.serial:SerialPrinter",
    "escpos+usb": "appliance.devices.printer.escpos_usb:EscposUsbPrinter",
    "cups": "appliance.devices.printer.cups:CupsPrinter",
    "virtual": "appliance.devices.printer.virtual:VirtualPrinter",
    "none": "appliance.devices.printer.none:NoPrinter",
}


@dataclass(frozen=True)
class Outcome:
    """How a job ended, as far as anybody can know.

    printed          the printer itself said that it is past the job's last byte
    sent_unconfirmed every byte went out, to a printer known not to answer
    failed_clean     not one byte of the job was taken: it may be tried again
    needs_operator   part of it (or all, and then trouble) went out: only a person may decide
    """

    state: JobState
    bytes_sent: int
    code: str = ""


@dataclass(frozen=True)
class Capabilities:
    """Which questions a printer has been seen to answer; None = it has not shown yet.

    status   DLE EOT, at any time · barrier GS r, behind a job · port the USB port's own status
    """

    status: bool | None = None
    barrier: bool | None = None
    port: bool | None = None


class Printer(Protocol):
    """One printer with one owner. Nothing is ever sent twice by itself."""

    url: str
    virtual: bool
    language: JobLanguage
    # Set it when a job may have been cut off midway (also by an earlier process): the next job
    # then begins with enough nothing for the printer to finish a half-sent bitmap strip.
    needs_flush: bool

    @property
    def identity(self) -> str:
        """What names this printer whatever its limits and its node: capabilities are kept by it."""

    @property
    def capabilities(self) -> Capabilities: ...

    def recall(self, capabilities: Capabilities) -> None:
        """Take what was learnt of this printer before the last restart."""

    def check(self) -> Check:
        """The printer's state; during a job the last known one (status never mixes with a job)."""

    def print_job(self, data: bytes) -> Outcome:
        """Send one complete job in the printer's `language` (for ESC/POS cut included); blocks,
        but never without end."""

    def close(self) -> None: ...


def open_printer(url: str) -> Printer:
    """Build the adapter the URL names; ConfigError for an unknown scheme or option."""
    printer: Printer = build(url, ADAPTERS, "printer")
    return printer
