"""This file is what a ward says to a house: receipts, commands, wanted states, results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from appliance.sync.names import (
    MAX_PAYLOAD_BYTES,
    STREAMS,
    VERSION,
    Stream,
    check_epoch,
    check_job,
)
from appliance.sync.strict_json import (
    ProtocolError,
    dump,
    mapping,
    one_of,
    parse_utc,
    read_object,
    utc_text,
    whole,
)

Wanted = Literal["roster", "config", "catalogue"]
WANTED: tuple[Wanted, ...] = ("roster", "config", "catalogue")
DossierState = Literal["received", "supplement", "done"]
DOSSIER_STATES: tuple[DossierState, ...] = ("received", "supplement", "done")
NOTE_MOST = 200
RESULTS_BEHIND = 50  # results a ward sends to a house before it waits for its word

_OP = re.compile(r"[a-z][a-z0-9_]{0,31}")
_REASON = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Receipt:
    """The ward has everything of (epoch, stream) up to and with seq `upto` in its database.

    refused_seq, reason: a row of this lane that the ward cannot take as it is, and why (0: none).
    twice: two boxes speak under this house's name.
    """

    epoch: str
    stream: Stream
    upto: int
    refused_seq: int = 0
    reason: str = ""
    twice: bool = False


def encode_receipt(r: Receipt) -> bytes:
    more: dict[str, Any] = {}
    if r.refused_seq:
        more = {"refused_seq": r.refused_seq, "reason": r.reason}
    if r.twice:
        more["twice"] = 1
    said = {"v": VERSION, "epoch": r.epoch, "stream": r.stream, "upto": r.upto, **more}
    return dump(said).encode()


def decode_receipt(payload: bytes) -> Receipt:
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    refused_seq, reason = whole(m.get("refused_seq", 0), "bad_refused_seq", 0), m.get("reason")
    if not isinstance(reason, str) or not _REASON.fullmatch(reason):
        reason = "refused"
    return Receipt(
        epoch=check_epoch(m.get("epoch")),
        stream=one_of(m.get("stream"), STREAMS, "bad_stream"),
        upto=whole(m.get("upto"), "bad_upto", 0),
        refused_seq=refused_seq,
        reason=reason if refused_seq else "",
        twice=m.get("twice") in (1, True),
    )


@dataclass(frozen=True)
class Cmd:
    """One thing the ward asks a house to do once. `exp`: UTC moment after which it must not."""

    op: str
    args: Mapping[str, Any]
    exp: datetime


def encode_cmd(c: Cmd) -> bytes:
    return dump({"v": VERSION, "op": c.op, "args": dict(c.args), "exp": utc_text(c.exp)}).encode()


def decode_cmd(payload: bytes) -> Cmd:
    """Bytes to Cmd. `exp` may be UTC ISO 8601 text or whole Unix seconds, and is never missing."""
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    op = m.get("op")
    if not isinstance(op, str) or not _OP.fullmatch(op):
        raise ProtocolError("bad_op")
    args = m.get("args", {})
    return Cmd(op=op, args=mapping(args, "bad_args"), exp=_moment(m.get("exp")))


@dataclass(frozen=True)
class Version:
    """A wanted state (roster, config, catalogue) as a whole. The larger `ver` is the newer."""

    ver: int
    d: Mapping[str, Any]


def encode_wanted(w: Version) -> bytes:
    payload = dump({"v": VERSION, "ver": w.ver, "d": dict(w.d)}).encode()
    decode_wanted(payload)
    return payload


def decode_wanted(payload: bytes) -> Version:
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    return Version(whole(m.get("ver"), "bad_ver", 1), mapping(m.get("d"), "bad_d"))


@dataclass(frozen=True)
class Result:
    """What became of a dossier. (epoch, seq) is its key at the ward, seq from 1 for each house.

    floor: nothing up to and with this seq will come any more; a house need not wait for it.
    """

    epoch: str
    seq: int
    dossier: str
    state: DossierState
    at: str
    note: str = ""
    floor: int = 0


def encode_result(r: Result) -> bytes:
    payload = dump(
        {"v": VERSION, "epoch": r.epoch, "seq": r.seq, "dossier": r.dossier, "state": r.state,
         "at": r.at, "note": r.note, "floor": r.floor}
    ).encode()  # fmt: skip
    decode_result(payload)
    return payload


def decode_result(payload: bytes) -> Result:
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    at, note = m.get("at"), m.get("note", "")
    parse_utc(at, "bad_at")
    if not isinstance(note, str) or len(note) > NOTE_MOST or not note.isprintable():
        raise ProtocolError("bad_note")
    return Result(
        epoch=check_epoch(m.get("epoch")),
        seq=whole(m.get("seq"), "bad_seq", 1),
        dossier=check_job(m.get("dossier")),
        state=one_of(m.get("state"), DOSSIER_STATES, "bad_state"),
        at=str(at),
        note=note,
        floor=whole(m.get("floor", 0), "bad_floor", 0),
    )


def _moment(value: object) -> datetime:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**33:
        return datetime.fromtimestamp(value, UTC)
    return parse_utc(value, "bad_exp")
