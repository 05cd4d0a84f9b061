"""This file reads a printer's answers byte by byte, whatever else it chatters in between.

Bits as in the makers' manuals (Epson reference, Citizen CT-S310): a real-time answer (DLE EOT) is
0xx1xx10, an automatic status block begins 0xx1xx00 and goes on with three 0xx0xxxx, an answer to
GS r is a lone 0xx0xxxx, XON is 0x11 and XOFF 0x13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from appliance.core.check import Check

ASK_PRINTER = b"\x10\x04\x01"
ASK_OFFLINE = b"\x10\x04\x02"
ASK_PAPER = b"\x10\x04\x04"
BARRIER = b"\x1d\x72\x01"
# GS a: tell by yourself when you go off line, err, or run out of paper; in force until ESC @.
TELL_CHANGES = b"\x1d\x61\x0e"
TELL_NOTHING = b"\x1d\x61\x00"
INITIALISE = b"\x1b\x40"

AnswerKind = Literal["realtime", "automatic", "barrier", "xon", "xoff", "other"]


@dataclass(frozen=True)
class Answer:
    """One answer: its kind and its byte or bytes."""

    kind: AnswerKind
    data: bytes


@dataclass(frozen=True)
class PrinterStatus:
    """What is known of the printer; None = it has not said."""

    answered: bool = False
    offline: bool | None = None
    cover_open: bool | None = None
    paper_out: bool | None = None
    paper_low: bool | None = None
    error: bool | None = None

    @property
    def trouble(self) -> str:
        """The code of what a person must see to first; "" when nothing is known to be wrong."""
        if self.cover_open:
            return "cover_open"
        if self.paper_out:
            return "paper_out"
        if self.error:
            return "printer_error"
        if self.offline:
            return "offline"
        return ""

    def check(self) -> Check:
        if self.trouble:
            return Check("printer", "bad", self.trouble)
        if not self.answered:
            return Check("printer", "unknown", "silent")
        return Check("printer", "ok", "paper_low" if self.paper_low else "")


class Classifier:
    """Cuts the stream of answers apart; it may be fed in pieces of any size."""

    def __init__(self) -> None:
        self._block = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        return [answer for byte in data if (answer := self._take(byte)) is not None]

    def _take(self, byte: int) -> Answer | None:
        one = bytes((byte,))
        if byte == 0x11:
            return Answer("xon", one)
        if byte == 0x13:
            return Answer("xoff", one)
        if byte & 0x93 == 0x12:
            return Answer("realtime", one)
        if byte & 0x93 == 0x10:
            self._block = bytearray(one)
            return None
        if byte & 0x90 == 0x00:
            if not self._block:
                return Answer("barrier", one)
            self._block.append(byte)
            if len(self._block) < 4:
                return None
            block, self._block = bytes(self._block), bytearray()
            return Answer("automatic", block)
        return Answer("other", one)


def with_realtime(status: PrinterStatus, asked: bytes, byte: int) -> PrinterStatus:
    """`status` with the real-time answer `byte` to the question `asked` worked in."""
    status = replace(status, answered=True)
    if asked == ASK_PRINTER:
        return replace(status, offline=bool(byte & 0x08))
    if asked == ASK_OFFLINE:
        return replace(
            status,
            cover_open=bool(byte & 0x04),
            paper_out=bool(byte & 0x20) or bool(status.paper_out),
            error=bool(byte & 0x40),
        )
    if asked == ASK_PAPER:
        return replace(
            status,
            paper_low=bool(byte & 0x0C),
            paper_out=bool(byte & 0x60) or bool(status.paper_out),
        )
    raise ValueError(f"no such question: {asked!r}")


def with_automatic(status: PrinterStatus, block: bytes) -> PrinterStatus:
    """`status` replaced by what a four-byte automatic status block says."""
    first, second, third, _ = block
    return replace(
        status,
        answered=True,
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        error=bool(second & 0x68),
        paper_low=bool(third & 0x03),
        paper_out=bool(third & 0x0C),
    )
