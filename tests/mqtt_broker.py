"""This file runs real brokers for tests, and a wire between house and broker that can misbehave."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
PUBACK = 0x40


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

    def __init__(self, argv: list[str], port: int) -> None:
        self.argv, self.port = argv, port
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
        f"persistence_location {folder}/\nlog_dest none\n"
        + ("user root\n" if os.geteuid() == 0 else "")
    )
    broker = Process([MOSQUITTO, "-c", str(conf)], port)
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


class Wire:
    """A relay to a broker. While `eat_pubacks`, what the broker acknowledges never arrives."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.eat_pubacks = False
        self.silent = False
        self.eaten = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Every connection there is breaks now."""
        for s in self._open:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # no broker just now: whoever called is told so
                near.close()
                continue
            self._open += [near, far]
            for a, b, back in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pump, args=(a, b, back), daemon=True).start()

    def _pump(self, a: socket.socket, b: socket.socket, back: bool) -> None:
        try:
            while data := a.recv(65536):
                while self.silent:
                    time.sleep(0.05)
                if back and self.eat_pubacks:
                    data = self._without_pubacks(data)
                b.sendall(data)
        except OSError:
            pass
        finally:
            for s in (a, b):
                with contextlib.suppress(OSError):
                    s.shutdown(socket.SHUT_RDWR)

    def _without_pubacks(self, data: bytes) -> bytes:
        """PUBACKs are left out. A packet that did not come whole breaks the connection."""
        out, i = b"", 0
        while i < len(data):
            if i + 2 > len(data):
                raise OSError("a packet in pieces")
            size, shift, j = 0, 0, i + 1
            while True:
                if j >= len(data):
                    raise OSError("a packet in pieces")
                size |= (data[j] & 0x7F) << shift
                shift, j = shift + 7, j + 1
                if not data[j - 1] & 0x80:
                    break
            if data[i] & 0xF0 == PUBACK:
                self.eaten += 1
            else:
                out += data[i : j + size]
            i = j + size
        return out


@pytest.fixture
def wire(mosquitto: Process) -> Iterator[Wire]:
    relay = Wire(mosquitto.port)
    yield relay
    relay.close()
