"""This file proves the discovery of Home Assistant: its form, its templates, when it is sent.

The rules below are ours, written from Home Assistant's documentation of MQTT device discovery;
unknown keys and units that do not belong to their class are refused as it refuses them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from appliance.sync import protocol as p
from tests.mqtt_broker import Process, eventually, mosquitto
from tests.ward.conftest import OPEN, Say
from ward import app
from ward.board import Board
from ward.home_assistant import COMPONENTS, HomeAssistant, discovery
from ward.link import Broker

__all__ = ["mosquitto"]

ROOT_KEYS = {"dev", "o", "cmps", "availability", "qos"}
DEVICE_KEYS = {"ids", "name", "mf", "mdl", "sw", "cu"}
COMMON = {"p", "name", "unique_id", "state_topic", "value_template", "device_class", "icon"}
PLATFORMS = {
    "sensor": COMMON | {"state_class", "unit_of_measurement"},
    "binary_sensor": COMMON | {"payload_on", "payload_off"},
}
UNITS = {
    "duration": {"s", "min", "h", "d"}, "temperature": {"°C", "°F", "K"},
    "data_size": {"B", "kB", "MB", "GB", "KiB", "MiB", "GiB"}, "signal_strength": {"dB", "dBm"},
}  # fmt: skip
BINARY_CLASSES = {"problem", "connectivity", "power", "safety"}


def complaints(payload: dict[str, Any]) -> list[str]:
    """What Home Assistant would refuse in a discovery payload."""
    found = [f"unknown key {k}" for k in payload.keys() - ROOT_KEYS]
    device, origin = payload.get("dev", {}), payload.get("o", {})
    found += [f"unknown device key {k}" for k in device.keys() - DEVICE_KEYS]
    if not device.get("ids"):
        found.append("a device needs ids")
    if not origin.get("name"):
        found.append("an origin needs a name")
    ids = [c.get("unique_id") for c in payload.get("cmps", {}).values()]
    if len(set(ids)) != len(ids) or not all(isinstance(i, str) and i for i in ids):
        found.append("every component needs its own unique_id")
    for name, c in payload.get("cmps", {}).items():
        allowed = PLATFORMS.get(c.get("p"), set())
        found += [f"{name}: {k} is not for {c.get('p')}" for k in c.keys() - allowed]
        if not re.fullmatch(r"houses/v1/[a-z0-9-]+/state/[a-z]+", c.get("state_topic", "")):
            found.append(f"{name}: no topic")
        kind, unit = c.get("device_class"), c.get("unit_of_measurement")
        if c.get("p") == "sensor" and kind and unit not in UNITS.get(kind, set()):
            found.append(f"{name}: {unit} is no unit of {kind}")
        if c.get("p") == "sensor" and c.get("state_class") != "measurement":
            found.append(f"{name}: no state_class")
        if c.get("p") == "binary_sensor" and kind not in BINARY_CLASSES:
            found.append(f"{name}: {kind} is no class of a binary sensor")
        try:
            Environment(autoescape=False).from_string(c.get("value_template", ""))
        except Exception as error:  # noqa: BLE001
            found.append(f"{name}: {error}")
    return found


@pytest.fixture
def board() -> Board:
    board = Board()
    board.link(True)
    board.status("nha-17", "online")
    board.state(
        "nha-17", "hello", {"name": "Tổ 17", "sw": "0.1.0", "model": "Pi 4"}, retained=False
    )
    return board


def payload_of(board: Board, console: str = "") -> dict[str, Any]:
    found = board.house("nha-17")
    assert found is not None
    payload: dict[str, Any] = json.loads(p.dump(discovery(found[0], console)))
    return payload


def test_it_is_as_home_assistant_wants_it(board: Board) -> None:
    payload = payload_of(board, "https://console.example")
    assert complaints(payload) == []
    assert payload["dev"]["cu"] == "https://console.example/house/nha-17"
    assert len(payload["cmps"]) == len(COMPONENTS) and len(p.dump(payload)) < 8000


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda d: d.pop("o"), "origin"),
        (lambda d: d["dev"].pop("ids"), "ids"),
        (lambda d: d["cmps"]["waiting"].pop("unique_id"), "unique_id"),
        (lambda d: d["cmps"]["wifi"].update(unit_of_measurement="°C"), "no unit"),
        (lambda d: d["cmps"]["printer"].update(state_class="measurement"), "is not for"),
        (lambda d: d["cmps"]["waiting"].update(value_template="{{ x"), "waiting"),
        (lambda d: d.update(object_id="x"), "unknown key"),
    ],
)
def test_the_rules_are_able_to_refuse(board: Board, spoil: Any, says: str) -> None:
    payload = payload_of(board)
    spoil(payload)
    assert any(says in c for c in complaints(payload))


@pytest.mark.parametrize(
    ("name", "said", "shown"),
    [("waiting", {"waiting": 3}, "3"), ("waiting", {}, "None"),
     ("waiting", {"waiting": -1}, "None"),
     ("temperature", {"soc_temp_c": 52.5}, "52.5"), ("wifi", {"wifi_rssi_dbm": -61}, "-61"),
     ("temperature", {"soc_temp_c": "x"}, "None"), ("printer", {"printer_ok": 0}, "0"),
     ("printer", {"printer_ok": -1}, "None"), ("power", {"undervolt_now": 1}, "1")],
)  # fmt: skip
def test_values_are_shown_and_unknown_is_unknown(
    board: Board, name: str, said: dict[str, Any], shown: str
) -> None:
    template = payload_of(board)["cmps"][name]["value_template"]
    made = Environment(autoescape=False).from_string(template).render(value_json=said)
    assert made == shown


class Ear:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.deaf = False

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        if not self.deaf:
            assert retain and topic.startswith("homeassistant/device/")
            self.heard.append(topic.split("/")[2])
        return not self.deaf


def test_sent_when_new_changed_or_forgotten_and_not_else(board: Board) -> None:
    ear, home = Ear(), HomeAssistant(board, "homeassistant")
    ear.deaf = True
    assert home.turn(ear) == 0
    ear.deaf = False
    assert (home.turn(ear), home.turn(ear)) == (1, 0)
    board.state("nha-17", "queue", {"waiting": 3}, retained=False)
    assert home.turn(ear) == 0
    board.state("nha-17", "hello", {"name": "Tổ 17", "sw": "0.2.0"}, retained=False)
    assert home.turn(ear) == 1
    home.born(b"offline")
    assert home.turn(ear) == 0
    home.born(b"online")
    assert home.turn(ear) == 1
    assert ear.heard == ["nha-17"] * 3


def test_a_hostile_name_is_only_a_name(board: Board) -> None:
    nasty = "{{ states('x') }}\u202e" + "x" * 500
    board.state("nha-17", "hello", {"name": nasty, "sw": 7, "model": None}, retained=False)
    payload = payload_of(board)
    assert complaints(payload) == [] and len(payload["dev"]["name"]) == 80
    assert "states" not in json.dumps(payload["cmps"])


def test_over_a_real_broker(
    tmp_path: Path, mosquitto: Process, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retained for whoever comes later; sent again at its birth; the birth is no bad message."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    monkeypatch.setattr("ward.home_assistant.LOOK_EVERY_S", 0.05)
    running = app.start(
        Broker(mosquitto.url), tmp_path / "ward", "127.0.0.1", 0, door=OPEN, home_assistant="ha"
    )
    eventually(lambda: running.ward.board.link_up)
    say("houses/v1/nha-17/state/status", b"online", retain=True)
    heard: list[bool] = []
    later = mqtt.Client(CallbackAPIVersion.VERSION2)
    later.on_message = lambda _c, _u, m: heard.append(m.retain)
    eventually(lambda: running.ward.board.house("nha-17"))
    later.connect("127.0.0.1", mosquitto.port)
    later.subscribe("ha/device/+/config", 1)
    later.loop_start()
    eventually(lambda: heard)
    before = len(heard)
    say("ha/status", b"online")
    eventually(lambda: len(heard) > before)
    assert running.ward.listener.counts["refused"] == 0
    later.loop_stop()
    running.stop()
