"""This file is the switch of the automatic shutter: one for the box, and one for each screen."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from appliance.web import forms
from appliance.web.current import parts
from appliance.web.door.access import volunteers_only

COOKIE = "hien_shutter"
KEPT_S = 12 * 3600
OFF, ON = "0", "1"

shutter = Blueprint("shutter", __name__)


@shutter.post("/shutter")
@volunteers_only
def switch() -> Response:
    """`on` 1 or 0, for this screen, until the end of the shift."""
    forms.small_form()
    on = forms.whole("on", least=0, most=1)
    response = redirect(forms.own_path(request.form.get("back"), "/desk"), code=303)
    response.set_cookie(COOKIE, ON if on else OFF, max_age=KEPT_S, samesite="Strict", httponly=True)
    return response


def shutter_is_on() -> bool:
    """What this screen has chosen, else what the box is set to."""
    chosen = request.cookies.get(COOKIE)
    return chosen == ON if chosen in (ON, OFF) else parts().config["web.auto_shutter"] == "on"
