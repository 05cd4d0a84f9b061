"""This file proves that the cable carries bytes both ways, and that cutting it really cuts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from appliance.demo.network_switch import NetworkSwitch


@pytest.fixture
def switch() -> Iterator[NetworkSwitch]:
    """A switch before a server that says back what it hears."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(peer,), daemon=True).start()

    def echo(peer: socket.socket) -> None:
        with peer:
            while data := peer.recv(4096):
                peer.sendall(data)

    threading.Thread(target=answer, daemon=True).start()
    switch = NetworkSwitch(server.getsockname())
    yield switch
    switch.close()
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def say(switch: NetworkSwitch, end: socket.socket) -> bytes:
    end.settimeout(10)
    end.sendall(b"xin chao")
    return end.recv(100)


def is_dead(end: socket.socket) -> bool:
    end.settimeout(10)
    try:
        end.sendall(b"con do khong?")
        return end.recv(100) == b""
    except (ConnectionError, BrokenPipeError):
        return True


def test_it_relays_both_ways(switch: NetworkSwitch) -> None:
    """What goes in comes out, and back."""
    with socket.create_connection(switch.address) as end:
        assert say(switch, end) == b"xin chao"


def test_cutting_ends_what_is_open_and_refuses_what_comes(switch: NetworkSwitch) -> None:
    """After cut() neither an old nor a new connection carries anything."""
    with socket.create_connection(switch.address) as old:
        assert say(switch, old) == b"xin chao"
        switch.cut()
        assert switch.is_cut
        assert is_dead(old)
    with socket.create_connection(switch.address) as new:
        assert is_dead(new)


def test_restoring_lets_new_connections_through(switch: NetworkSwitch) -> None:
    """The cable back in, a new connection works at the same address."""
    switch.cut()
    switch.restore()
    with socket.create_connection(switch.address) as end:
        assert say(switch, end) == b"xin chao"


def test_a_dead_far_end_is_told_as_a_dead_line() -> None:
    """With no broker behind it the switch does not pretend to be one."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        target = gone.getsockname()
    switch = NetworkSwitch(target)
    with socket.create_connection(switch.address) as end:
        assert is_dead(end)
    switch.close()
