"""This file is signing in and out of the console."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ward.accounts import passwords
from ward.store import accounts, audit, throttle
from ward.store.db import FAULTS
from ward.web import words
from ward.web.access import COOKIE, me
from ward.web.security import own_origin

if TYPE_CHECKING:
    from ward.web import Ward

WRONG = "Tên hoặc mật khẩu chưa đúng. Xem lại phím Caps Lock và bộ gõ rồi thử lại."
NAME_MOST = 60
PASSWORD_MOST = 512  # as typed; longer ones are cut before they are looked at


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("sign_in", __name__)

    @pages.get("/sign-in")
    def form() -> str:
        return _page(ward, "", _safe(request.args.get("next", "")))

    @pages.post("/sign-in")
    def enter() -> Response | tuple[str, int]:
        name = request.form.get("name", "")[:NAME_MOST].strip().casefold()
        then = _safe(request.form.get("next", ""))
        address, now = request.remote_addr or "", ward.now()
        wait_s = throttle.wait_s(ward.store, name, address, now)
        if wait_s > 0:
            # Before any hash is computed: guessing must not cost this machine its time either.
            words_ = f"Nhập sai nhiều lần. Chờ {words.wait(wait_s)} rồi thử lại."
            answer = make_response(_page(ward, words_, then, name), 429)
            answer.headers["Retry-After"] = str(math.ceil(wait_s))
            return answer
        kept = accounts.password_of(ward.store, name)
        right = passwords.matches(request.form.get("password", "")[:PASSWORD_MOST], kept)
        try:
            with ward.store.write() as db:
                if not right:
                    throttle.failed(db, name, address, now)
                    audit.note(db, now, name, "sign_in_refused", detail=address)
                else:
                    throttle.succeeded(db, name, address)
                    audit.note(db, now, name, "sign_in", detail=address)
                    cookie = accounts.begin_session(db, name, now)
        except FAULTS:
            abort(503)
        if not right:
            return _page(ward, WRONG, then, name), 403
        inside = redirect(then, 303)
        by_tls = own_origin(ward.public_url).startswith("https:")
        inside.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax", secure=by_tls, path="/")
        return inside

    @pages.post("/sign-out")
    def leave() -> Response:
        who = me()
        with ward.store.write() as db:
            accounts.end_session(db, request.cookies.get(COOKIE, ""))
            audit.note(db, ward.now(), who.name, "sign_out")
        out = redirect(url_for("sign_in.form"), 303)
        out.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax")
        return out

    return pages


def _page(ward: Ward, wrong: str, then: str, name: str = "") -> str:
    nobody = not ward.store.value("SELECT count(*) FROM accounts")
    return render_template("sign_in.html", wrong=wrong, next=then, name=name, nobody=nobody)


def _safe(there: str) -> str:
    """A place of this console to go to afterwards; the first page for anything else."""
    parts = urlsplit(there[:300].replace("\\", "/"))
    own = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    if not own or there.startswith(("//", "/sign")) or not there.isprintable():
        return "/"
    return there[:300]
