"""This file proves that the ward's picture changes when the house does, and not otherwise."""

from __future__ import annotations

from typing import Any

from appliance.clock import Clock
from appliance.sync import protocol as p
from appliance.sync import snapshots
from appliance.sync.heartbeat import Heartbeat
from appliance.sync.link.retry import MOST_S, SOON_FOR_S, SOON_MOST_S, Retry


class NotedLink:
    def __init__(self) -> None:
        self.up, self.generation = True, 1
        self.sent: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        assert retain
        self.sent.append((p.parse_topic(topic).name, payload))
        return 1


class House:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.link = NotedLink()
        self.values: dict[Any, dict[str, Any]] = {
            "hello": {"sw": "1"},
            "queue": {"waiting": 0, "longest_wait_s": 0},
            "help": {"open": 0, "oldest_s": 0},
            "health": {"printer_ok": 1, "soc_temp_c": 50.0},
        }
        snaps = {k: (lambda k=k: self.values[k]) for k in self.values}
        self.beat = Heartbeat("nha-17", self.link, lambda: self.now_s, snaps, 60)  # type: ignore[arg-type]
        self.beat.connected()

    def names(self, seconds: float = 0, step_s: float = 0.1) -> list[str]:
        first, end_s = len(self.link.sent), self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += step_s
            self.beat.step()
        return [name for name, _ in self.link.sent[first:]]


def test_everything_is_said_at_once_on_connect_status_first() -> None:
    house = House()
    assert [n for n, _ in house.link.sent] == ["status", "hello", "help", "queue", "health"]
    assert house.link.sent[0][1] == b"online"


def test_an_idle_house_says_its_health_and_no_more() -> None:
    """Durations grow all the time and make no message."""
    house = House()
    house.values["queue"]["longest_wait_s"] = 99
    house.values["health"]["soc_temp_c"] = 51.0
    assert house.names(59) == []
    assert house.names(2) == ["health"]


def test_a_busy_queue_is_said_at_most_once_a_second() -> None:
    house = House()
    said = 0
    for n in range(100):
        house.values["queue"]["waiting"] = n
        said += house.names(0.1).count("queue")
    assert 8 <= said <= 11
    assert p.decode_state(house.link.sent[-1][1])["waiting"] >= 90  # type: ignore[operator]


def test_a_help_call_and_a_failed_printer_do_not_wait_for_the_minute() -> None:
    house = House()
    house.names(3)
    house.values["help"]["open"] = 1
    assert "help" in house.names(0.3)
    house.values["health"]["printer_ok"] = 0
    assert "health" in house.names(2.2)


def test_a_picture_that_breaks_the_contract_is_left_out() -> None:
    """The other pictures still go."""
    house = House()
    house.values["queue"] = {"nested": {}}
    house.values["help"]["open"] = 2
    assert house.names(2) == ["help"]


def test_a_room_that_fell_silent_makes_its_devices_unknown() -> None:
    now = Clock().now()
    said = {
        "at_mono_ms": now.mono_ms,
        "checks": [{"name": "printer", "state": "ok", "code": ""},
                   {"name": "camera", "state": "bad", "code": "camera_stalled"}],
        "health": {"soc_temp_c": 50.0, "odd": "text", "bad": float("nan"), "worse": float("inf")},
        "virtual": ["printer"],
    }  # fmt: skip
    got = snapshots.health(now, devices=said, rooms={}, virtual=[], own={})
    assert (got["printer_ok"], got["printer_code"], got["camera_ok"]) == (1, "virtual", 0)
    assert (got["panel_ok"], got["soc_temp_c"]) == (-1, 50.0)
    p.encode_state(got)
    said["at_mono_ms"] = now.mono_ms - 20_000
    got = snapshots.health(now, devices=said, rooms={}, virtual=[], own={})
    assert (got["printer_ok"], got["camera_ok"], got["devices_room_ok"]) == (-1, -1, 0)
    assert "soc_temp_c" not in got
    assert snapshots.health(now, devices=None, rooms={}, virtual=[], own={})["printer_ok"] == -1


def test_retries_are_soon_at_first_patient_later_and_always_spread() -> None:
    """Within ten minutes of a working line no wait is above 8 s; after that up to five minutes."""
    now = [0.0]
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    retry = Retry(lambda: now[0], draw)
    while now[0] < SOON_FOR_S:
        now[0] += retry.next_wait_s(0) + 1
    assert max(high for _, high in drawn) == SOON_MOST_S
    drawn.clear()
    for _ in range(12):
        now[0] += retry.next_wait_s(0)
    assert drawn[-1] == (0, MOST_S)
    assert retry.next_wait_s(3600) <= 1.0
    assert retry.first_wait_s(10) > 0
    assert retry.first_wait_s(1000) == 0
