"""This file keeps strangers out of the console: Host, Origin, content policy, body size."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import psutil
from flask import Flask, Response, abort, request

MAX_BODY_BYTES = 16 * 1024
LARGE_BODY_BYTES = 256 * 1024  # a catalogue in Vietnamese, as a browser encodes it
LARGE = {"wishes.put"}
NAMES_FRESH_S = 5.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def own_names(host: str, more: Iterable[str] = ()) -> list[str]:
    """The Host values this console answers to: loopback, this machine's names and addresses."""
    names = {"localhost", "127.0.0.1", "[::1]", socket.gethostname(), *more}
    names.add(f"{socket.gethostname()}.local")
    if host not in ("0.0.0.0", "::", ""):  # noqa: S104
        names.add(host)
    else:
        for addresses in psutil.net_if_addrs().values():
            names |= {a.address for a in addresses if a.family == socket.AF_INET}
    return sorted(n for n in names if n)


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach an address served on `host`."""
    return host in ("127.0.0.1", "::1", "localhost")


class Names:
    """The Host values, asked for again now and then: a new address of this machine counts too."""

    def __init__(self, ask: Callable[[], list[str]], app: Flask) -> None:
        self._ask, self._app, self._wsgi = ask, app, app.wsgi_app
        self._lock, self._asked_s = threading.Lock(), time.monotonic()
        app.config["TRUSTED_HOSTS"] = ask()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self._lock:
            if time.monotonic() - self._asked_s > NAMES_FRESH_S:
                self._asked_s = time.monotonic()
                self._app.config["TRUSTED_HOSTS"] = self._ask()
        return self._wsgi(environ, start_response)


def own_origin(public_url: str) -> str:
    """Where this request's page must have come from. Behind a TLS proxy that is the address people
    type, told by a setting; what a request claims of itself (X-Forwarded-*) is never believed."""
    if public_url and request.host == urlsplit(public_url).netloc:
        return public_url
    return f"{request.scheme}://{request.host}"


def protect(app: Flask, names: Callable[[], list[str]] | list[str], public_url: str = "") -> None:
    """Every answer of this app obeys the rules from here on."""
    ask = (lambda: names) if isinstance(names, list) else names
    app.wsgi_app = Names(ask, app)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def _own_origin_only() -> None:
        # Browsers send Origin with every POST, over plain HTTP too; none means no page of ours.
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            if request.headers.get("Origin") != own_origin(public_url):
                abort(403, "origin")
            if request.endpoint in LARGE:
                request.max_content_length = LARGE_BODY_BYTES
            if (request.content_length or 0) > (request.max_content_length or MAX_BODY_BYTES):
                abort(413)

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"  # "no-referrer" would make Origin null
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response
