"""This file is the help button on every screen: called, answered, taken back."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.core.help_call import WITHDRAWN_A_MINUTE
from appliance.service import help as service
from appliance.web import forms
from appliance.web.current import now, store, wants_json, zone
from appliance.web.door.access import open_to_all
from appliance.web.snapshot import help_now

help_calls = Blueprint("help_calls", __name__)


@help_calls.get("/help")
@open_to_all
def page() -> Response | str:
    if wants_json():
        return jsonify(help_now(store(), now(), zone()))
    return render_template("help.html", back=forms.own_path(request.args.get("back")))


@help_calls.post("/help")
@open_to_all
def call() -> Response:
    """Call for help. A second press, on this or another screen, is the same call."""
    forms.small_form()
    service.call_help(store(), now(), key=forms.key(), source="tablet")
    return _on()


@help_calls.post("/help/withdraw")
@open_to_all
def withdraw() -> Response:
    forms.small_form()
    service.withdraw(store(), now(), most_a_minute=WITHDRAWN_A_MINUTE)
    return _on()


def _on() -> Response:
    if wants_json():
        return jsonify(help_now(store(), now(), zone()))
    back = forms.own_path(request.form.get("back"))
    return redirect(url_for("help_calls.page", back=back if back != "/help" else None), code=303)
