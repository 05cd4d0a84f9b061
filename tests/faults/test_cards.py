"""This file proves what copied and old cards do: nothing is lost or mixed, and somebody is told.

Real rooms, a real broker and a real ward; a "boot" is the epoch a box makes its rows in.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.fault_table import Row
from tests.mqtt_broker import Process, Wire, eventually, mosquitto, wire
from tests.sync.real_parts import House, effects, stored
from ward import app
from ward.link import Broker
from ward.store import boots

__all__ = ["mosquitto", "wire"]

BACKLOG_ROWS = 10_000


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


def seeds(first: int, *more: int) -> pytest.MarkDecorator:
    """One in the quick suite, the others by ./hien test-faults."""
    slow = [pytest.param(n, marks=pytest.mark.slow) for n in more]
    return pytest.mark.parametrize("seed", [first, *slow])


@seeds(21, 22, 23)
def test_a_card_restored_from_last_weeks_image_loses_nothing(
    tmp_path: Path, mosquitto: Process, ward: app.Running, fault_row: Row, seed: int
) -> None:
    """Rows, an image, more rows; the image runs on in a new boot: all of it is here, once."""
    rng, began_s = random.Random(seed), time.monotonic()
    before, after, again = (rng.randint(20, 80) for _ in range(3))
    first = box(tmp_path / "a", mosquitto.url, "boot-1")
    for n in range(before):
        first.tell("queue", n=n)
    copy_card(first, tmp_path / "b")
    for n in range(before, before + after):
        first.tell("queue", n=n)
    first.start()
    eventually(lambda: first.pending() == 0, 60)
    first.stop()
    restored = box(tmp_path / "b", mosquitto.url, "boot-2")
    for n in range(again):
        restored.tell("queue", again=n)
    restored.start()
    eventually(lambda: restored.pending() == 0, 60)
    restored.stop()
    told = in_house(first) | in_house(restored)
    _row(fault_row, "card restored from an old image", seed, told, ward, began_s)
    assert in_ward(ward) >= told
    assert len(_queue(ward)) == before + after + again
    assert effects(ward) == len(stored(ward))
    assert ward.ward.store.value("SELECT count(*) FROM conflicts") == 0


@seeds(31, 32)
def test_two_boxes_with_one_card_are_noticed_told_and_kept_apart(
    tmp_path: Path, mosquitto: Process, ward: app.Running, fault_row: Row, seed: int
) -> None:
    """They throw each other out all the time; both sets arrive, and ward and house say so."""
    rng, began_s = random.Random(seed), time.monotonic()
    shared, apart = rng.randint(5, 40), rng.randint(10, 50)
    one = box(tmp_path / "a", mosquitto.url, "boot-of-one")
    for n in range(shared):
        one.tell("queue", n=n)
    copy_card(one, tmp_path / "b")
    two = box(tmp_path / "b", mosquitto.url, "boot-of-two")
    try:
        one.start()
        eventually(lambda: one.pending() == 0, 60)
        two.start()
        for n in range(apart):
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
    told = in_house(one) | in_house(two)
    _row(fault_row, "two boxes, one card", seed, told, ward, began_s)
    assert in_ward(ward) >= told
    assert ward.ward.store.value("SELECT count(*) FROM conflicts") == 0
    assert len(_queue(ward)) == shared + 2 * apart
    assert effects(ward) == len(stored(ward))


def _queue(w: app.Running) -> list[int]:
    return [seq for stream, seq in stored(w) if stream == "queue"]


def _row(
    note: Row, scenario: str, seed: int, told: set[Any], w: app.Running, began_s: float
) -> None:
    note(
        scenario=scenario, seed=seed, committed=len(told), stored=len(stored(w)),
        effects=effects(w), seconds=round(time.monotonic() - began_s),
    )  # fmt: skip


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
def test_a_long_backlog_drains_with_few_sent_twice(
    tmp_path: Path, mosquitto: Process, wire: Wire, ward: app.Running, fault_row: Row
) -> None:
    """Weeks without a line, then all at once (100,000 rows: ./hien bench backlog)."""
    began_s = time.monotonic()
    h = box(tmp_path / "a", wire.url, "boot-1")
    with h.store.write():
        h.store.connection.executemany(
            "INSERT INTO outbox (epoch, stream, seq, mono_ms, at, sync, body) VALUES"
            " ('old', 'queue', ?, ?, '2026-11-01T00:00:00.000Z', 'ntp', '{\"type\":\"x\"}')",
            [(n, n) for n in range(1, BACKLOG_ROWS + 1)],
        )
    h.start()
    eventually(lambda: h.pending() == 0, 240)
    h.stop()
    fault_row(
        scenario=f"backlog of {BACKLOG_ROWS} rows", committed=len(in_house(h)),
        stored=len(stored(ward)), effects=effects(ward), sent=wire.sent,
        seconds=round(time.monotonic() - began_s),
    )  # fmt: skip
    assert len(_queue(ward)) == BACKLOG_ROWS
    assert effects(ward) == len(stored(ward))
    assert ward.ward.listener.counts["duplicates"] < BACKLOG_ROWS // 50
