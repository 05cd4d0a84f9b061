"""This file proves that either broker of the demo does what house and ward need of one.

The same contract over both: a retained message, QoS 1 with its acknowledgement, and a last will
that goes out when a client vanishes.
"""

from __future__ import annotations

import queue
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from appliance.demo import broker, ports
from appliance.supervisor import Supervisor


@pytest.fixture(params=["mosquitto", "amqtt"])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """The port of a running broker of each kind, in a folder with a space in its name."""
    if request.param == "mosquitto" and not shutil.which("mosquitto", path="/usr/sbin:/usr/bin"):
        pytest.skip("Mosquitto is not installed; ./hien test installs it")
    port = ports.claim("127.0.0.1", {"broker-port": 0})["broker-port"]
    chosen = broker.choose(request.param, tmp_path / "a b" / "broker", "127.0.0.1", port)
    supervisor = Supervisor([chosen.program])
    supervisor.start()
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < end, chosen.program.log_file.read_text()  # type: ignore[union-attr]
            supervisor.turn(0.05)
    yield port
    supervisor.stop(grace_s=2)


def client(port: int, will: bool = False) -> mqtt.Client:
    """A connected MQTT 3.1.1 client with its loop running."""
    made = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    if will:
        made.will_set("houses/v1/test/state/status", b"offline", qos=1, retain=True)
    made.connect("127.0.0.1", port, keepalive=10)
    made.loop_start()
    return made


def hear(port: int, topic: str) -> tuple[mqtt.Client, queue.Queue[bytes]]:
    """A client subscribed to `topic`, and what it hears."""
    heard: queue.Queue[bytes] = queue.Queue()
    subscribed: queue.Queue[bool] = queue.Queue()
    ear = client(port)
    ear.on_message = lambda _c, _u, message: heard.put(message.payload)
    ear.on_subscribe = lambda *_: subscribed.put(True)
    ear.subscribe(topic, qos=1)
    assert subscribed.get(timeout=10)
    return ear, heard


def test_a_retained_message_waits_for_who_comes_later(port: int) -> None:
    """State topics are read by a ward that starts after the house."""
    house = client(port)
    house.publish("houses/v1/test/state/hello", b"chao", qos=1, retain=True).wait_for_publish(10)
    ear, heard = hear(port, "houses/v1/+/state/hello")
    assert heard.get(timeout=10) == b"chao"
    house.disconnect()
    ear.disconnect()


def test_qos_1_reaches_the_subscriber(port: int) -> None:
    """up/<stream> is QoS 1 in both directions."""
    ear, heard = hear(port, "houses/v1/+/up/help")
    house = client(port)
    house.publish("houses/v1/test/up/help", b"1", qos=1).wait_for_publish(10)
    assert heard.get(timeout=10) == b"1"
    house.disconnect()
    ear.disconnect()


def test_the_last_will_is_sent_when_a_house_vanishes(port: int) -> None:
    """A house that goes without DISCONNECT is offline for the ward."""
    ear, heard = hear(port, "houses/v1/test/state/status")
    house = client(port, will=True)
    house.publish("houses/v1/test/state/status", b"online", qos=1, retain=True).wait_for_publish(10)
    assert heard.get(timeout=10) == b"online"
    house.loop_stop()
    house.socket().shutdown(socket.SHUT_RDWR)
    assert heard.get(timeout=30) == b"offline"
    ear.disconnect()


def test_without_mosquitto_the_embedded_one_is_taken_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """auto never fails for want of Mosquitto; asking for it by name does, with the apt line."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    chosen = broker.choose("auto", tmp_path / "broker", "127.0.0.1", 1)
    assert chosen.description == "amqtt, embedded (Mosquitto is not installed)"
    with pytest.raises(broker.NoBroker, match="apt-get install mosquitto"):
        broker.choose("mosquitto", tmp_path / "broker", "127.0.0.1", 1)
