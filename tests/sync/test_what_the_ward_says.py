"""This file proves that a house does what its ward asks once, and survives all else it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from appliance.service.help import call_help
from appliance.sync import protocol as p
from tests.mqtt_broker import Process, eventually
from tests.sync.real_parts import House, MakeHouse, MakeWard

Say = Callable[..., None]


@pytest.fixture
def say(mosquitto: Process) -> Iterator[Say]:
    yield from speaking(mosquitto)


@pytest.fixture(scope="module")
def shared_say(shared_broker: Process) -> Iterator[Say]:
    yield from speaking(shared_broker)


def speaking(broker: Process) -> Iterator[Say]:
    """Anybody with the ward's rights on the broker."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    def publish(topic: str, payload: bytes, *, retain: bool = False) -> None:
        client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(5)

    yield publish
    client.disconnect()
    client.loop_stop()


def cmd(op: str, minutes: float = 5, **args: Any) -> bytes:
    return p.encode_cmd(p.Cmd(op, args, datetime.now(UTC) + timedelta(minutes=minutes)))


def ops(h: House) -> list[tuple[str, str, str]]:
    rows = h.store.all("SELECT body FROM outbox WHERE stream = 'ops' ORDER BY seq")
    told = [json.loads(r["body"]) for r in rows]
    return [(d["job"], d["state"], d["code"]) for d in told if d["type"] == "command"]


def call(h: House) -> str:
    now = h.parts.clock.now()
    return str(call_help(h.store, now, key="press-0001", source="button")["id"])


@pytest.fixture
def at_work(mosquitto: Process, house: MakeHouse) -> House:
    h = house(mosquitto.url)
    eventually(lambda: h.link() == "up")
    return h


def test_an_answer_reaches_the_call_once(at_work: House, say: Say) -> None:
    """The same job three times answers once and is reported once."""
    answer = cmd("answer_help", call=call(at_work), who="Cô Hạnh", eta_min=15)
    for _ in range(3):
        say(p.cmd_topic(at_work.id, "job-1"), answer)
    eventually(lambda: ops(at_work) == [("job-1", "done", "")])
    row = at_work.store.one("SELECT state, who, by_ward FROM help_calls")
    assert row == {"state": "answered", "who": "Cô Hạnh", "by_ward": 1}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (cmd("answer_help", -1, call="x", who="a", eta_min=1), "expired"),
        (cmd("format_card"), "unknown_op"),
        (cmd("answer_help", call="not-there", who="a", eta_min=1), "unknown_call"),
        (cmd("answer_help", who="a"), "bad_args"),
        (b"{", "bad_json"),
        (b'{"op":"answer_help","args":{}}', "bad_exp"),
        (b"x" * (p.MAX_PAYLOAD_BYTES + 1), "too_large"),
    ],
    ids=["expired", "op", "call", "args", "json", "exp", "large"],
)
def test_what_cannot_be_done_is_rejected_with_a_reason(
    at_work: House, say: Say, payload: bytes, code: str
) -> None:
    """The ward hears of it, the call stays open."""
    call(at_work)
    say(p.cmd_topic(at_work.id, "job-2"), payload)
    eventually(lambda: ops(at_work) == [("job-2", "rejected", code)])
    assert at_work.store.value("SELECT state FROM help_calls") == "open"


def test_a_retained_command_is_not_done(at_work: House, say: Say, mosquitto: Process) -> None:
    """It would come back at every connection; one left behind before we came is not taken."""
    at_work.stop()
    left_behind = cmd("answer_help", call=call(at_work), who="a", eta_min=1)
    say(p.cmd_topic(at_work.id, "job-3"), left_behind, retain=True)
    at_work.start()
    eventually(lambda: at_work.link() == "up")
    say(p.cmd_topic(at_work.id, "job-4"), cmd("unknown"))
    eventually(lambda: ops(at_work) == [("job-4", "rejected", "unknown_op")])
    assert at_work.store.value("SELECT state FROM help_calls") == "open"


@pytest.mark.parametrize("name", [*p.DOWNS, "nonsense", "cmd/a/b", "cmd/x y"])
@pytest.mark.parametrize(
    "payload",
    [b"", b"\x00\xff\xfe", b"[" * 5000, b'{"epoch":1}', b"9" * 70_000,
     b'{"epoch":"e","stream":"ops","upto":1e400}'],
    ids=["empty", "binary", "deep", "wrong", "huge", "endless"],
)  # fmt: skip
def test_malformed_messages_change_nothing(
    shared: House, shared_say: Say, name: str, payload: bytes
) -> None:
    """After each, the room still does what it should: a proper message is taken."""
    shared_say(f"houses/v1/{shared.id}/down/{name}", payload)
    job = f"after-{len(ops(shared))}"
    shared_say(p.cmd_topic(shared.id, job), cmd("unknown"))
    eventually(lambda: (job, "rejected", "unknown_op") in ops(shared))
    assert shared.pending() > 0


def test_a_flood_of_rejects_does_not_wear_the_card(at_work: House, say: Say) -> None:
    for n in range(100):
        say(p.cmd_topic(at_work.id, f"flood-{n}"), b"{")
    eventually(lambda: counted(at_work).get("commands_rejected") == 100)
    assert len(ops(at_work)) == 30


def counted(h: House) -> dict[str, int]:
    return dict((h.parts.ram.room("sync") or {}).get("intake", {}))


def test_a_receipt_from_nowhere_retires_nothing(
    at_work: House, say: Say, mosquitto: Process
) -> None:
    """Another epoch, another stream: the rows stay until their own receipt comes."""
    at_work.tell("queue", n=1)
    epoch = at_work.parts.clock.epoch
    topic = p.down_topic(at_work.id, "receipt")
    say(topic, p.encode_receipt(p.Receipt("another-boot", "queue", 9)))
    say(topic, p.encode_receipt(p.Receipt(epoch, "help", 9)))
    eventually(lambda: counted(at_work).get("receipts") == 2)
    assert at_work.pending() == 1
    say(topic, p.encode_receipt(p.Receipt(epoch, "queue", 1)))
    eventually(lambda: at_work.pending() == 0)
    say(topic, p.encode_receipt(p.Receipt(epoch, "queue", 0)))  # a late one: the largest wins
    eventually(lambda: counted(at_work).get("receipts") == 4)
    assert at_work.pending() == 0


def test_presence_and_pictures_are_kept_at_the_broker(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """A ward that comes later sees status, hello, queue, help and health at once; a graceful
    stop says offline, and that is kept too."""
    h = house(mosquitto.url)
    eventually(lambda: h.link() == "up")
    call(h)
    w = ward(mosquitto.url)

    def known() -> Any:
        return w.ward.board.house(h.id)

    eventually(lambda: known() and set(known()[0].states) == {"hello", "queue", "help", "health"})
    eventually(lambda: known()[0].values("help").get("open") == 1)
    assert known()[0].values("hello")["name"] == h.parts.config["house.name"]
    assert known()[0].values("health")["printer_ok"] == -1  # no devices room: not known, not fine
    h.stop()
    eventually(lambda: known()[1] == "offline")


def test_an_idle_room_writes_nothing_to_the_data_folder(at_work: House) -> None:
    """Only RAM changes while nothing happens: two whole rewrites of the room's state go by."""
    folder = at_work.parts.config.data_dir
    eventually(lambda: at_work.pending() == 0)

    def files() -> dict[str, tuple[int, int]]:
        return {f.name: (s.st_size, s.st_mtime_ns) for f in folder.iterdir() if (s := f.stat())}

    def at_mono_ms() -> int:
        return int((at_work.parts.ram.room("sync") or {})["at_mono_ms"])

    before = files()
    for _ in range(2):
        last = at_mono_ms()
        eventually(lambda last=last: at_mono_ms() != last)  # type: ignore[misc]
    assert files() == before
