"""This file is the door: which Host, which Origin, and the headers that go with every answer."""

from __future__ import annotations

import ipaddress
import re
import time
from typing import Any
from urllib.parse import urlsplit

import psutil
from flask import Flask, abort, request
from werkzeug.wrappers import Response

from appliance.web.parts import WebParts

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; media-src 'self'; manifest-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
ALWAYS = ("localhost", "127.0.0.1", "::1", "hien.local")
NO_HOST = "no-host.invalid"  # a name that never is anybody's: RFC 2606
ADDRESSES_AGE_S = 15
_HOST = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253}))(?::([0-9]{1,5}))?")


def host_name(host: str) -> str | None:
    """The name in a Host header, lower case, without port and brackets; None when malformed."""
    match = _HOST.fullmatch(host.strip().lower())
    if match is None or int(match[3] or 0) > 65535:
        return None
    name = match[1] or match[2]
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.rstrip(".") if match[2] else None


class Names:
    """What the house answers to: its names, and the addresses it has at this moment."""

    def __init__(self, parts: WebParts) -> None:
        given = [*ALWAYS, *parts.config["web.names"], _netloc(parts.house.address)]
        listens_on = parts.config["web.host"]
        if listens_on not in ("0.0.0.0", "::"):  # noqa: S104 -- compared with, not bound to
            given.append(f"[{listens_on}]" if ":" in listens_on else listens_on)
        self._given = {
            name for one in given if (name := host_name(f"[{one}]" if one == "::1" else one))
        }
        self._own: set[str] = set()
        self._looked_at_s = -ADDRESSES_AGE_S * 2.0

    def __contains__(self, name: str) -> bool:
        if name in self._given:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return name in self._own_addresses()

    def _own_addresses(self) -> set[str]:
        """The router may give us another address at any time, so we look again now and then."""
        if time.monotonic() - self._looked_at_s > ADDRESSES_AGE_S:
            self._own = {
                str(ipaddress.ip_address(address.address.split("%")[0]))
                for interface in psutil.net_if_addrs().values()
                for address in interface
                if address.family.name in ("AF_INET", "AF_INET6")
            }
            self._looked_at_s = time.monotonic()
        return self._own


class _NamedHost:
    """In front of the framework, which cannot make one address with a Host that is no name at all
    (`a..b`): such a request goes on as one to a stranger, and is refused in words."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        name = host_name(environ.get("HTTP_HOST", ""))
        try:
            if name is None:
                raise UnicodeError
            name.encode("idna").decode("idna")
        except UnicodeError:
            environ["HTTP_HOST"] = NO_HOST
        return self._inner(environ, start_response)


def install(app: Flask, parts: WebParts) -> None:
    """Check every request, unknown addresses and static files included; dress every answer."""
    names = Names(parts)
    public = _origin(parts.house.address)
    app.wsgi_app = _NamedHost(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def check_host() -> None:
        # A page elsewhere whose name was pointed at us (DNS rebinding) still says its own name.
        name = host_name(request.environ.get("HTTP_HOST", ""))
        if name is None or name not in names:
            abort(400, "foreign_host")

    @app.before_request
    def check_origin() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        host = request.environ["HTTP_HOST"].strip().lower()
        ours = {f"{request.scheme}://{host}"}
        if public is not None and urlsplit(public).netloc == host:
            ours.add(public)  # behind a TLS front the browser's scheme is not the one we see
        if request.headers.get("Origin", "").lower() not in ours:
            abort(403, "foreign_origin")

    @app.after_request
    def dress(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Not no-referrer: browsers then send "Origin: null" with our own forms.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _netloc(address: str) -> str:
    return urlsplit(address).netloc


def _origin(address: str) -> str | None:
    split = urlsplit(address)
    return f"{split.scheme}://{split.netloc}".lower() if split.netloc else None
