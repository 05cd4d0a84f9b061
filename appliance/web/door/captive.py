"""This file answers devices on the house's own Wi-Fi that ask whether this is the internet.

Each maker has an address it asks, and an answer it expects. The first time the answer is the way to
the house's start page: the device then shows it by itself. Once the device has been there, it hears
what it expects and stays on this Wi-Fi instead of going back to mobile data. Only devices on the
access point's own network are answered so; it holds no router, and its DNS names everything us.
Sources: Android (ConnectivityService), Apple (captive.apple.com), Windows (NCSI), Firefox, GNOME.
"""

from __future__ import annotations

import ipaddress
import time

from flask import Flask, Response, redirect, request

from appliance.web.door.security import Names, host_name
from appliance.web.parts import WebParts

NETWORK = ipaddress.ip_network("10.42.0.0/24")  # what NetworkManager's `shared` gives
OWN = "10.42.0.1"
GREETED_S = 12 * 3600
MOST_GREETED = 253  # as many as the network has addresses

_APPLE = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
PROBES: dict[str, tuple[int, str]] = {
    "/generate_204": (204, ""),
    "/gen_204": (204, ""),
    "/hotspot-detect.html": (200, _APPLE),
    "/library/test/success.html": (200, _APPLE),
    "/connecttest.txt": (200, "Microsoft Connect Test"),
    "/ncsi.txt": (200, "Microsoft NCSI"),
    "/success.txt": (200, "success\n"),
    "/check_network_status.txt": (200, "NetworkManager is online\n"),
}
"""Path -> (status, body) by which a device knows that it is on the internet."""


class Greeted:
    """Devices that have seen the start page, by address; in RAM, for half a day."""

    def __init__(self) -> None:
        self._at_s: dict[str, float] = {}

    def add(self, address: str) -> None:
        self._at_s.pop(address, None)
        self._at_s[address] = time.monotonic()
        while len(self._at_s) > MOST_GREETED:
            del self._at_s[next(iter(self._at_s))]

    def __contains__(self, address: str) -> bool:
        return time.monotonic() - self._at_s.get(address, -GREETED_S) < GREETED_S


def install(app: Flask, parts: WebParts) -> None:
    """Before the door that refuses foreign names: these requests have such names."""
    names, greeted = Names(parts), Greeted()

    @app.before_request
    def answer() -> Response | None:
        if request.method not in ("GET", "HEAD") or not on_our_wifi(request.remote_addr):
            return None
        who = str(request.remote_addr)
        name = host_name(request.environ.get("HTTP_HOST", ""))
        if name is not None and name in names:
            if request.path == "/":
                greeted.add(who)
            return None
        if who in greeted and request.path in PROBES:
            status, body = PROBES[request.path]
            return Response(body, status, mimetype="text/html" if "<" in body else "text/plain")
        # They ask at port 80, which the firewall turns to ours; so does this answer.
        return redirect(f"http://{OWN}/", 302)  # type: ignore[return-value]


def on_our_wifi(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "") in NETWORK
    except ValueError:
        return False
