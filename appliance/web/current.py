"""This file is what a view asks for: the parts, this thread's store, the time, who is signed in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import current_app, g, request

from appliance.core.moment import Moment
from appliance.service import volunteers
from appliance.store.database import Row, Store
from appliance.web.parts import WebParts

if TYPE_CHECKING:
    from appliance.web.live import Hub

SESSION_COOKIE = "hien_session"


@dataclass(frozen=True)
class Site:
    """One app's own things. Kept at app.extensions["hien"]."""

    parts: WebParts
    hub: Hub
    local: threading.local = field(default_factory=threading.local)


def site() -> Site:
    found = current_app.extensions["hien"]
    assert isinstance(found, Site)
    return found


def parts() -> WebParts:
    return site().parts


def store() -> Store:
    """This thread's connection to the table, opened when first asked for."""
    local = site().local
    if not hasattr(local, "store"):
        local.store = parts().store()
    opened = local.store
    assert isinstance(opened, Store)
    return opened


def now() -> Moment:
    return parts().clock.now()


def zone() -> str:
    return parts().house.zone


def current_volunteer() -> Row | None:
    """The volunteer of this request's session ({id, name, desk, shows_name}), or None."""
    if "volunteer" not in g:
        token = request.cookies.get(SESSION_COOKIE, "")
        g.volunteer = (
            volunteers.who_is(store(), now(), token, parts().config["web.session_h"])
            if 20 <= len(token) <= 100
            else None
        )
    found: Row | None = g.volunteer
    return found


def volunteer() -> Row:
    """The signed-in volunteer, inside a view marked @volunteers_only."""
    found = current_volunteer()
    assert found is not None
    return found


def wants_json() -> bool:
    """True when the client asks for JSON rather than a page (Accept header)."""
    accepted = request.accept_mimetypes
    return bool(accepted["application/json"] > accepted["text/html"])
