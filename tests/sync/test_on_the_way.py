"""This file proves that what a house committed reaches the ward exactly once, whatever breaks."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.mqtt_broker import Process, Wire, eventually
from tests.sync.real_parts import House, MakeHouse, MakeWard, effects, stored
from ward import app
from ward.listener import Listener


def whole(h: House, w: app.Running) -> None:
    """The set at the ward is the set at the house, each with one effect, and all is receipted."""
    eventually(lambda: h.pending() == 0, 40)
    assert sorted(stored(w)) == sorted(h.told())
    assert effects(w) == len(h.told())


def test_every_lane_arrives_and_is_receipted(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    w, h = ward(mosquitto.url), house(mosquitto.url)
    for n in range(60):
        h.tell(("help", "queue", "ops", "health")[n % 4], n=n)
    whole(h, w)
    assert len(stored(w)) == 60


def test_a_backlog_arrives_and_a_help_call_overtakes_it(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """Told while no broker could be reached: the call is stored long before the last old row."""
    mosquitto.kill()
    h = house(mosquitto.url)
    with h.store.write():
        for n in range(1500):
            h.tell("queue", n=n)
        h.tell("help", type="called", call="c1")
    mosquitto.start()
    w = ward(mosquitto.url)
    whole(h, w)
    order = [s for s, _ in stored(w)]
    assert order.index("help") < 500


def test_broker_killed_with_default_persistence(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """kill -9 forgets what was acknowledged; the receipts do not."""
    w, h = ward(mosquitto.url), house(mosquitto.url)
    for n in range(200):
        h.tell("queue", n=n)
        if n in (50, 120):
            mosquitto.kill()
            mosquitto.start()
    whole(h, w)


def test_acknowledged_by_a_broker_that_forgot_before_the_ward_was_there(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """With no ward listening the broker takes everything and keeps nothing: nothing is lost."""
    h = house(mosquitto.url)
    for n in range(20):
        h.tell("ops", n=n)
    eventually(lambda: h.link() == "up")
    assert h.pending() == 20
    mosquitto.kill()
    mosquitto.start()
    whole(h, ward(mosquitto.url))


def test_acknowledgements_lost_on_the_wire(
    mosquitto: Process, wire: Wire, house: MakeHouse, ward: MakeWard
) -> None:
    """The broker has it, the house never hears so: it is sent again and stored once."""
    w, h = ward(mosquitto.url), house(wire.url)
    eventually(lambda: h.link() == "up")
    wire.eat_pubacks = True
    for n in range(120):
        h.tell("queue", n=n)
    eventually(lambda: wire.eaten >= 20)
    wire.eat_pubacks = False
    wire.cut()
    whole(h, w)


def test_acknowledgements_lost_on_a_line_that_stays_up(
    mosquitto: Process, wire: Wire, house: MakeHouse, ward: MakeWard
) -> None:
    """A whole window of them is eaten and nothing else breaks: the house hangs up and goes on."""
    w, h = ward(mosquitto.url), house(wire.url)
    eventually(lambda: h.link() == "up")
    wire.eat_pubacks = True
    with h.store.write():  # all at once: for a few at a time the last places are not taken
        for n in range(120):
            h.tell("queue", n=n)
    eventually(lambda: wire.eaten >= 45)
    wire.eat_pubacks = False
    whole(h, w)


class DiesAfterCommit(Exception):
    """Stands for kill -9 between the commit and what follows it."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_ward_killed_between_commit_and_receipt(
    mosquitto: Process, house: MakeHouse, ward: MakeWard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events are stored, nobody was told. The next ward does not store them again."""
    committed = threading.Event()

    def die(self: Listener, batch: Iterable[Any], receipts: list[Any]) -> None:
        if receipts:
            committed.set()
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Listener, "_settle", die)
        first = ward(mosquitto.url)
        h = house(mosquitto.url)
        for n in range(10):
            h.tell("queue", n=n)
        assert committed.wait(20)
        first.link.stop()
    assert h.pending() == 10
    assert effects(first) > 0
    whole(h, ward(mosquitto.url))


def test_a_ward_that_lost_its_database_gets_everything_again(
    mosquitto: Process, house: MakeHouse, ward: MakeWard, tmp_path: Path
) -> None:
    """One new report shows the house that the ward knows nothing: all that is kept is sent again.
    The oldest reports have left the outbox long ago; the ward does not wait for them."""
    w, h = ward(mosquitto.url), house(mosquitto.url)
    for n in range(20):
        h.tell("queue", n=n)
        h.tell("ops", n=n)
    whole(h, w)
    w.stop()
    shutil.rmtree(tmp_path / "ward")
    with h.store.write():
        h.store.run("DELETE FROM outbox WHERE seq <= 5")
    w = ward(mosquitto.url)
    h.tell("queue", n=20)
    eventually(lambda: len(stored(w)) > 31, 40)
    whole(h, w)


def test_line_lost_and_back_is_seen_by_the_other_rooms(
    mosquitto: Process, wire: Wire, house: MakeHouse
) -> None:
    """A network that goes silent without closing anything is noticed, and so is its return: by
    what was slow coming after all, without a new line; and by a new line when nothing comes."""
    h = house(wire.url)
    eventually(lambda: h.link() == "up")
    wire.silent = True
    eventually(lambda: h.link() == "down", 15)
    wire.silent = False
    eventually(lambda: h.link() == "up", 20)
    assert wire.calls == 1
    wire.silent = True
    eventually(lambda: wire.calls == 2, 30)
    assert h.link() == "down"
    wire.silent = False
    eventually(lambda: h.link() == "up", 20)


def test_a_poisoned_row_does_not_hold_up_its_lane(
    mosquitto: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """A report too large for the contract is replaced by word of that; what follows arrives."""
    w, h = ward(mosquitto.url), house(mosquitto.url)
    h.tell("ops", n=1)
    h.tell("ops", text="x" * 70_000)
    h.tell("ops", n=3)
    whole(h, w)
    kept = w.ward.store.value("SELECT d FROM events WHERE seq = 2")
    assert kept == '{"type":"set_aside","reason":"too_large"}'


def test_over_the_demo_s_embedded_broker(
    embedded: Process, house: MakeHouse, ward: MakeWard
) -> None:
    """A broker that refuses MQTT 5: both sides fall back to 3.1.1, and the receipts hold."""
    w, h = ward(embedded.url), house(embedded.url)
    for n in range(30):
        h.tell("queue", n=n)
    whole(h, w)
    eventually(lambda: [p for _, p, _ in w.ward.board.houses()] == ["online"])
