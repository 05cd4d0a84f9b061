"""This file decides who may open a page: nobody, unless the view says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from appliance.errors import NotAllowed
from appliance.web.current import current_volunteer, wants_json

View = TypeVar("View", bound=Callable[..., Any])
WHO = "hien_who_may_open"


def open_to_all(view: View) -> View:
    """Anybody in the room may open this: it shows nothing that belongs to somebody."""
    setattr(view, WHO, "all")
    return view


def volunteers_only(view: View) -> View:
    """Only somebody who has signed in. Others are sent to the sign-in page."""
    setattr(view, WHO, "volunteers")
    return view


def who_may_open(view: Callable[..., Any]) -> str | None:
    """ "all", "volunteers", or None for a view that says nothing: that one stays shut."""
    found = getattr(view, WHO, None)
    return found if found in ("all", "volunteers") else None


def check_access() -> Response | None:
    """Before each request. An address we do not have goes on to its 404."""
    if request.endpoint is None:
        return None
    who = who_may_open(current_app.view_functions[request.endpoint])
    if who == "all":
        return None
    if who != "volunteers":
        abort(403)
    if current_volunteer() is not None:
        return None
    if request.method in ("GET", "HEAD") and not wants_json():
        return redirect(url_for("sign_in.page", next=request.full_path.rstrip("?")), code=303)
    raise NotAllowed("sign in first", code="not_signed_in")
