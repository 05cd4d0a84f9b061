"""This file proves that the room's loop loses nothing to a table that fails once, and that it does
not keep the watchdog quiet over a line that is dead."""

from __future__ import annotations

import contextlib
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import StoreError
from appliance.service.help import call_help
from appliance.store import from_ward
from appliance.store.opening import open_store
from appliance.sync import protocol as p
from appliance.sync import room as r
from appliance.sync.link import Event
from tests.sync.real_parts import House


class NotedLink:
    """A line that takes everything and notes its topics; `dead` as a test wants it."""

    def __init__(self) -> None:
        self.up, self.quiet, self.generation, self.dead = True, False, 1, False
        self.topics: list[str] = []

    def start(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        self.topics.append(topic.removeprefix("houses/v1/hien-thu/"))
        return len(self.topics)

    def events(self, timeout_s: float) -> list[Event]:
        return []

    def hang_up(self) -> None: ...

    def stop(self, farewell_topic: str, farewell: bytes) -> None: ...


class Bench:
    """A room whose turns the test makes, and a table that somebody else may hold locked."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, "none:")
        self.link = NotedLink()
        self.room = r.Room(self.house.parts)  # type: ignore[arg-type]
        self.room.store.connection.execute("PRAGMA busy_timeout=0")

    def turn(self, *events: Event) -> bool:
        """One turn of the loop; False when the table did not take it."""
        with contextlib.suppress(StoreError):
            self.room._turn(list(events))
            return True
        return False

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """While another holds it, the table can be read and not written."""
        other = open_store(self.house.parts.config.data_dir)
        with other.write():
            yield
        other.close()

    def call(self) -> None:
        call_help(self.house.store, self.house.parts.clock.now(), key="press-1", source="button")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = NotedLink()
    monkeypatch.setattr(r, "link_of", lambda *_: made)
    found = Bench(tmp_path)
    found.link = made
    return found


def down(name: str, payload: bytes, *, retained: bool = False) -> Event:
    return Event("message", 1, 0, p.down_topic("hien-thu", name), payload, retained)


def test_a_table_that_is_busy_as_the_line_comes_back_costs_no_report(bench: Bench) -> None:
    """A receipt waits to be written down, the line breaks and is back while the table is locked:
    the ward hears at once that we are there, and what it lacks; and a call made afterwards."""
    bench.call()
    assert bench.turn(Event("up", 1)) and "up/help" in bench.link.topics
    receipt = p.encode_receipt(p.Receipt(bench.house.parts.clock.epoch, "help", 1))
    bench.house.tell("queue", waiting=1)
    with bench.locked():
        bench.turn(down("receipt", receipt))
        bench.link.topics.clear()
        bench.link.generation = 2
        assert not bench.turn(Event("down", 1), Event("up", 2))
    assert {"state/status", "state/hello", "up/queue"} <= set(bench.link.topics)
    bench.link.topics.clear()
    call_help(bench.house.store, bench.house.parts.clock.now(), key="press-2", source="button")
    bench.house.tell("help", type="again")
    assert bench.turn() and "up/help" in bench.link.topics
    bench.room.intake.settle(bench.room.store)
    assert ("help", 1) not in {
        (row["stream"], row["seq"])
        for row in bench.house.store.all("SELECT * FROM outbox WHERE receipted_at IS NULL")
    }


def test_what_the_ward_wants_is_applied_when_the_table_is_well_again(bench: Bench) -> None:
    """The broker gives a kept state once for each connection, and the ward repeats none that it
    has told: so the house keeps what it could not write, the newest of each."""
    bench.turn(Event("up", 1))
    with bench.locked():
        for ver, name in ((4, "Nhà cũ"), (5, "Nhà mới")):
            wish = p.encode_wanted(p.Version(ver, {"house.name": name}))
            assert not bench.turn(down("config", wish, retained=True))
            assert not bench.turn()
    assert bench.turn()
    assert from_ward.versions(bench.house.store) == {"config": 5}
    assert bench.turn() and bench.room.intake.counts["wanted_applied"] == 1


def test_a_dead_line_is_left_to_the_watchdog(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop turns without it, and the house would be away for its ward until somebody comes."""
    name = f"hien-{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name}")
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")
        bench.room._say_room()
        assert b"WATCHDOG=1" in systemd.recv(4096)
        bench.link.dead = True
        bench.room._say_room()
        with pytest.raises(BlockingIOError):
            systemd.recv(4096)
    said = bench.house.parts.ram.room("sync") or {}
    assert "mqtt" in str(said["status"])
