"""This file proves that the ward survives whatever is published, keeps it, and says so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from appliance.sync import protocol as p
from tests.mqtt_broker import Process, eventually
from tests.ward.conftest import Say
from ward import app
from ward.link import BadBroker, Broker
from ward.store import aside
from ward.store.database import Store, StoreTooNew

AT = "2026-11-22T05:00:00Z"


def event(seq: int, house: str = "nha-17", **d: Any) -> bytes:
    return p.encode_envelope(p.Envelope(house, "ops", "boot-1", seq, 1, AT, "ntp", d))


def stored(w: app.Running) -> int:
    return int(w.ward.store.value("SELECT count(*) FROM events"))


MALFORMED = [b"", b"\xff\x00", b"{}", b"null", b"[" * 60_000, b"x" * 70_000, b'{"v":1e999}']


@pytest.mark.parametrize(
    "topic",
    [f"houses/v1/nha-17/up/{s}" for s in p.STREAMS]
    + [f"houses/v1/nha-17/state/{s}" for s in p.STATES]
    + ["houses/v1/NHA/up/ops", "houses/v1/nha-17/up/dossier", "houses/v1/nhà-17/state/status"],
)  # fmt: skip
@pytest.mark.parametrize("qos", [0, 1])
def test_malformed_on_every_topic_is_counted_and_kept(
    shared_ward: app.Running, shared_say: Say, topic: str, qos: int
) -> None:
    """Every broken message is counted; its beginning is kept; the next good event is stored."""
    w = shared_ward
    before = sum(aside.counts(w.ward.store.connection).values())
    odd = [m for m in MALFORMED if not (topic.endswith(("hello", "queue", "help", "health"))
           and "/state/" in topic and m == b"{}")]  # fmt: skip
    for payload in odd:
        shared_say(topic, payload, qos=qos)
    eventually(lambda: sum(aside.counts(w.ward.store.connection).values()) == before + len(odd))
    n = stored(w)
    shared_say("houses/v1/nha-17/up/ops", event(n + 1))
    eventually(lambda: stored(w) == n + 1)
    kept = w.ward.store.all("SELECT length(sample) AS n, size_bytes FROM refused")
    assert all(row["n"] <= aside.SAMPLE_BYTES for row in kept)


def test_samples_are_bounded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.write() as db:
        for n in range(5):
            aside.keep(db, [aside.refuse(f"t{n}/\ud800", "bad_json", b"x" * 9000)] * 150, AT)
    assert store.value("SELECT count(*) FROM refused") == aside.SAMPLES_KEPT
    assert aside.counts(store.connection) == {"bad_json": 750}


def test_an_event_of_another_house_s_name_is_refused(ward: app.Running, say: Say) -> None:
    """The topic is what the broker's rules guard; the envelope must agree with it."""
    say("houses/v1/nha-17/up/ops", event(1, house="nha-18"))
    eventually(lambda: aside.counts(ward.ward.store.connection) == {"topic_mismatch": 1})
    assert stored(ward) == 0


def test_a_conflict_is_kept_and_shown(ward: app.Running, say: Say) -> None:
    say("houses/v1/nha-17/up/ops", event(1, n=1))
    say("houses/v1/nha-17/up/ops", event(1, n=2))
    eventually(lambda: ward.ward.store.value("SELECT count(*) FROM conflicts") == 1)
    assert stored(ward) == 1
    page = urlopen(ward.url).read().decode()
    assert "trùng số nhưng khác nội dung" in page


def test_receipts_are_told_again_when_a_house_comes_back(
    mosquitto: Process, ward: app.Running, say: Say, tmp_path: Path
) -> None:
    """A receipt lost on the way does not need the events again: the house's return is enough."""
    say("houses/v1/nha-17/up/ops", event(1))
    eventually(lambda: stored(ward) == 1)
    heard: list[bytes] = []
    house = mqtt.Client(CallbackAPIVersion.VERSION2)
    house.on_message = lambda c, u, m: heard.append(m.payload)
    house.connect("127.0.0.1", mosquitto.port)
    house.subscribe("houses/v1/nha-17/down/receipt", 1)
    house.loop_start()
    say("houses/v1/nha-17/state/status", b"online", retain=True)
    eventually(lambda: heard)
    house.loop_stop()
    assert p.decode_receipt(heard[0]) == p.Receipt("boot-1", "ops", 1)


def test_a_full_disk_is_said_and_nothing_is_receipted(
    ward: app.Running, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database cannot be written: not well, no receipt, nothing lost. Then it goes on."""
    told: list[Any] = []
    settle = ward.ward.listener._settle

    def seen(batch: Iterable[Any], receipts: list[Any]) -> None:
        told.extend(receipts)
        settle(batch, receipts)

    @contextmanager
    def full(**_: bool) -> Any:
        raise sqlite3.OperationalError("database or disk is full")
        yield

    monkeypatch.setattr(ward.ward.listener, "_settle", seen)
    with monkeypatch.context() as patch:
        patch.setattr(ward.ward.store, "write", full)
        say("houses/v1/nha-17/up/ops", event(1))
        eventually(lambda: ward.ward.listener.store_fault)
        assert not told
    eventually(lambda: told)
    assert stored(ward) == 1
    eventually(lambda: not ward.ward.listener.store_fault)


def test_a_database_from_a_newer_release_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.write() as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('ward', 'm999', ?)", (AT,),
        )  # fmt: skip
    store.close()
    with pytest.raises(StoreTooNew):
        Store(tmp_path)


def test_houses_over_http(ward: app.Running, say: Say) -> None:
    """/api/houses, /api/events, /healthz and /metrics say what was published."""
    say("houses/v1/nha-17/state/status", b"online", retain=True)
    say("houses/v1/nha-17/state/queue", p.encode_state({"waiting": 4}), retain=True)
    say("houses/v1/nha-17/up/ops", event(1, n=1))
    eventually(lambda: stored(ward) == 1)
    (house,) = json.load(urlopen(f"{ward.url}/api/houses"))
    assert (house["house"], house["online"], house["queue"]) == ("nha-17", True, {"waiting": 4})
    assert {"since", "help", "health"} <= set(house)
    (kept,) = json.load(urlopen(f"{ward.url}/api/events?house=nha-17"))
    assert (kept["epoch"], kept["stream"], kept["seq"], kept["d"]) == ("boot-1", "ops", 1, {"n": 1})
    assert kept["received_at"] and kept["t"] == AT
    health = json.load(urlopen(f"{ward.url}/healthz"))
    assert (health["ok"], health["houses"]) == (True, 1)
    metrics = urlopen(f"{ward.url}/metrics").read().decode()
    assert 'hien_house_online{house="nha-17"} 1' in metrics
    assert 'hien_queue_waiting{house="nha-17"} 4' in metrics


def test_the_ward_says_when_it_hears_nothing(mosquitto: Process, ward: app.Running) -> None:
    eventually(lambda: ward.ward.board.link_up)
    mosquitto.kill()
    eventually(lambda: not ward.ward.board.link_up)
    page = ward.ward.board
    mosquitto.start()
    eventually(lambda: page.link_up)


@pytest.mark.parametrize("url", ["http://x", "mqtt://", "mqtt://h:notaport", "mqtt:host", ""])
def test_a_broker_that_makes_no_sense_is_refused_before_anything_starts(url: str) -> None:
    with pytest.raises(BadBroker):
        _ = Broker(url).address
