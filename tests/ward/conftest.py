"""This file gives the tests a real broker, a ward over it, and either kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.mqtt_broker import Process, eventually, mosquitto, run_mosquitto
from tests.pg_server import postgres
from ward import app
from ward.link import Broker
from ward.store.database import URL_FILE, Store

__all__ = ["mosquitto", "postgres"]

Say = Callable[..., None]
OPEN = app.Door(open_to_all=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def ward_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A ward's folder whose store is one or the other: whatever opens it, opens that."""
    folder = tmp_path / "either"
    folder.mkdir()
    if request.param == "postgresql":
        (folder / URL_FILE).write_text(request.getfixturevalue("postgres").url())
    return folder


@pytest.fixture
def store(ward_folder: Path) -> Iterator[Store]:
    opened = Store(ward_folder)
    yield opened
    opened.close()


@pytest.fixture
def ward(tmp_path: Path, mosquitto: Process) -> Iterator[app.Running]:
    running = app.start(Broker(mosquitto.url), tmp_path / "ward", "127.0.0.1", 0, door=OPEN)
    eventually(lambda: running.ward.board.link_up)
    yield running
    running.stop()


@pytest.fixture
def say(mosquitto: Process) -> Iterator[Say]:
    yield from speaking(mosquitto)


def speaking(broker: Process) -> Iterator[Say]:
    """Any house; also one that means harm."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    def publish(topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(10)

    yield publish
    client.disconnect()
    client.loop_stop()


@pytest.fixture(scope="module")
def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    yield from run_mosquitto(tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="module")
def shared_ward(
    shared_broker: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[app.Running]:
    """One ward for a whole file of small cases."""
    folder = tmp_path_factory.mktemp("ward")
    running = app.start(Broker(shared_broker.url), folder, "127.0.0.1", 0, door=OPEN)
    eventually(lambda: running.ward.board.link_up)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared_say(shared_broker: Process) -> Iterator[Say]:
    yield from speaking(shared_broker)
