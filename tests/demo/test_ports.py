"""This file proves that a taken port is told by number and option, and that 0 gives a free one."""

from __future__ import annotations

import socket

import pytest

from appliance.demo.ports import PortTaken, claim


def test_zero_gives_free_and_different_ports() -> None:
    """Two options with 0 get two ports, and both can be bound afterwards."""
    ports = claim("127.0.0.1", {"port": 0, "ward-port": 0})
    assert len(set(ports.values())) == 2
    for port in ports.values():
        socket.create_server(("127.0.0.1", port)).close()


def test_a_taken_port_names_itself_and_its_option() -> None:
    """The message holds the number, the option, and a way out."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} \(--printer-port\).*--printer-port"):
            claim("127.0.0.1", {"port": 0, "printer-port": port})


def test_the_same_port_twice_names_both_options() -> None:
    """Two options with one number is the caller's slip, not another program's."""
    port = claim("127.0.0.1", {"port": 0})["port"]
    with pytest.raises(PortTaken, match="--ward-port and --port are both"):
        claim("127.0.0.1", {"port": port, "ward-port": port})


def test_a_foreign_address_is_told() -> None:
    """--host must be an address of this machine (192.0.2.0/24 is nobody's)."""
    with pytest.raises(PortTaken, match="--host"):
        claim("192.0.2.1", {"port": 0})
    with pytest.raises(PortTaken, match="IPv4"):
        claim("::1", {"port": 0})
