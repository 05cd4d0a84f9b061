"""This file is what a view asks for: the parts, this thread's store, the time, who is signed in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import current_app, g, request

from appliance.core.moment import Moment
from appliance.service import volunteers
from appliance.service.practice import Begun
from appliance.store.database import Row, Store
from appliance.web.parts import WebParts

if TYPE_CHECKING:
    from appliance.web.live import Hub

SESSION_COOKIE = "hien_session"
PRACTICE_COOKIE = "hien_practice"


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


@dataclass(frozen=True)
class Practice:
    """A practice house one browser is in; `ends_mono_ms` on the monotonic clock."""

    token: str
    begun: Begun
    ends_mono_ms: int


def current_practice() -> Practice | None:
    """The practice house of this request, as web.practice.look found it; None in the real one."""
    found: Practice | None = g.get("practice")
    return found


def parts() -> WebParts:
    here = current_practice()
    return here.begun.parts if here else real_parts()


def real_parts() -> WebParts:
    return site().parts


def store() -> Store:
    """This thread's connection to the table, opened when first asked for; while practising, one
    to the practice house's table, for this request."""
    if (here := current_practice()) is not None:
        if "practice_store" not in g:
            g.practice_store = here.begun.parts.store()
        practised: Store = g.practice_store
        return practised
    return real_store()


def real_store() -> Store:
    local = site().local
    if not hasattr(local, "store"):
        local.store = real_parts().store()  # kept for all who come by this thread
    opened = local.store
    assert isinstance(opened, Store)
    return opened


def now() -> Moment:
    return parts().clock.now()


def zone() -> str:
    return parts().house.zone


def current_volunteer() -> Row | None:
    """Who is signed in ({id, name, desk, shows_name}), or None; while practising, who practises."""
    here = current_practice()
    if here is not None and real_volunteer() is not None:
        return here.begun.volunteer
    return real_volunteer()


def real_volunteer() -> Row | None:
    """The volunteer of this request's session in the real house, or None."""
    if "volunteer" not in g:
        token = request.cookies.get(SESSION_COOKIE, "")
        g.volunteer = (
            volunteers.who_is(real_store(), now(), token, real_parts().config["web.session_h"])
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
