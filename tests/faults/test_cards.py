"""This file proves what copied and old cards do: nothing is lost or mixed, and somebody is told.

Real rooms, a real broker and a real ward; a "boot" is the epoch a box makes its rows in.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mqtt_broker import Process, Wire, eventually, mosquitto, wire
from tests.sync.real_parts import House, stored
from ward import app
from ward.link import Broker
from ward.store import boots

__all__ = ["mosquitto", "wire"]


@pytest.fixture
def ward(tmp_path: Path, mosquitto: Process) -> Iterator[app.Running]:
    running = app.start(Broker(mosquitto.url), tmp_path / "ward", "127.0.0.1", 0)
    eventually(lambda: running.ward.board.link_up)
    yield running
    running.stop()


def box(folder: Path, url: str, boot: str) -> House:
    made = House(folder, url)
    made.parts.clock.epoch = boot
    return made


def copy_card(of: House, folder: Path) -> None:
    """An image of the card as it is now."""
    (folder / "data").mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(of.parts.config.data_dir / "hien.db")) as db:
        db.execute("VACUUM INTO ?", (str(folder / "data" / "hien.db"),))


def in_ward(w: app.Running) -> set[tuple[str, str, int, str]]:
    rows = w.ward.store.all("SELECT epoch, stream, seq, d FROM events")
    return {(r["epoch"], r["stream"], r["seq"], r["d"]) for r in rows}


def in_house(h: House) -> set[tuple[str, str, int, str]]:
    rows = h.store.all("SELECT epoch, stream, seq, body FROM outbox")
    return {(r["epoch"], r["stream"], r["seq"], r["body"]) for r in rows}


def test_a_card_restored_from_last_weeks_image_loses_nothing(
    tmp_path: Path, mosquitto: Process, ward: app.Running
) -> None:
    """Fifty rows, an image, fifty more; the image runs on in a new boot: all of it is here."""
    first = box(tmp_path / "a", mosquitto.url, "boot-1")
    for n in range(50):
        first.tell("queue", n=n)
    copy_card(first, tmp_path / "b")
    for n in range(50, 100):
        first.tell("queue", n=n)
    first.start()
    eventually(lambda: first.pending() == 0, 60)
    first.stop()
    restored = box(tmp_path / "b", mosquitto.url, "boot-2")
    for n in range(70):
        restored.tell("queue", again=n)
    restored.start()
    eventually(lambda: restored.pending() == 0, 60)
    restored.stop()
    assert in_ward(ward) >= in_house(first) | in_house(restored)
    assert len([1 for s, _ in stored(ward) if s == "queue"]) == 170
    assert ward.ward.store.value("SELECT count(*) FROM conflicts") == 0


def test_two_boxes_with_one_card_are_noticed_told_and_kept_apart(
    tmp_path: Path, mosquitto: Process, ward: app.Running
) -> None:
    """They throw each other out all the time; both sets arrive, and ward and house say so."""
    one = box(tmp_path / "a", mosquitto.url, "boot-of-one")
    for n in range(20):
        one.tell("queue", n=n)
    copy_card(one, tmp_path / "b")
    two = box(tmp_path / "b", mosquitto.url, "boot-of-two")
    try:
        one.start()
        eventually(lambda: one.pending() == 0, 60)
        two.start()
        for n in range(30):
            one.tell("queue", one=n)
            two.tell("queue", two=n)
        eventually(lambda: one.pending() == 0 and two.pending() == 0, 90)
        db = ward.ward.store.connection
        eventually(lambda: boots.twice(db, ward.ward.now()), 60)
        eventually(
            lambda: any((h.parts.ram.room("sync") or {}).get("twice") for h in (one, two)), 60
        )
    finally:
        one.stop()
        two.stop()
    assert in_ward(ward) >= in_house(one) | in_house(two)
    assert ward.ward.store.value("SELECT count(*) FROM conflicts") == 0
    assert len([1 for s, _ in stored(ward) if s == "queue"]) == 80


def test_a_poisoned_row_holds_up_nothing_and_is_told_by_the_ward(
    tmp_path: Path, mosquitto: Process, ward: app.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ward of another release refuses a row; the house sets it aside, all else arrives."""
    import ward.listener as listener
    from appliance.sync.protocol import Envelope, ProtocolError, Topic, decode_envelope

    def stricter(payload: bytes, topic: Topic | None = None) -> Envelope:
        found = decode_envelope(payload, topic)
        if found.d.get("n") == 7:
            raise ProtocolError("bad_seven")
        return found

    monkeypatch.setattr(listener, "decode_envelope", stricter)
    h = box(tmp_path / "a", mosquitto.url, "boot-1")
    for n in range(20):
        h.tell("queue", n=n)
    h.start()
    eventually(lambda: h.pending() == 0, 60)
    h.stop()
    row = h.store.one("SELECT reason, content FROM set_aside")
    assert row == {"reason": "bad_seven", "content": '{"n":7}'}
    assert len([1 for s, _ in stored(ward) if s == "queue"]) == 20


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_hundred_thousand_rows_drain_with_few_sent_twice(
    tmp_path: Path, mosquitto: Process, wire: Wire, ward: app.Running
) -> None:
    h = box(tmp_path / "a", wire.url, "boot-1")
    with h.store.write():
        h.store.connection.executemany(
            "INSERT INTO outbox (epoch, stream, seq, mono_ms, at, sync, body) VALUES"
            " ('old', 'queue', ?, ?, '2026-11-01T00:00:00.000Z', 'ntp', '{\"type\":\"x\"}')",
            [(n, n) for n in range(1, 100_001)],
        )
    h.start()
    eventually(lambda: h.pending() == 0, 240)
    h.stop()
    assert len([1 for s, _ in stored(ward) if s == "queue"]) == 100_000
    assert ward.ward.listener.counts["duplicates"] < 2_000
