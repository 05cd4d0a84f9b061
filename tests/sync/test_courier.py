"""This file proves the courier's window, order and patience, with a line that only notes down."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.clock import Clock
from appliance.service.receipts import take_receipt
from appliance.service.report import tell
from appliance.store.database import Store
from appliance.store.opening import open_store
from appliance.sync import courier as c
from appliance.sync import protocol as p


class NotedLink:
    """Takes everything, acknowledges nothing by itself."""

    def __init__(self) -> None:
        self.up, self.generation = True, 1
        self.sent: list[p.Envelope] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        self.sent.append(p.decode_envelope(payload, p.parse_topic(topic)))
        return len(self.sent)

    def start(self) -> None: ...
    def events(self, timeout_s: float) -> list[object]:
        return []

    def hang_up(self) -> None:
        self.up = False

    def stop(self, farewell_topic: str, farewell: bytes) -> None: ...


class Bench:
    def __init__(self, folder: Path) -> None:
        self.now_s = 0.0
        self.clock = Clock()
        self.store: Store = open_store(folder)
        self.link = NotedLink()
        self.courier = c.Courier("nha-17", self.link, lambda: self.now_s, self.clock.now)  # type: ignore[arg-type]
        self.courier.connected(1)

    def tell(self, stream: str, n: int = 1) -> None:
        with self.store.write():
            for i in range(n):
                tell(self.store, self.clock.now(), stream, {"n": i})  # type: ignore[arg-type]
        self.courier.changed()

    def step(self, *, ack: bool = True) -> list[tuple[str, int]]:
        """Step until nothing more is sent; what was sent."""
        first = len(self.link.sent)
        while self.courier.step(self.store):
            if ack:
                for mid in range(first, len(self.link.sent) + 1):
                    self.courier.acked(1, mid)
        return [(e.stream, e.seq) for e in self.link.sent[first:]]

    def receipt(self, stream: str, upto: int) -> None:
        r = p.Receipt(self.clock.epoch, stream, upto)  # type: ignore[arg-type]
        take_receipt(self.store, self.clock.now(), epoch=r.epoch, stream=r.stream, upto=r.upto)
        self.courier.receipt(r)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_never_more_in_flight_than_the_window_and_a_place_is_kept_for_help(bench: Bench) -> None:
    bench.tell("queue", 200)
    assert len(bench.step(ack=False)) == c.WINDOW - c.KEPT_FOR_HELP
    bench.tell("help")
    assert bench.step(ack=False) == [("help", 1)]
    assert len(bench.link.sent) <= c.WINDOW


def test_never_more_without_receipt_than_allowed(bench: Bench) -> None:
    """The broker acknowledges everything; without receipts it ends at 400, and goes on with one."""
    bench.tell("queue", 1000)
    assert len(bench.step()) == c.UNRECEIPTED
    bench.receipt("queue", 100)
    assert [s for _, s in bench.step()] == list(range(401, 501))


def test_help_overtakes_and_the_other_lanes_take_turns(bench: Bench) -> None:
    bench.tell("queue", 300)
    bench.tell("ops", 30)
    bench.tell("help", 3)
    order = bench.step()
    assert order[:3] == [("help", 1), ("help", 2), ("help", 3)]
    assert ("ops", 1) in order[: 3 + 2 * c.TURN]
    assert [s for stream, s in order if stream == "queue"] == list(range(1, 301))


def test_a_silent_ward_is_tried_ever_more_patiently_and_with_less(bench: Bench) -> None:
    """An hour of silence costs a few hundred rows, not 400 every six seconds."""
    bench.tell("queue", 1000)
    bench.step()
    sent = 0
    for _ in range(3600):
        bench.now_s += 1
        sent += len(bench.step())
    assert 0 < sent < 1200
    bench.receipt("queue", 0)
    assert len(bench.step()) == c.UNRECEIPTED


def test_a_help_call_is_tried_at_least_every_12_seconds(bench: Bench) -> None:
    bench.tell("help")
    bench.step()
    tries = 0
    for _ in range(600):
        bench.now_s += 1
        tries += len(bench.step())
    assert tries >= 600 / (c.HELP_PATIENCE_MOST_S + 2)


def test_progress_resets_patience(bench: Bench) -> None:
    """As long as receipts come, however slowly, nothing is sent twice."""
    bench.tell("queue", 300)
    bench.step()
    for upto in range(10, 301, 10):
        bench.now_s += 5
        bench.receipt("queue", upto)
        assert bench.step() == []


def test_a_new_connection_begins_at_the_oldest_row(bench: Bench) -> None:
    bench.tell("queue", 30)
    bench.step()
    bench.receipt("queue", 10)
    bench.link.generation = 2
    assert bench.step() == []  # the room has not heard of the new connection yet
    bench.courier.connected(2)
    assert [s for _, s in bench.step()] == list(range(11, 31))


def test_an_acknowledgement_of_an_old_connection_frees_nothing(bench: Bench) -> None:
    bench.tell("queue", 200)
    bench.step(ack=False)
    for mid in range(1, 50):
        bench.courier.acked(0, mid)
    assert bench.step(ack=False) == []


def test_acknowledgements_that_never_come_end_the_connection(tmp_path: Path) -> None:
    """The window would stay shut for as long as the connection lasts, receipts or not."""
    bench = Bench(tmp_path)
    bench.tell("queue", 200)
    sent = bench.step(ack=False)
    assert 0 < len(sent) < 200
    bench.receipt("queue", len(sent))
    assert bench.step(ack=False) == [] and bench.link.up
    bench.now_s += c.ACKS_WITHIN_S + 1
    bench.step(ack=False)
    assert not bench.link.up
    bench.link.up, bench.link.generation = True, 2
    bench.courier.connected(2)
    assert bench.step(ack=False)[0] == ("queue", len(sent) + 1)
