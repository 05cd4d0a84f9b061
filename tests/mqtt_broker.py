"""This file runs real brokers for tests, and gives them the wire that can misbehave."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fault_wire import Wire

__all__ = [
    "Process",
    "Wire",
    "embedded",
    "eventually",
    "free_port",
    "mosquitto",
    "run_mosquitto",
    "wire",
]

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def eventually(true: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until `true()` is; fail with its last value otherwise."""
    end = time.monotonic() + within_s
    while not (value := true()):
        assert time.monotonic() < end, f"still {value!r} after {within_s} s"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Process:
    """A broker as a process that can be killed the hard way and started again on its port."""

    def __init__(self, argv: list[str], port: int, keeps: Path | None = None) -> None:
        """`keeps`: the file where it keeps what is to survive, if it has one."""
        self.argv, self.port, self._keeps = argv, port, keeps
        self.url = f"mqtt://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(self._answers)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """While it is down: nothing is left of sessions and retained messages."""
        if self._keeps is not None:
            self._keeps.unlink(missing_ok=True)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the broker ended by itself"
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Process]:
    """A real broker of this test's own."""
    yield from run_mosquitto(tmp_path)


def run_mosquitto(tmp_path: Path) -> Iterator[Process]:
    """Mosquitto with default persistence (autosave every 30 minutes: nothing survives a kill)."""
    if MOSQUITTO is None:
        pytest.skip("no Mosquitto on this machine")
    port, folder = free_port(), tmp_path / "mosquitto"
    folder.mkdir()
    conf = folder / "mosquitto.conf"
    conf.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
        f"persistence_location {folder}/\nlog_dest none\nset_tcp_nodelay true\n"
        + ("user root\n" if os.geteuid() == 0 else "")
    )
    broker = Process([MOSQUITTO, "-c", str(conf)], port, folder / "mosquitto.db")
    yield broker
    broker.kill()


@pytest.fixture
def embedded() -> Iterator[Process]:
    """The demo's stand-in, which speaks MQTT 3.1.1 only."""
    pytest.importorskip("amqtt")
    port = free_port()
    argv = [sys.executable, "-m", "appliance.demo.embedded_broker", "127.0.0.1", str(port)]
    broker = Process(argv, port)
    yield broker
    broker.kill()


@pytest.fixture
def wire(mosquitto: Process) -> Iterator[Wire]:
    relay = Wire(mosquitto.port)
    yield relay
    relay.close()
