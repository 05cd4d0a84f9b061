"""This file gives the tests real brokers, houses and a ward, and ends them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mqtt_broker import Process, embedded, eventually, mosquitto, run_mosquitto, wire
from tests.sync.real_parts import House, MakeHouse, MakeWard
from ward import app
from ward.link import Broker

__all__ = ["embedded", "mosquitto", "wire"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MakeHouse]:
    made: list[House] = []

    def make(broker_url: str, name: str = "hien-thu") -> House:
        made.append(House(tmp_path / name, broker_url, name))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[MakeWard]:
    """Start a ward over one folder; called again it takes up where the last one stopped."""
    running: list[app.Running] = []

    def start(broker_url: str) -> app.Running:
        running.append(app.start(Broker(broker_url), tmp_path / "ward", "127.0.0.1", 0))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture(scope="module")
def shared_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One Mosquitto for a whole file of small cases."""
    yield from run_mosquitto(tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="module")
def shared(shared_broker: Process, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house at work for a whole file of small cases; something of it waits for a receipt."""
    h = House(tmp_path_factory.mktemp("house"), shared_broker.url)
    h.tell("queue", waiting=1)
    h.start()
    eventually(lambda: h.link() == "up")
    yield h
    h.stop()
