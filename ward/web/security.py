"""This file keeps strangers out of the console: Host, Origin, content policy, body size."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import psutil
from flask import Flask, Response, abort, request

MAX_BODY_BYTES = 16 * 1024
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


def protect(app: Flask, names: list[str]) -> None:
    """Every answer of this app obeys the rules from here on."""
    app.config["TRUSTED_HOSTS"] = names
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES

    @app.before_request
    def _own_origin_only() -> None:
        # Browsers send Origin with every POST, over plain HTTP too; none means no page of ours.
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
                abort(403, "origin")
            if (request.content_length or 0) > MAX_BODY_BYTES:
                abort(413)

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"  # "no-referrer" would make Origin null
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response
