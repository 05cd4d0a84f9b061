"""This file lets a volunteer practise: the same screens over an invented house, for 20 minutes.

Only this browser is in it, by its cookie. A banner stands on every screen; whoever leaves the
tablet, signs out or waits too long is back in the real house, and everything practised is gone.
"""

from __future__ import annotations

import re
import secrets
import threading
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance.errors import TooMany
from appliance.service import practice as service
from appliance.web import forms
from appliance.web.current import (
    PRACTICE_COOKIE,
    Practice,
    current_practice,
    now,
    real_parts,
    real_volunteer,
    store,
)
from appliance.web.door.access import volunteers_only

practice = Blueprint("practice", __name__)

TASKS = {
    "call": _l("Mời số tiếp theo"),
    "open": _l("Đón bác vào bàn"),
    "photo": _l("Chụp một tờ giấy"),
    "finish": _l("Kết thúc và in phiếu"),
    "help": _l("Trả lời một lời gọi giúp"),
}
# What would act on the real house, or has no sense without a ward.
NOT_IN_PRACTICE = re.compile(r"(phones|ward_side|voice|backup|printer_setup)\.")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


class Practices:
    """Who practises now, by token. In this process's memory; used from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Practice] = {}

    def find(self, token: str, mono_ms: int) -> Practice | None:
        with self._lock:
            self._drop_old(mono_ms)
            return self._open.get(token) if _TOKEN.fullmatch(token) else None

    def put(self, made: Practice) -> None:
        with self._lock:
            self._open[made.token] = made

    def room_for_one(self, mono_ms: int) -> bool:
        with self._lock:
            self._drop_old(mono_ms)
            return len(self._open) < service.MOST_AT_ONCE

    def end(self, token: str) -> None:
        with self._lock:
            found = self._open.pop(token, None)
        if found is not None:
            service.end(found.begun.parts)

    def _drop_old(self, mono_ms: int) -> None:
        for token, one in list(self._open.items()):
            if one.ends_mono_ms <= mono_ms:
                service.end(self._open.pop(token).begun.parts)


@practice.get("/desk/practice")
@volunteers_only
def page() -> str:
    """What practising is; while it lasts, what to try and what is done."""
    here = current_practice()
    done = dict(service.tasks(store())) if here else {}
    return render_template(
        "practice.html",
        tasks=[(words, done.get(name, False)) for name, words in TASKS.items()],
        minutes=service.LASTS_S // 60,
    )


@practice.post("/desk/practice/begin")
@volunteers_only
def begin() -> Response:
    forms.small_form()
    at, who = now(), real_volunteer()
    if current_practice() is not None or who is None:
        return redirect(url_for("desk.page"), code=303)
    if not practices().room_for_one(at.mono_ms):
        raise TooMany("others practise already", retry_after_s=300, code="too_many_practices")
    begun = service.begin(real_parts(), at, real_parts().catalogue, who)
    made = Practice(secrets.token_urlsafe(24), begun, at.mono_ms + service.LASTS_S * 1000)
    practices().put(made)
    ending = threading.Timer(service.LASTS_S, practices().end, (made.token,))
    ending.daemon = True
    ending.start()
    response = redirect(url_for("desk.page"), code=303)
    response.set_cookie(
        PRACTICE_COOKIE, made.token, max_age=service.LASTS_S, httponly=True, samesite="Strict",
        secure=request.is_secure, path="/",
    )  # fmt: skip
    return response


@practice.post("/desk/practice/end")
@volunteers_only
def end() -> Response:
    forms.small_form()
    return ended(redirect(url_for("desk.page"), code=303))


def ended(response: Response) -> Response:
    """The answer that leaves the practice house; also when there was none."""
    token = request.cookies.get(PRACTICE_COOKIE, "")
    if token:
        practices().end(token)
        response.delete_cookie(PRACTICE_COOKIE, path="/", samesite="Strict", httponly=True)
    return response


def look() -> Response | None:
    """Before each request: whose house is this? Leaving and what is not for practice go home."""
    token = request.cookies.get(PRACTICE_COOKIE, "")
    if not token:
        return None
    g.practice = practices().find(token, real_parts().clock.now().mono_ms)
    endpoint = request.endpoint or ""
    if g.practice is None:
        return None
    if endpoint in ("sign_in.leave", "preferences.fresh"):
        return ended(redirect("/" if endpoint == "preferences.fresh" else "/desk", code=303))
    if NOT_IN_PRACTICE.match(endpoint):
        return redirect(url_for("practice.page"), code=303)
    return None


def close_store(_error: BaseException | None) -> None:
    """At the end of a request: a practice table is opened for one request only."""
    opened = g.pop("practice_store", None)
    if opened is not None:
        opened.close()


def practices() -> Practices:
    found = current_app.extensions.setdefault("hien_practices", Practices())
    assert isinstance(found, Practices)
    return found


def banner() -> dict[str, Any] | None:
    """{minutes left, the next thing to try} while this browser practises."""
    here = current_practice()
    if here is None:
        return None
    left_ms = here.ends_mono_ms - now().mono_ms
    todo = [name for name, done in service.tasks(store()) if not done]
    return {
        "left_min": max(1, round(left_ms / 60_000)),
        "next": TASKS[todo[0]] if todo else "",
    }
