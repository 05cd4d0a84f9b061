"""This file proves that the contract with the ward is exact on the wire and strict on reading."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.sync import protocol as p

BOOT = "0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77"
ENVELOPE = p.Envelope(
    house="nha-17",
    stream="help",
    epoch=BOOT,
    seq=17,
    mono_ms=86400123,
    t="2026-11-22T05:00:00Z",
    sync="ntp",
    d={"type": "called", "call": 3, "place": "bàn máy tính"},
)
ENVELOPE_WIRE = (
    '{"v":1,"house":"nha-17","stream":"help","epoch":"0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77",'
    '"seq":17,"mono_ms":86400123,"t":"2026-11-22T05:00:00Z","sync":"ntp",'
    '"d":{"type":"called","call":3,"place":"bàn máy tính"}}'
)


def changed(**keys: object) -> bytes:
    m = json.loads(ENVELOPE_WIRE)
    m.update(keys)
    return json.dumps({k: v for k, v in m.items() if v != "GONE"}).encode()


def test_envelope_golden() -> None:
    """The bytes on the wire are exactly these, and read back to the same value."""
    assert p.encode_envelope(ENVELOPE).decode() == ENVELOPE_WIRE
    assert p.decode_envelope(ENVELOPE_WIRE.encode(), p.parse_topic("houses/v1/nha-17/up/help")) == (
        ENVELOPE
    )


def test_receipt_and_cmd_golden() -> None:
    """Receipt and command have one spelling each, and `exp` may come as text or Unix seconds."""
    receipt = p.Receipt(epoch=BOOT, stream="queue", upto=41)
    wire = b'{"v":1,"epoch":"%s","stream":"queue","upto":41}' % BOOT.encode()
    assert p.encode_receipt(receipt) == wire
    assert p.decode_receipt(wire) == receipt
    cmd = p.Cmd("answer_help", {"call": 3}, datetime(2026, 11, 22, 5, tzinfo=UTC))
    wire = b'{"v":1,"op":"answer_help","args":{"call":3},"exp":"2026-11-22T05:00:00Z"}'
    assert p.encode_cmd(cmd) == wire
    assert p.decode_cmd(wire) == cmd
    assert p.decode_cmd(b'{"op":"answer_help","args":{"call":3},"exp":1795323600}') == cmd


def test_topics_both_ways() -> None:
    """Every topic that can be built is taken apart again to what it was built from."""
    assert p.state_topic("hien-demo", "status") == "houses/v1/hien-demo/state/status"
    assert p.cmd_topic("hien-demo", "j-1") == "houses/v1/hien-demo/down/cmd/j-1"
    for name in p.STATES:
        assert p.parse_topic(p.state_topic("abcd", name)) == p.Topic("abcd", "state", name)
    for stream in p.STREAMS:
        assert p.parse_topic(p.up_topic("abcd", stream)) == p.Topic("abcd", "up", stream)
    assert p.parse_topic(p.cmd_topic("abcd", "J_9")) == p.Topic("abcd", "down", "cmd", "J_9")
    assert p.parse_topic("houses/v1/abcd/down/receipt") == p.Topic("abcd", "down", "receipt")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "houses/v1",
        "houses/v1/abcd/up",
        "houses/v1/abcd/up/help/more",
        "houses/v2/abcd/up/help",
        "houses/v1/ABCD/up/help",
        "houses/v1/abc/up/help",
        "houses/v1/abcd/up/dossier",
        "houses/v1/abcd/down/cmd",
        "houses/v1/abcd/down/cmd/a b",
        "houses/v1/abcd/down/cmd/",
        "x/houses/v1/abcd/up/help",
        "houses/v1/nhà-17/up/help",
        "houses/v1/abcd\n/up/help",
    ],
)
def test_foreign_topics_are_refused(topic: str) -> None:
    with pytest.raises(p.ProtocolError):
        p.parse_topic(topic)


@pytest.mark.parametrize(
    "house", ["abc", "a" * 33, "Abcd", "ab_cd", "ab cd", "", None, 7, "abcd\n"]
)
def test_house_id_rule(house: object) -> None:
    with pytest.raises(p.ProtocolError) as caught:
        p.check_house(house)
    assert caught.value.reason == "bad_house"


def test_unknown_keys_are_ignored_and_later_minor_versions_read() -> None:
    """A newer house may add keys; the fact and its body stay the same."""
    got = p.decode_envelope(changed(v=3, colour="green"))
    assert got == ENVELOPE
    assert got.body() == ENVELOPE.body()


def test_body_is_canonical() -> None:
    """Key order and white space do not make another body; another `d` does."""
    m = json.loads(ENVELOPE_WIRE)
    m["d"] = dict(reversed(m["d"].items()))
    assert p.decode_envelope(json.dumps(m, indent=3).encode()).body() == ENVELOPE.body()
    assert p.decode_envelope(changed(d={"type": "withdrawn"})).body() != ENVELOPE.body()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "bad_json"),
        (b"\xff\xfe", "bad_utf8"),
        (b"[1]", "not_an_object"),
        (b"[" * 60000, "bad_json"),
        (b'{"seq":' + b"9" * 60000 + b"}", "bad_json"),
        (b" " * (p.MAX_PAYLOAD_BYTES + 1), "too_large"),
        (b'{"v":NaN}', "bad_json"),
        (b'{"v":1e999}', "bad_json"),
        (b'{"v":"\\ud800"}', "bad_utf8"),
        (changed(v="GONE"), "bad_v"),
        (changed(v=0), "bad_v"),
        (changed(house="GONE"), "bad_house"),
        (changed(stream="dossier"), "bad_stream"),
        (changed(stream=["help"]), "bad_stream"),
        (changed(epoch="a/b"), "bad_epoch"),
        (changed(seq=0), "bad_seq"),
        (changed(seq=True), "bad_seq"),
        (changed(seq=1.0), "bad_seq"),
        (changed(seq=2**53), "bad_seq"),
        (changed(mono_ms=-1), "bad_mono_ms"),
        (changed(t="yesterday"), "bad_t"),
        (changed(t="2026-11-22T05:00:00+07:00"), "bad_t"),
        (changed(t="2026-11-22T05:00:00.000"), "bad_t"),
        (changed(sync="gps"), "bad_sync"),
        (changed(d=[1]), "bad_d"),
        (changed(d="GONE"), "bad_d"),
        (changed(house="nha-18"), "topic_mismatch"),
        (changed(stream="queue"), "topic_mismatch"),
    ],
)
def test_broken_envelopes_have_a_reason(payload: bytes, reason: str) -> None:
    with pytest.raises(p.ProtocolError) as caught:
        p.decode_envelope(payload, p.Topic("nha-17", "up", "help"))
    assert caught.value.reason == reason


@given(
    st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ).map(lambda v: json.dumps(v).encode()),
    )
)
def test_no_bytes_raise_anything_but_protocol_error(payload: bytes) -> None:
    for decode in (
        p.decode_envelope,
        p.decode_receipt,
        p.decode_cmd,
        p.decode_state,
        p.decode_status,
    ):
        try:
            decode(payload)
        except p.ProtocolError as error:
            assert error.reason


def test_an_event_too_large_is_refused_before_it_is_sent() -> None:
    """A house never puts on the wire what its ward would have to refuse."""
    with pytest.raises(p.ProtocolError) as caught:
        p.encode_envelope(
            p.Envelope("abcd", "ops", BOOT, 1, 0, ENVELOPE.t, "none", {"x": "y" * 70000})
        )
    assert caught.value.reason == "too_large"


def test_states_are_flat_and_booleans_are_numbers() -> None:
    wire = p.encode_state(
        {"waiting": 4, "printer_ok": True, "sw": "0.1", "soc_temp_c": 51.5, "x": None}
    )
    assert wire == b'{"waiting":4,"printer_ok":1,"sw":"0.1","soc_temp_c":51.5}'
    assert p.decode_state(wire)["soc_temp_c"] == 51.5
    for bad in (
        b'{"a":{}}',
        b'{"a b":1}',
        b'{"a":"' + b"x" * 3000 + b'"}',
        json.dumps({f"k{i}": i for i in range(200)}).encode(),
    ):
        with pytest.raises(p.ProtocolError):
            p.decode_state(bad)


def test_status_is_plain_text() -> None:
    assert p.decode_status(b"online") == "online"
    assert p.decode_status(b"offline") == "offline"
    for bad in (b"", b"Online", b'"online"', b"\xff", b"online" + b" " * 100):
        with pytest.raises(p.ProtocolError):
            p.decode_status(bad)


@pytest.mark.parametrize(
    "wire",
    [
        b"{}",
        b'{"op":"x"}',
        b'{"op":"a b","exp":1}',
        b'{"op":"x","exp":true}',
        b'{"op":"x","args":[],"exp":1}',
        b'{"op":"x","exp":"soon"}',
    ],
)
def test_commands_without_operation_or_expiry_are_refused(wire: bytes) -> None:
    with pytest.raises(p.ProtocolError):
        p.decode_cmd(wire)


def test_the_contract_needs_only_the_standard_library() -> None:
    """Any program can take the contract alone: importing it loads nothing but itself."""
    code = (
        "import sys; before = set(sys.modules); import appliance.sync.protocol;"
        "new = set(sys.modules) - before;"
        "print([m for m in new if m.split('.')[0] not in sys.stdlib_module_names])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(eval(out.stdout)) == {
        "appliance",
        "appliance.sync",
        "appliance.sync.down",
        "appliance.sync.names",
        "appliance.sync.protocol",
        "appliance.sync.strict_json",
    }
