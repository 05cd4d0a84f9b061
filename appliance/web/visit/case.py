"""This file asks a visit's few questions, so that the desk sees exactly the papers of this case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.errors import BadInput, Conflict
from appliance.service import catalogue as service
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import store as table
from appliance.web.current import wants_json
from appliance.web.door.access import volunteers_only
from appliance.web.resident.guide_view import case_page, of_service, read_case
from appliance.web.visit.next_day import shown_of
from appliance.web.visit.visits import shown, visit_or_404
from appliance.web.words.desk import visit_trouble

visit_case = Blueprint("visit_case", __name__)


@visit_case.get("/visits/<visit_id>/case")
@volunteers_only
def page(visit_id: str) -> Response | str:
    """`about` names a life event or procedure; the answers are the address's other fields."""
    visit = visit_or_404(visit_id)
    if visit["state"] == "closed":
        return redirect(url_for("visits.page", visit_id=visit_id), code=303)
    about = request.args.get("about", "") or _only_choice(visit)
    if not about:
        return render_template("visit_case.html", visit=visit, hits=_choices(visit), case=None)
    guide = shown_of(visit).guide
    before = visit["outcome"].get("case") or {}
    sent = request.args if len(request.args) > 1 else before.get("answers", {})
    asked = read_case(guide, about, sent, [])
    return render_template(
        "visit_case.html", visit=visit, hits=[], **case_page(guide, asked),
        change="change" in request.args,
    )  # fmt: skip


@visit_case.post("/visits/<visit_id>/case")
@volunteers_only
def choose(visit_id: str) -> Response:
    forms.small_form()
    visit = visit_or_404(visit_id)
    about = forms.text("about", most=40, least=1)
    try:
        service.choose_case(table(), visit_id, shown_of(visit).guide, about, request.form)
    except BadInput:  # a question was left out: it is asked again
        if wants_json():
            raise
        answers: dict[str, Any] = {k: request.form[k] for k in request.form if k != "key"}
        return redirect(url_for("visit_case.page", visit_id=visit_id, **answers), code=303)
    except Conflict as e:
        if wants_json():
            raise
        return make_response(shown(visit_or_404(visit_id), visit_trouble(e.code)), 409)
    return redirect(url_for("visits.page", visit_id=visit_id), code=303)


def _choices(visit: Row) -> list[object]:
    """What the visit's service leads to, without the help that has no papers."""
    view = shown_of(visit)
    found = next((s for s in view.catalogue.services if s.id == visit["service_id"]), None)
    hits = of_service(view.guide, found) if found else []
    return [hit for hit in hits if not hit.assist]


def _only_choice(visit: Row) -> str:
    choices = _choices(visit)
    if len(choices) != 1:
        return ""
    one = getattr(choices[0], "event", None) or getattr(choices[0], "procedure", None)
    return str(one.id) if one else ""
