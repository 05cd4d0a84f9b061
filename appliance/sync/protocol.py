"""This file is the contract between a house and its ward: topics, envelope, receipt, command.

Standard library only, so that the ward and any other program can import it alone. What a message
means for people is told in docs/protocol.md. Everything that decodes raises ProtocolError with a
stable reason, never anything else, whatever bytes came in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from appliance.sync.down import (
    DOSSIER_STATES,
    NOTE_MOST,
    RESULTS_BEHIND,
    WANTED,
    Cmd,
    DossierState,
    Receipt,
    Result,
    Version,
    Wanted,
    decode_cmd,
    decode_receipt,
    decode_result,
    decode_wanted,
    encode_cmd,
    encode_receipt,
    encode_result,
    encode_wanted,
)
from appliance.sync.names import (
    DOWNS,
    MAX_IN_FLIGHT,
    MAX_PAYLOAD_BYTES,
    MAX_RECEIPTS_BEHIND,
    MAX_STATE_KEYS,
    MAX_STATE_TEXT,
    PREFIX,
    STATES,
    STATUSES,
    STREAMS,
    SYNCS,
    VERSION,
    Scalar,
    State,
    Stream,
    Sync,
    check_epoch,
    check_house,
    check_job,
)
from appliance.sync.strict_json import (
    MAX_WHOLE,
    ProtocolError,
    dump,
    mapping,
    one_of,
    parse_utc,
    read_object,
    utc_text,
    whole,
)

__all__ = [
    "DOSSIER_STATES",
    "DOWNS",
    "MAX_IN_FLIGHT",
    "MAX_PAYLOAD_BYTES",
    "MAX_RECEIPTS_BEHIND",
    "MAX_STATE_KEYS",
    "MAX_STATE_TEXT",
    "MAX_WHOLE",
    "NOTE_MOST",
    "PREFIX",
    "RESULTS_BEHIND",
    "STATES",
    "STATUSES",
    "STREAMS",
    "SYNCS",
    "VERSION",
    "WANTED",
    "Cmd",
    "DossierState",
    "ProtocolError",
    "Receipt",
    "Result",
    "Scalar",
    "State",
    "Stream",
    "Sync",
    "Version",
    "Wanted",
    "check_epoch",
    "check_house",
    "check_job",
    "decode_cmd",
    "decode_receipt",
    "decode_result",
    "decode_wanted",
    "dump",
    "encode_cmd",
    "encode_receipt",
    "encode_result",
    "encode_wanted",
    "parse_utc",
    "utc_text",
]  # beside all that is defined here

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

# --- topics -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Topic:
    """A topic taken apart: houses/v1/<house>/<kind>/<name>[/<job>]."""

    house: str
    kind: Literal["state", "up", "down"]
    name: str
    job: str = ""


def state_topic(house: str, name: State) -> str:
    return f"{PREFIX}/{check_house(house)}/state/{one_of(name, STATES, 'bad_topic')}"


def up_topic(house: str, stream: Stream) -> str:
    return f"{PREFIX}/{check_house(house)}/up/{one_of(stream, STREAMS, 'bad_topic')}"


def down_topic(house: str, name: str) -> str:
    return f"{PREFIX}/{check_house(house)}/down/{one_of(name, DOWNS, 'bad_topic')}"


def cmd_topic(house: str, job: str) -> str:
    return f"{down_topic(house, 'cmd')}/{check_job(job)}"


def down_filter(house: str) -> str:
    """What a house subscribes to: everything meant for it."""
    return f"{PREFIX}/{check_house(house)}/down/#"


UP_FILTER = f"{PREFIX}/+/up/+"
STATE_FILTER = f"{PREFIX}/+/state/+"


def parse_topic(topic: str) -> Topic:
    """Take a topic apart; ProtocolError('bad_topic') for any that is not in the contract."""
    levels = topic.split("/")
    if len(levels) < 5 or "/".join(levels[:2]) != PREFIX:
        raise ProtocolError("bad_topic", topic[:120])
    house, kind, name, rest = check_house(levels[2]), levels[3], levels[4], levels[5:]
    if kind == "state" and name in STATES and not rest:
        return Topic(house, "state", name)
    if kind == "up" and name in STREAMS and not rest:
        return Topic(house, "up", name)
    if kind == "down" and name == "cmd" and len(rest) == 1:
        return Topic(house, "down", name, check_job(rest[0]))
    if kind == "down" and name in DOWNS and name != "cmd" and not rest:
        return Topic(house, "down", name)
    raise ProtocolError("bad_topic", topic[:120])


# --- the envelope of everything on up/<stream> ----------------------------------------------------


@dataclass(frozen=True)
class Envelope:
    """One reported fact. Its key is (house, epoch, stream, seq); everything else is its body.

    epoch: the kernel's boot id when the row was made; seq counts from 1 in each (epoch, stream);
    mono_ms: CLOCK_BOOTTIME then; t: wall time then (UTC ISO 8601), as good as `sync` says.
    """

    house: str
    stream: Stream
    epoch: str
    seq: int
    mono_ms: int
    t: str
    sync: Sync
    d: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, int]:
        return (self.house, self.epoch, self.stream, self.seq)

    def body(self) -> str:
        """The canonical text of all that is not the key: equal bodies mean the same fact."""
        return dump(
            {"mono_ms": self.mono_ms, "t": self.t, "sync": self.sync, "d": dict(self.d)}, sort=True
        )


def encode_envelope(e: Envelope) -> bytes:
    """The bytes for up/<stream>; checked by the same rules the ward will use."""
    payload = dump(
        {
            "v": VERSION,
            "house": e.house,
            "stream": e.stream,
            "epoch": e.epoch,
            "seq": e.seq,
            "mono_ms": e.mono_ms,
            "t": e.t,
            "sync": e.sync,
            "d": dict(e.d),
        }
    ).encode()
    decode_envelope(payload)
    return payload


def decode_envelope(payload: bytes, topic: Topic | None = None) -> Envelope:
    """Bytes to Envelope. With `topic`, house and stream must be the ones of the topic."""
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    # A later minor version only adds keys, so it is read like this one; v2 has its own root.
    whole(m.get("v"), "bad_v", 1)
    envelope = Envelope(
        house=check_house(m.get("house")),
        stream=one_of(m.get("stream"), STREAMS, "bad_stream"),
        epoch=check_epoch(m.get("epoch")),
        seq=whole(m.get("seq"), "bad_seq", 1),
        mono_ms=whole(m.get("mono_ms"), "bad_mono_ms", 0),
        t=_kept_utc(m.get("t")),
        sync=one_of(m.get("sync"), SYNCS, "bad_sync"),
        d=mapping(m.get("d"), "bad_d"),
    )
    if topic is not None and (topic.house, topic.name) != (envelope.house, envelope.stream):
        raise ProtocolError("topic_mismatch", f"{envelope.house}/{envelope.stream}")
    return envelope


def loose_key(payload: bytes) -> tuple[str, int]:
    """(epoch, seq) of an envelope that may otherwise be wrong; ProtocolError when it has none."""
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    return check_epoch(m.get("epoch")), whole(m.get("seq"), "bad_seq", 1)


# --- state/<name>: retained last values -----------------------------------------------------------


def decode_status(payload: bytes) -> Literal["online", "offline"]:
    text = payload[:16].decode("utf-8", "replace")
    if text == "online":
        return "online"
    if text == "offline":
        return "offline"
    raise ProtocolError("bad_status", "online or offline")


def encode_state(values: Mapping[str, Scalar]) -> bytes:
    """Flat JSON for state/hello, queue, help, health; booleans become 0 and 1 for exporters."""
    flat = {k: int(v) if isinstance(v, bool) else v for k, v in values.items() if v is not None}
    payload = dump(flat).encode()
    decode_state(payload)
    return payload


def decode_state(payload: bytes) -> dict[str, Scalar]:
    """Bytes to a flat mapping; unknown keys are kept for display, nested values are refused."""
    m = read_object(payload, MAX_PAYLOAD_BYTES)
    if len(m) > MAX_STATE_KEYS:
        raise ProtocolError("too_many_keys")
    for key, value in m.items():
        if not _KEY.fullmatch(key):
            raise ProtocolError("bad_key", key[:64])
        if isinstance(value, (dict, list)):
            raise ProtocolError("not_flat", key)
        if isinstance(value, str) and len(value) > MAX_STATE_TEXT:
            raise ProtocolError("text_too_long", key)
    return m


def _kept_utc(value: object) -> str:
    parse_utc(value, "bad_t")
    return str(value)
