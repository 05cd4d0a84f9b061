"""This file is the words of the contract: constants, and checks of names that everything uses."""

from __future__ import annotations

import re
from typing import Literal

from appliance.sync.strict_json import ProtocolError

VERSION = 1
PREFIX = "houses/v1"
MAX_PAYLOAD_BYTES = 64 * 1024
MAX_STATE_KEYS = 128
MAX_STATE_TEXT = 2000
MAX_RECEIPTS_BEHIND = 400  # rows a house sends per lane before it waits for a receipt
MAX_IN_FLIGHT = 50  # publishes a house has without PUBACK at any time

Stream = Literal["help", "queue", "ops", "health"]
State = Literal["status", "hello", "queue", "help", "health"]
Sync = Literal["ntp", "rtc", "none"]
Scalar = str | int | float | bool | None

STREAMS: tuple[Stream, ...] = ("help", "queue", "ops", "health")  # the order they are sent in
STATES: tuple[State, ...] = ("status", "hello", "queue", "help", "health")
SYNCS: tuple[Sync, ...] = ("ntp", "rtc", "none")
STATUSES = ("online", "offline")
DOWNS = ("receipt", "roster", "config", "catalogue", "result", "cmd")

_HOUSE = re.compile(r"[a-z0-9-]{4,32}")
_EPOCH = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_JOB = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_house(house: object) -> str:
    """The house id itself, or ProtocolError: 4 to 32 of a-z, 0-9 and hyphen."""
    if not isinstance(house, str) or not _HOUSE.fullmatch(house):
        raise ProtocolError("bad_house", "4–32 of a-z, 0-9 and -")
    return house


def check_epoch(epoch: object) -> str:
    if not isinstance(epoch, str) or not _EPOCH.fullmatch(epoch):
        raise ProtocolError("bad_epoch", "1–64 of letters, digits and ._:-")
    return epoch


def check_job(job: object) -> str:
    if not isinstance(job, str) or not _JOB.fullmatch(job):
        raise ProtocolError("bad_job", "1–64 of letters, digits, _ and -")
    return job
