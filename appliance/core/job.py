"""This file is the work asked of machines: the states of a print job and of a capture."""

from __future__ import annotations

from typing import Literal

PrintState = Literal[
    "queued",  # waiting for the printer
    "sending",  # the first byte may be out: from here on nothing is automatic
    "printed",  # the printer said so
    "sent_unconfirmed",  # all bytes taken, and this printer never answers
    "failed_clean",  # not one byte was taken, and we stopped trying
    "needs_operator",  # some bytes were taken: a person looks whether it came out
    "expired",  # too late to be of use
    "cancelled",
]
ON_PAPER: tuple[PrintState, ...] = ("printed", "sent_unconfirmed")
# A person may ask for these again.
NOT_ON_PAPER: tuple[PrintState, ...] = ("failed_clean", "needs_operator", "expired", "cancelled")

CaptureState = Literal["queued", "working", "done", "failed"]
CaptureKind = Literal[
    "page",  # a photograph becomes a page
    "upload",  # so does a telephone's picture
    "key",  # the resident's slip opens the sealed pages
    "crop",  # a page anew from its photograph, with corners placed by hand
    "turn",  # a page turned by quarter turns
    "card",  # the code of an identity card is read, shown and dropped
]

# A number slip is of no use after the resident has sat down; a visit slip is, for hours.
EXPIRES_S = {
    "ticket": 10 * 60,
    "visit": 4 * 3600,
    "appointment": 3600,
    "result": 4 * 3600,
    "checklist": 10 * 60,
    "lesson": 10 * 60,
    "test": 10 * 60,
    "box": 24 * 3600,
}
# Nobody taps through more copies than this by mistake.
MOST_COPIES = 20
CAPTURE_EXPIRES_S = 60


def retry_after_s(tries: int) -> float:
    """Back-off before a job that left no byte on the wire is tried again: 1, 2, 4 … 15 s."""
    return float(min(15, 2 ** max(0, tries - 1)))
