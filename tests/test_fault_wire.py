"""This file proves that the wire breaks things the way it says: a check on what checks the rest."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.fault_wire import Wire
from tests.mqtt_broker import eventually

PUBLISH = b"\x32\x0a\x00\x04h/up/\x00\x01ab"[:12]
PUBACK = b"\x40\x02\x00\x01"


class Far:
    """A stand-in for the broker: keeps what comes and says what it is told to say."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.got = b""
        self.ended = threading.Event()
        self.reset = False
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.lines.append(line)
            threading.Thread(target=self._read, args=(line,), daemon=True).start()

    def _read(self, line: socket.socket) -> None:
        try:
            while data := line.recv(4096):
                self.got += data
        except ConnectionResetError:
            self.reset = True
        except OSError:
            pass
        self.ended.set()

    def close(self) -> None:
        self._listener.close()
        for line in self.lines:
            line.close()


@pytest.fixture
def far() -> Iterator[Far]:
    made = Far()
    yield made
    made.close()


@pytest.fixture
def wire(far: Far) -> Iterator[Wire]:
    made = Wire(far.port)
    yield made
    made.close()


def call(wire: Wire) -> socket.socket:
    return socket.create_connection(("127.0.0.1", wire.port), 5)


def test_it_breaks_inside_a_packet_after_any_byte(far: Far, wire: Wire) -> None:
    """Each length from nothing to one byte short: exactly so much arrives, then both see RST."""
    packet = b"\x30\x08" + b"12345678"
    for n in range(len(packet)):
        far.got, far.reset = b"", False
        far.ended.clear()
        near = call(wire)
        wire.cut_after(n)
        near.sendall(packet)
        with pytest.raises(ConnectionResetError):
            assert near.recv(1) != b"", "ended politely"
        assert far.ended.wait(5)
        assert far.got == packet[:n]
        assert far.reset
        near.close()
    assert wire.cuts_inside == len(packet)


def test_it_loses_acknowledgements_even_when_they_come_in_pieces(far: Far, wire: Wire) -> None:
    near = call(wire)
    near.sendall(PUBLISH)
    eventually(lambda: far.got == PUBLISH)
    assert wire.sent == 1
    wire.eat_pubacks = True
    for piece in (PUBACK[:1], PUBACK[1:] + PUBACK + b"\x20", b"\x02\x00\x00"):
        far.lines[0].sendall(piece)
        time.sleep(0.01)  # so that the pieces do not travel together
    near.settimeout(5)
    assert near.recv(10) == b"\x20\x02\x00\x00"
    assert wire.eaten == 2
    near.close()


def test_refusing_resetting_cutting_and_silence(far: Far, wire: Wire) -> None:
    wire.refusing = True
    with pytest.raises(ConnectionResetError):
        call(wire).recv(1)
    wire.heal()
    near = call(wire)
    near.settimeout(5)
    near.sendall(PUBLISH)
    eventually(lambda: far.got == PUBLISH)
    wire.reset()
    with pytest.raises(ConnectionResetError):
        near.recv(1)
    near = call(wire)
    near.settimeout(5)
    near.sendall(PUBLISH)
    eventually(lambda: far.got == PUBLISH * 2)
    wire.silent = True
    near.sendall(PUBLISH)
    time.sleep(0.1)
    assert far.got == PUBLISH * 2
    wire.heal()
    eventually(lambda: far.got == PUBLISH * 3)
    wire.cut()
    assert near.recv(1) == b""
    near.close()
