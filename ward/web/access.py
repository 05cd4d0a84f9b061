"""This file stands at the console's door: who is asking, and whether this role may do that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from ward.accounts.roles import ANYBODY, Right, Who
from ward.store import accounts

if TYPE_CHECKING:
    from ward.web import Ward

COOKIE = "hien_ward"
PUBLIC = {"static", "pages.font", "api.healthz", "sign_in.form", "sign_in.enter"}
PROGRAMS = {"api.houses", "api.events", "api.prometheus"}


def guard(app: Flask, ward: Ward) -> None:
    """Nothing is answered to anybody unknown, but what is public and what programs may read."""

    @app.before_request
    def _know_who() -> Response | None:
        g.who = who = _who(ward)
        if who is not None or request.endpoint in PUBLIC:
            return None
        if request.endpoint in PROGRAMS and (ward.programs_open or _has_token(ward)):
            return None
        if request.endpoint is None and request.routing_exception is not None:
            return None  # there is nothing at this address: the error page says so
        wants_page = request.method == "GET" and request.endpoint not in PROGRAMS
        if wants_page and request.endpoint != "pages.live":
            there = request.full_path.rstrip("?")
            return redirect(url_for("sign_in.form", next=there), 303)
        abort(401)

    @app.context_processor
    def _for_pages() -> dict[str, object]:
        return {"who": g.get("who"), "open_to_all": ward.open_to_all}


def me() -> Who:
    """Who is asking; 401 when nobody known."""
    who = g.get("who")
    if not isinstance(who, Who):
        abort(401)
    return who


def must(right: Right) -> Who:
    """Who is asking, when this role has that right; else 403."""
    who = me()
    if not who.may(right):
        abort(403, "role")
    return who


def _who(ward: Ward) -> Who | None:
    if ward.open_to_all:
        return ANYBODY
    cookie = request.cookies.get(COOKIE, "")
    return accounts.of_session(ward.store, cookie, ward.now()) if cookie else None


def _has_token(ward: Ward) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return kind.casefold() == "bearer" and accounts.is_token(ward.store, token.strip())
