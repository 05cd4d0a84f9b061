"""This file takes one job to the printer: status before, bytes out, a barrier after, and no guess.

Nothing here ever sends a byte of a job twice. Before the first byte everything is a clean failure;
after it, whatever goes wrong is for a person to judge, who alone can see the paper.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

from appliance.devices.printer import Outcome
from appliance.devices.printer.status import (
    ASK_OFFLINE,
    ASK_PAPER,
    ASK_PRINTER,
    BARRIER,
    INITIALISE,
    TELL_CHANGES,
    TELL_NOTHING,
    Classifier,
    PrinterStatus,
    with_automatic,
    with_realtime,
)
from appliance.devices.printer.transport import Transport, TransportError

DOTS_PER_MM = 8
# Enough zeros to fill the largest strip a cut-off job may have announced (128 rows × 72 bytes).
FLUSH = bytes(128 * 72) + b"\x1b\x40"


@dataclass(frozen=True)
class Limits:
    """How long to wait. `stall_s` counts from the last progress, never from the start."""

    stall_s: float = 10.0
    answer_s: float = 0.7
    slack_s: float = 5.0
    slow_mm_s: float = 60.0

    def printing_s(self, data: bytes) -> float:
        """How long a slow printer takes over this job."""
        return rows(data) / DOTS_PER_MM / self.slow_mm_s


def rows(data: bytes) -> int:
    """Rows of dots in the GS v 0 strips of a job."""
    total, at = 0, 0
    while (at := data.find(b"\x1d\x76\x30", at)) >= 0 and at + 8 <= len(data):
        width = data[at + 4] + 256 * data[at + 5]
        height = data[at + 6] + 256 * data[at + 7]
        total += height
        at += 8 + width * height
    return total


def ask_status(way: Transport, limits: Limits) -> PrinterStatus:
    """The three real-time questions, one at a time; a printer silent at the first is not asked on.

    TransportError when the way itself is broken.
    """
    status, ears = PrinterStatus(), Classifier()
    for question in (ASK_PRINTER, ASK_OFFLINE, ASK_PAPER):
        way.write(question, limits.stall_s)
        end_s = time.monotonic() + limits.answer_s
        answered = False
        while not answered and (left_s := end_s - time.monotonic()) > 0:
            for answer in ears.feed(way.read(left_s)):
                if answer.kind == "realtime" and not answered:
                    status = with_realtime(status, question, answer.data[0])
                    answered = True
                elif answer.kind == "automatic":
                    status = with_automatic(status, answer.data)
        if not answered and not status.answered:
            break
    return status


def run_job(
    way: Transport,
    data: bytes,
    limits: Limits,
    *,
    flush: bool = False,
    expects_answers: bool = False,
    knows_barrier: bool = True,
) -> Outcome:
    """Print `data`; every way it may end is an Outcome, none an exception of the transport.

    `flush`: a job before was cut off. `expects_answers`: this printer has answered lately, so its
    silence now is a reason not to begin. `knows_barrier` False: it was seen not to know GS r, so
    nobody waits long for it. A printer that answers is asked to tell by itself when its paper ends:
    once its buffer is full, it hears no question any more.
    """
    try:
        port = way.port_check()
        if port not in ("", "ok"):
            return Outcome("failed_clean", 0, port)
        before = ask_status(way, limits)
        if before.trouble:
            return Outcome("failed_clean", 0, before.trouble)
        if expects_answers and not before.answered:
            return Outcome("failed_clean", 0, "silent")
        if flush:
            way.write(FLUSH, limits.stall_s)
    except TransportError as error:
        return Outcome("failed_clean", 0, error.code)
    began_s = time.monotonic()
    tells = before.answered and data.startswith(INITIALISE)
    more = TELL_CHANGES if tells else b""
    try:
        way.write(data[:2] + more + data[2:], limits.stall_s)
    except TransportError as error:
        code = _heard_trouble(way) or error.code
        if error.accepted == 0:
            return Outcome("failed_clean", 0, code)
        ours = len(more) if error.accepted > len(INITIALISE) else 0
        return Outcome("needs_operator", max(1, error.accepted - ours), code)
    try:
        way.write(BARRIER, limits.stall_s)
        way.drain(limits.stall_s)
    except TransportError as error:
        return Outcome("needs_operator", len(data), _heard_trouble(way) or error.code)
    outcome = _await_barrier(way, data, limits, before.answered, began_s, knows_barrier)
    if tells and outcome.state != "needs_operator":
        with contextlib.suppress(TransportError):
            way.write(TELL_NOTHING, limits.stall_s)
    return outcome


def _await_barrier(
    way: Transport,
    data: bytes,
    limits: Limits,
    answers: bool,
    began_s: float,
    knows_barrier: bool,
) -> Outcome:
    """Wait for the answer to GS r, which a printer gives only once it is past all before it."""
    sent = len(data)
    printing_s = limits.printing_s(data)
    # Counted from the first byte, but a slow line may have taken longer than the paper does.
    if answers and knows_barrier:
        end_s = max(began_s + 3 * printing_s, time.monotonic()) + limits.slack_s
    else:
        end_s = max(began_s + printing_s, time.monotonic()) + limits.answer_s
    ears = Classifier()
    try:
        while (left_s := end_s - time.monotonic()) > 0:
            for answer in ears.feed(way.read(left_s)):
                if answer.kind == "barrier":
                    out = bool(answer.data[0] & 0x0C)
                    return Outcome("needs_operator" if out else "printed", sent, "paper_out" * out)
                if answer.kind == "automatic":
                    trouble = with_automatic(PrinterStatus(), answer.data).trouble
                    if trouble:
                        return Outcome("needs_operator", sent, trouble)
        if not answers:
            return Outcome("sent_unconfirmed", sent, "silent")
        after = ask_status(way, limits)
    except TransportError as error:
        return Outcome("needs_operator", sent, error.code)
    if after.trouble:
        return Outcome("needs_operator", sent, after.trouble)
    if not after.answered:
        return Outcome("needs_operator", sent, "silent")
    # It is well and had three times the time it needs: it knows DLE EOT but not GS r.
    return Outcome("sent_unconfirmed", sent, "no_barrier")


def _heard_trouble(way: Transport) -> str:
    """What the printer had to say while it stopped taking bytes; "" when nothing.

    Only listens: a question now could end up inside the half-sent picture.
    """
    status, ears = PrinterStatus(), Classifier()
    try:
        while said := way.read(0.05):
            for answer in ears.feed(said):
                if answer.kind == "automatic":
                    status = with_automatic(status, answer.data)
    except TransportError:
        pass
    return status.trouble
