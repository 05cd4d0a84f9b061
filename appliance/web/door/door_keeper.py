"""This file decides who holds the door too long: a request that drips in, one address's many lines.

The server has a few hundred places for a whole house. A browser needs six, for moments; a machine
that opens hundreds, or sends a letter of a header every half minute, would keep everybody out.
"""

from __future__ import annotations

import ipaddress
from typing import Any

LINES_OF_ONE_ADDRESS = 40
HEADER_S = 20.0
BODY_S = 60.0
# A picture over a poor Wi-Fi comes at 20 times this.
SLOWEST_BYTES_PER_S = 2_000


def counted(address: str) -> str:
    """The address by which a guest is counted; "" for this machine, its own front included."""
    try:
        return "" if ipaddress.ip_address(address).is_loopback else address
    except ValueError:
        return address


class DoorKeeper:
    """Of one line. `request` is what waitress's parser has of the request that is coming in."""

    def __init__(self) -> None:
        self._began_s: float | None = None

    def heard(self, request: Any | None, now_s: float) -> None:
        """Something came; None: the request it belonged to is whole."""
        if request is None:
            self._began_s = None
        elif self._began_s is None:
            self._began_s = now_s

    def is_too_slow(self, request: Any | None, now_s: float) -> bool:
        if request is None or self._began_s is None:
            return False
        takes_s = now_s - self._began_s
        if not request.headers_finished:
            return takes_s > HEADER_S
        return bool(takes_s > BODY_S + request.body_bytes_received / SLOWEST_BYTES_PER_S)
