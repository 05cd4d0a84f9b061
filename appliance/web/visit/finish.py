"""This file ends a visit: what was done, what is missing, when to come back, and its slip."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from appliance.errors import BadInput, Conflict, NotFound
from appliance.service import slip_content
from appliance.service import visits as service
from appliance.store import print_jobs
from appliance.web import forms
from appliance.web.current import now, parts, store, wants_json
from appliance.web.door.access import volunteers_only
from appliance.web.drawn import slip_picture
from appliance.web.visit import hand_in
from appliance.web.visit.code_boxes import Boxes, boxes_of, day_of_code, sent_boxes, to_read_back
from appliance.web.visit.next_day import catalogue_of
from appliance.web.visit.view import missing_papers, visit_view
from appliance.web.visit.visits import shown, visit_or_404
from appliance.web.words.desk import DONE, NOT_DONE, visit_trouble

finish = Blueprint("finish", __name__)

MOST_YEARS = 2
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass
class Filled:
    """The form as it was sent, to be shown again when something in it cannot be taken."""

    done: list[str]
    missing: list[str]
    due_on: str = ""
    dossier_code: str = ""
    boxes: Boxes = field(default_factory=Boxes)
    read_back: str = ""
    not_done: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


@finish.get("/visits/<visit_id>/finish")
@volunteers_only
def form(visit_id: str) -> AnyResponse:
    visit = visit_or_404(visit_id)
    if visit["state"] == "closed":
        return redirect(url_for("visits.page", visit_id=visit_id), code=303)
    view = visit_view(parts(), store(), now(), visit)
    filled = Filled([], missing_papers(view), boxes=boxes_of(visit["dossier_code"] or ""))
    return _form(view, filled)


@finish.post("/visits/<visit_id>/finish")
@volunteers_only
def end(visit_id: str) -> AnyResponse:
    forms.small_form()
    visit = visit_or_404(visit_id)
    boxes = sent_boxes()
    filled = Filled(
        forms.ticked("done"),
        forms.ticked("missing", most=30),
        (request.form.get("due_on", "").strip() or request.form.get("due_choice", ""))[:20],
        boxes.text,
        boxes,
        not_done=forms.text("not_done", most=20),
    )
    due_on = _due_on(filled)
    _check_code(filled)
    if filled.wrong:
        if wants_json():
            code, message = next(iter(filled.wrong.items()))
            raise BadInput(message, code=f"bad_{code}")
        return _form(visit_view(parts(), store(), now(), visit), filled, 400)
    if filled.read_back and visit["state"] != "closed":
        return _form(visit_view(parts(), store(), now(), visit), filled)
    says_no = request.form.get("send_asked") and not request.form.get("send")
    catalogue = catalogue_of(visit)
    try:
        wanted = None if says_no else catalogue.service(visit["service_id"])
        with hand_in.sealed_for_ward(parts(), store(), visit, wanted) as dossier:
            job_id = service.finish(
                store(),
                parts().ram,
                now(),
                visit_id,
                catalogue=catalogue,
                done=filled.done,
                missing=filled.missing,
                due_on=due_on,
                dossier_code=filled.dossier_code,
                not_done=filled.not_done,
                dossier=dossier,
            )
    except NotFound as e:  # a paper of another service: the service was changed meanwhile
        raise BadInput(str(e), code=e.code) from e
    except Conflict as e:
        if wants_json():
            raise
        return make_response(shown(visit_or_404(visit_id), visit_trouble(e.code)), 409)
    if wants_json():
        return jsonify(visit=visit_id, job=job_id)
    return redirect(url_for("visits.page", visit_id=visit_id), code=303)


@finish.get("/visits/<visit_id>/slip.png")
@volunteers_only
def picture(visit_id: str) -> Response:
    """The slip as it goes to the printer: the same dots."""
    visit_or_404(visit_id)
    job = print_jobs.newest_of_visit(store(), visit_id)
    if job is None:
        raise NotFound("this visit has no slip yet", code="unknown_job")
    # A visit's slip carries a link, never a key.
    return slip_picture(slip_content.slip_of(job, parts().house, None))


def _form(view: dict[str, Any], filled: Filled, status: int = 200) -> AnyResponse:
    first, last = _first_and_last_day()
    page = render_template(
        "finish.html",
        **view,
        filled=filled,
        choices=DONE,
        reasons=NOT_DONE,
        day_of_code=day_of_code,
        first_day=first,
        last_day=last,
        to_ward=hand_in.takes_papers(parts()),
    )
    return make_response(page, status)


def _due_on(filled: Filled) -> str | None:
    """The next date as ISO text, or None; says in `filled.wrong` what is the matter with it."""
    if not filled.due_on:
        return None
    first, last = _first_and_last_day()
    try:
        if not _DATE.fullmatch(filled.due_on):
            raise ValueError
        day = date.fromisoformat(filled.due_on)
    except ValueError:
        filled.wrong["due_on"] = _("Chưa đọc được ngày này. Bạn chọn lại ngày, hoặc để trống.")
        return None
    if not first <= day <= last:
        filled.wrong["due_on"] = (
            _("Ngày này đã qua. Bạn chọn hôm nay hoặc một ngày sau.")
            if day < first
            else _("Ngày này xa quá hai năm. Bạn xem lại năm.")
        )
        return None
    return day.isoformat()


def _check_code(filled: Filled) -> None:
    try:
        filled.read_back = to_read_back(filled.dossier_code)
    except BadInput:
        filled.wrong["dossier_code"] = _(
            "Mã chưa đúng. Mã hồ sơ có dạng H15.50.05.13-261008-0975. Bạn xem lại từng chữ số."
        )


def _first_and_last_day() -> tuple[date, date]:
    today = now().local(parts().house.zone).date()
    try:
        return today, today.replace(year=today.year + MOST_YEARS)
    except ValueError:  # 29 February
        return today, today.replace(year=today.year + MOST_YEARS, day=28)
