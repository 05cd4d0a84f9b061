"""This file is the virtual printer within the process: the same job logic over an obedient machine.

`virtual:`               prints into memory (`slips`)
`&dir=PATH`              also writes slip-0001.png and slip-0001.escpos there
`&faults=PATH`           a small file of faults that may change at any time (fault_file.py)

Faults, in the URL or in that file:
`off=1` not there · `reset=1` breaks off right after it was opened · `silent=1` prints, never
answers · `asb=1` chatters status blocks between its answers · `paper_out=1` · `cover_open=1` ·
`paper_out_after=N` slips · `paper_out_rows=N` rows from now (midway in a slip) · `stall=N` takes
N bytes of a job, then nothing (1 means 4096) · `die_after=N` breaks off after N bytes of a job.
"""

from __future__ import annotations

import time
from pathlib import Path

from appliance.devices.fault_file import Faults
from appliance.devices.printer.over_transport import LIMIT_OPTIONS, OverTransport
from appliance.devices.printer.transport import CHUNK_BYTES, TransportError
from appliance.devices.printer.virtual_paper import DLE_EOT, Mechanism, VirtualSlip
from appliance.devices.url import DeviceUrl

FAULTS = (
    "off",
    "reset",
    "silent",
    "asb",
    "paper_out",
    "cover_open",
    "paper_out_after",
    "paper_out_rows",
    "stall",
    "die_after",
)
BUFFER_BYTES = 8192
_ASB = b"\x10\x00\x00\x00"


class VirtualPrinter(OverTransport):
    """`slips` is every piece of paper it cut off, oldest first."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("dir", "faults", *FAULTS, *LIMIT_OPTIONS)
        super().__init__(url, self._open, virtual=True)
        self.faults = Faults(url, FAULTS)
        self.mechanism = Mechanism()
        self._dir = Path(url.option("dir")) if url.option("dir") else None
        self._written = 0
        rows = self.faults.count("paper_out_rows")
        if rows is not None:
            self.mechanism.paper_rows = rows

    @property
    def slips(self) -> list[VirtualSlip]:
        return self.mechanism.slips

    def reload_paper(self) -> None:
        """Put in a new roll; what the printer still had in its buffer comes out."""
        for fault in ("paper_out", "paper_out_after", "paper_out_rows"):
            self.faults.set(fault, "")
        self.settle()

    def settle(self) -> None:
        """Bring the machine in line with the faults in force, and keep what it has cut off."""
        after = self.faults.count("paper_out_after")
        out = self.faults.on("paper_out") or (after is not None and len(self.slips) >= after)
        if out:
            self.mechanism.paper_rows = 0
        elif not self.faults.on("paper_out_rows"):
            self.mechanism.paper_rows = None
        self.mechanism.cover_open = self.faults.on("cover_open")
        self.mechanism.feed(b"")  # what waited in its buffer comes out once it may print again
        if self._dir is not None:
            self._dir.mkdir(parents=True, exist_ok=True)
            for slip in self.slips[self._written :]:
                self._written += 1
                name = f"slip-{self._written:04d}"
                (self._dir / f"{name}.escpos").write_bytes(slip.data)
                (self._dir / f"{name}.png").write_bytes(slip.png())

    def _open(self) -> VirtualTransport:
        if self.faults.on("off"):
            raise TransportError("the virtual printer is switched off", code="off")
        self.settle()
        return VirtualTransport(self)


class VirtualTransport:
    """One opened way to the virtual printer; job bytes are counted from its opening."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer
        self._taken = 0

    def write(self, data: bytes, stall_s: float) -> None:
        printer, faults = self._printer, self._printer.faults
        if faults.on("reset"):
            raise TransportError("the virtual printer broke off")
        if data[:2] == DLE_EOT and len(data) == 3:
            printer.mechanism.answers.append(printer.mechanism.realtime(data[2]))
            return
        die, stall = faults.count("die_after"), faults.count("stall")
        stall = CHUNK_BYTES if stall == 1 else stall
        for at in range(0, len(data), CHUNK_BYTES):
            piece = data[at : at + CHUNK_BYTES]
            if die is not None and self._taken + len(piece) > die:
                keep = max(0, die - self._taken)
                printer.mechanism.feed(piece[:keep])
                raise TransportError("the virtual printer broke off", accepted=at + keep)
            full = printer.mechanism.waiting_bytes + len(piece) > BUFFER_BYTES
            halted = printer.mechanism.paper_out or printer.mechanism.cover_open
            if (stall is not None and self._taken >= stall) or (halted and full):
                time.sleep(stall_s)
                raise TransportError("it takes no more", code="stalled", accepted=at)
            printer.mechanism.feed(piece)
            self._taken += len(piece)

    def drain(self, stall_s: float) -> None:
        return None

    def read(self, timeout_s: float) -> bytes:
        printer, mechanism = self._printer, self._printer.mechanism
        if printer.faults.on("reset"):
            raise TransportError("the virtual printer broke off")
        answers, mechanism.answers = bytes(mechanism.answers), []
        if not answers or printer.faults.on("silent"):
            time.sleep(max(0.0, timeout_s))
            return b""
        if printer.faults.on("asb"):
            # A block in front, and one that an answer cuts in two.
            return _ASB + _ASB[:2] + answers + _ASB[2:]
        return answers

    def port_check(self) -> str:
        return ""

    def close(self) -> None:
        self._printer.settle()
