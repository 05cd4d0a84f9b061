"""This file is letter size and language: a plain link and a cookie that is soon forgotten."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from appliance.web import i18n
from appliance.web.door.access import open_to_all
from appliance.web.forms import own_path

SIZE_COOKIE = "hien_size"
SIZES = ("1", "2", "3")
# The tablet is shared: the next person starts in Vietnamese and normal size again.
KEPT_S = 15 * 60

preferences = Blueprint("preferences", __name__)


@preferences.get("/set/size/<size>")
@open_to_all
def size(size: str) -> Response:
    return _set(SIZE_COOKIE, size, SIZES)


@preferences.get("/set/language/<language>")
@open_to_all
def language(language: str) -> Response:
    return _set(i18n.COOKIE, language, i18n.LANGUAGES)


@preferences.get("/set/fresh")
@open_to_all
def fresh() -> Response:
    """For the next person: Vietnamese, normal letters, the start page."""
    response = redirect("/", code=303)
    for cookie in (SIZE_COOKIE, i18n.COOKIE):
        response.delete_cookie(cookie, samesite="Strict", httponly=True)
    return response


@preferences.get("/still")
@open_to_all
def still() -> str:
    """Where no scripts run: is somebody still at `back`? Half a minute later it is `fresh`."""
    return render_template("still.html", back=own_path(request.args.get("back")))


def chosen_size() -> str:
    found = request.cookies.get(SIZE_COOKIE, "1")
    return found if found in SIZES else "1"


def _set(cookie: str, value: str, legal: tuple[str, ...]) -> Response:
    if value not in legal:
        abort(404)
    response = redirect(own_path(request.args.get("back")), code=303)
    if value == legal[0]:
        response.delete_cookie(cookie, samesite="Strict", httponly=True)
    else:
        response.set_cookie(cookie, value, max_age=KEPT_S, samesite="Strict", httponly=True)
    return response
