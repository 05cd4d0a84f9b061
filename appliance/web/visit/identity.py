"""This file shows what an identity card's code says, on its owner's request, and keeps nothing.

It lies in RAM with the visit's pages, goes with them, by a button, or by itself after five minutes.
"""

from __future__ import annotations

import math
import time

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.core.identity_code import FIELDS
from appliance.service import page_changes
from appliance.store import visits as kept
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.desk.done import key_of
from appliance.web.door.access import volunteers_only
from appliance.web.visit.visits import acted, visit_or_404
from appliance.web.words.identity import NAMES
from appliance.web.words.page import why_no_picture

identity = Blueprint("identity", __name__)


@identity.get("/visits/<visit_id>/card")
@volunteers_only
def page(visit_id: str) -> str:
    """First what will happen and a button; then the fields, until they are gone."""
    visit = visit_or_404(visit_id)
    newest = kept.newest_capture(store(), visit_id)
    ours = newest is not None and newest["kind"] == "card"
    state = newest["state"] if newest is not None and ours else "none"
    found = parts().ram.card(visit_id, time.time()) if visit["state"] == "open" else None
    return render_template(
        "card.html",
        visit=visit,
        reading="working" if state in ("queued", "working") else state,
        why=why_no_picture(newest["code"]) if newest and state == "failed" else "",
        fields=[(name, NAMES[name], found[0].get(name, "")) for name in FIELDS] if found else [],
        agrees=bool(found and found[0].get("agrees", True)),
        left_min=max(1, math.ceil(found[1] / 60)) if found else 0,
        left_s=math.ceil(found[1]) if found else 0,
        key=key_of("card", volunteer()["id"], visit_id, newest["id"] if newest else 0),
    )


@identity.post("/visits/<visit_id>/card/read")
@volunteers_only
def read(visit_id: str) -> Response:
    forms.small_form()
    parts().ram.drop_card(visit_id)
    return acted(
        visit_id,
        lambda: {
            "capture": page_changes.ask_card(store(), now(), key=forms.key(), visit_id=visit_id)
        },
        to=url_for("identity.page", visit_id=visit_id),
    )


@identity.post("/visits/<visit_id>/card/more")
@volunteers_only
def more(visit_id: str) -> Response:
    """Five minutes more, as often as wanted."""
    forms.small_form()
    visit_or_404(visit_id)
    parts().ram.touch_card(visit_id)
    return redirect(url_for("identity.page", visit_id=visit_id), code=303)


@identity.post("/visits/<visit_id>/card/erase")
@volunteers_only
def erase(visit_id: str) -> Response:
    """Gone at once; back to the visit."""
    forms.small_form()
    visit_or_404(visit_id)
    parts().ram.drop_card(visit_id)
    return redirect(url_for("visits.page", visit_id=visit_id), code=303)
