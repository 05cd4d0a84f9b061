"""This file lets a resident follow a dossier: by number and code of the slip, never one alone."""

from __future__ import annotations

import time

from flask import (
    Blueprint,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from appliance.errors import BadInput, NotFound
from appliance.service import dossiers as service
from appliance.web import forms
from appliance.web.current import now, store, wants_json
from appliance.web.door.access import open_to_all
from appliance.web.resident.tries import Tries
from appliance.web.words.dossier import trouble

follow = Blueprint("follow", __name__)


@follow.get("/follow")
@open_to_all
def page() -> Response:
    return shown()


@follow.post("/follow")
@open_to_all
def find() -> Response:
    """Fields number and code. 303 to the ticket's page; the same answer for either being wrong."""
    forms.small_form()
    tries, address = _tries(), request.remote_addr or ""
    tries.check(address, time.monotonic())
    try:
        number = forms.whole("number", least=1, most=99_999)
        row = service.find(store(), now(), number, request.form.get("code", ""))
    except BadInput as e:
        if wants_json():
            raise
        return shown(e.code, 400)
    if row is None:
        tries.wrong(address, time.monotonic())
        if wants_json():
            raise NotFound("no dossier of this number and code", code="unknown_dossier")
        return shown("not_found", 404)
    if wants_json():
        return jsonify(ticket=row["ticket_id"], status=row["status"])
    return redirect(url_for("tickets.page", ticket_id=row["ticket_id"]), code=303)


def shown(code: str = "", status: int = 200) -> Response:
    typed = {name: request.form.get(name, "")[:12] for name in ("number", "code")} if code else {}
    page = render_template("follow.html", trouble=trouble(code) if code else "", typed=typed)
    return make_response(page, status)


def _tries() -> Tries:
    found = current_app.extensions.setdefault("hien_tries", Tries())
    assert isinstance(found, Tries)
    return found
