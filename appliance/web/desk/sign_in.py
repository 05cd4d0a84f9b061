"""This file signs volunteers in with a PIN, and out again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from appliance.core.pin import PIN
from appliance.errors import Conflict, NotAllowed
from appliance.service import phones, volunteers
from appliance.store import volunteers as kept
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import SESSION_COOKIE, current_volunteer, now, parts, store
from appliance.web.door.access import open_to_all

sign_in = Blueprint("sign_in", __name__, url_prefix="/desk")
DESK = "/desk"
PHONE_COOKIE = "hien_phone"


@sign_in.get("/sign-in")
@open_to_all
def page() -> Response | str:
    back = forms.own_path(request.args.get("next"), DESK)
    if current_volunteer() is not None:
        return redirect(back, code=303)
    return _page(back)


@sign_in.post("/sign-in")
@open_to_all
def enter() -> Response | tuple[str, int]:
    forms.small_form()
    back = forms.own_path(request.form.get("next"), DESK)
    phone = this_phone()
    if phone is not None and phone["revoked_at"] is not None:
        raise Conflict("this telephone was put out; scan the code again", code="phone_out")
    try:
        token, _who = tried(phone)
    except NotAllowed:
        return _page(back, wrong=True, chosen=request.form.get("volunteer", "")), 403
    if phone is not None:
        phones.signed_in(store(), phone, token)
    return keep_session(redirect(back, code=303), token)


def this_phone() -> Row | None:
    """The telephone this browser joined as, also one that was put out since."""
    return phones.known(store(), request.cookies.get(PHONE_COOKIE, ""))


def tried(phone: Row | None = None) -> tuple[str, Row]:
    """(session token, volunteer) of the form's fields volunteer and pin, from a known `phone`.

    Raises NotAllowed (wrong_pin), TooMany (too_many_pins).
    """
    pin = request.form.get("pin", "")
    chosen = request.form.get("volunteer", "")
    if not PIN.fullmatch(pin) or not chosen.isascii() or not chosen.isdigit():
        pin = ""  # never right; counted and delayed like any other
    volunteer_id = int(chosen[:9]) if chosen.isascii() and chosen.isdigit() else 0
    hours = parts().config["web.session_h"]
    own = phone["id"] if phone is not None and phone["volunteer_id"] == volunteer_id else ""
    return volunteers.sign_in(
        store(), now(), volunteer_id=volunteer_id, pin=pin, hours=hours, own_phone=own
    )


def keep_session(response: Response, token: str) -> Response:
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=parts().config["web.session_h"] * 3600,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
        path="/",
    )
    return response


@sign_in.post("/sign-out")
@open_to_all
def leave() -> Response:
    token = request.cookies.get(SESSION_COOKIE, "")
    if 20 <= len(token) <= 100:
        volunteers.sign_out(store(), now(), token)
    response = redirect("/", code=303)
    response.delete_cookie(SESSION_COOKIE, path="/", samesite="Strict", httponly=True)
    return response


def shown_name(volunteer: Row) -> str:
    """The name as far as its owner agreed to have it shown."""
    if volunteer["shows_name"]:
        return str(volunteer["name"])
    return str(_("Tình nguyện viên %(n)s", n=volunteer["id"]))


def _page(back: str, *, wrong: bool = False, chosen: str = "") -> str:
    people = [(str(v["id"]), shown_name(v)) for v in kept.active(store())]
    phone = this_phone()
    if phone is not None and phone["revoked_at"] is None:  # its owner need only give the PIN
        chosen = chosen or str(phone["volunteer_id"])
    return render_template("sign_in.html", people=people, back=back, wrong=wrong, chosen=chosen)
