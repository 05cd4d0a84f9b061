"""This file claims the demo's ports before anything starts, so that a taken one is told at once."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

from appliance.errors import HienError


class PortTaken(HienError):
    """A port the demo needs cannot be had."""

    default_code = "port_taken"


def claim(host: str, wanted: Mapping[str, int]) -> dict[str, int]:
    """The ports to use, by option name; 0 is replaced by a free one. Raises PortTaken.

    All are held open together until every one is chosen, so that two options never get the same.
    """
    if ":" in host:  # Werkzeug's list of trusted hosts cannot hold an IPv6 address
        raise PortTaken(f"{host} is an IPv6 address. Give an IPv4 address with --host.")
    held: list[socket.socket] = []
    chosen: dict[str, int] = {}
    try:
        for option, port in wanted.items():
            probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.append(probe)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                probe.listen(1)
            except OSError as error:
                raise PortTaken(_why(host, option, port, error, chosen)) from error
            chosen[option] = probe.getsockname()[1]
    finally:
        for probe in held:
            probe.close()
    return chosen


def _why(host: str, option: str, port: int, error: OSError, chosen: Mapping[str, int]) -> str:
    twin = next((other for other, taken in chosen.items() if taken == port), None)
    if twin:
        return f"--{option} and --{twin} are both {port}. Give each its own port."
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} (--{option}) is in use by another program. Stop that program, "
            f"or start the demo with another port: --{option} {port + 1 if port < 65535 else 0}."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine. Give one that is with --host."
    return f"port {port} (--{option}) on {host} cannot be opened: {error.strerror}."
