"""This file lets a telephone join by a code on the desk's screen, and lists them all."""

from __future__ import annotations

from typing import Any

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
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance.core.phone import kind_of
from appliance.errors import NotAllowed, TooMany
from appliance.service import phones as service
from appliance.service import volunteers
from appliance.store import phones as kept
from appliance.store import volunteers as people
from appliance.web import forms
from appliance.web.current import SESSION_COOKIE, now, parts, store, volunteer, wants_json
from appliance.web.desk.sign_in import PHONE_COOKIE, keep_session, shown_name, tried
from appliance.web.door.access import open_to_all, volunteers_only
from appliance.web.link_code import code_picture, for_others
from appliance.web.visit.links import LINK_S, Links

phones = Blueprint("phones", __name__)

KINDS = {
    "android": _l("điện thoại Android"),
    "iphone": _l("điện thoại iPhone"),
    "other": _l("máy khác"),
}
PHONE_KEPT_S = 180 * 24 * 3600


@phones.get("/desk/phones")
@volunteers_only
def page() -> Response | str:
    """Every telephone that may come in and every other session, and the code for a new one."""
    listed = [_shown(row) for row in kept.joined(store(), now().at_text)]
    mine = volunteers.token_hash(request.cookies.get(SESSION_COOKIE, ""))
    others = [
        {**_shown(row), "mine": row["token_hash"] == mine, "token_hash": None}
        for row in kept.other_sessions(store(), now().at_text)
    ]
    if wants_json():
        return jsonify(phones=listed, others=others)
    link = joins().newest_of(_subject(), now().mono_ms)
    address = for_others(url_for("phones.offer", token=link.token)) if link else ""
    return render_template(
        "phones.html",
        phones=listed,
        others=others,
        kinds=KINDS,
        address=address,
        code=code_picture(address) if address else "",
        left_min=max(1, round((link.ends_mono_ms - now().mono_ms) / 60_000)) if link else 0,
    )


@phones.post("/desk/phones/code")
@volunteers_only
def make_code() -> Response:
    """A new one-time code; the one this volunteer showed before ends."""
    forms.small_form()
    link = joins().make(_subject(), now().mono_ms, key=forms.key())
    if wants_json():
        return jsonify(address=for_others(url_for("phones.offer", token=link.token)))
    return redirect(url_for("phones.page", _anchor="code"), code=303)


@phones.post("/desk/phones/<phone_id>/out")
@volunteers_only
def put_out(phone_id: str) -> Response:
    forms.small_form()
    service.put_out(store(), now(), phone_id)
    return _listed()


@phones.post("/desk/sessions/<int:session_id>/out")
@volunteers_only
def end_session(session_id: int) -> Response:
    forms.small_form()
    service.end_other(store(), now(), min(session_id, 2**53))
    return _listed()


@phones.get("/join/<token>")
@open_to_all
def offer(token: str) -> Response:
    """What the telephone opens. Looking, also by a preview of the link, uses nothing up."""
    return _offered(token)


@phones.post("/join/<token>")
@open_to_all
def join(token: str) -> Response:
    """Fields volunteer and pin. A wrong PIN leaves the code usable; waits are the sign-in's."""
    forms.small_form()
    if joins().find(token, now().mono_ms) is None:
        return _offered(token)
    try:
        session, who = tried()
    except NotAllowed:
        return _offered(token, wrong=True)
    if joins().take(token, now().mono_ms) is None:  # somebody else was faster with this code
        volunteers.sign_out(store(), now(), session)
        return _offered(token)
    try:
        phone = service.join(
            store(), now(), volunteer_id=who["id"], session_token=session,
            kind=kind_of(request.headers.get("User-Agent", "")),
        )  # fmt: skip
    except TooMany:
        volunteers.sign_out(store(), now(), session)
        raise
    response = keep_session(redirect(url_for("desk.page", said="phone_joined"), code=303), session)
    response.set_cookie(
        PHONE_COOKIE, phone, max_age=PHONE_KEPT_S, httponly=True, samesite="Strict",
        secure=request.is_secure, path="/",
    )  # fmt: skip
    return response


def joins() -> Links:
    """This process's codes: in memory only, gone with a restart."""
    found = current_app.extensions.setdefault("hien_joins", Links())
    assert isinstance(found, Links)
    return found


def _subject() -> str:
    return f"join-{volunteer()['id']}"


def _listed() -> Response:
    return jsonify(ok=True) if wants_json() else redirect(url_for("phones.page"), code=303)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    name = shown_name({**row, "id": row["volunteer_id"]})
    return {**row, "name": name}


def _offered(token: str, *, wrong: bool = False) -> Response:
    link = joins().find(token, now().mono_ms)
    listed = [(str(v["id"]), shown_name(v)) for v in people.active(store())]
    page = render_template(
        "join.html", token=token if link else "", people=listed, wrong=wrong,
        chosen=request.form.get("volunteer", ""), minutes=LINK_S // 60, house=parts().house,
    )  # fmt: skip
    return make_response(page, 403 if wrong else 200 if link else 404)
