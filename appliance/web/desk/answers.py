"""This file takes the desk's answers: who comes to help, whether a slip came out."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from appliance.core.help_call import ETA_MIN_MOST
from appliance.errors import NotFound
from appliance.service import help as help_service
from appliance.service import slips
from appliance.store import print_jobs
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.desk.done import done
from appliance.web.door.access import volunteers_only

answers = Blueprint("answers", __name__)


@answers.post("/desk/slips/<int:job_id>/came-out")
@volunteers_only
def came_out(job_id: int) -> Response:
    forms.small_form()

    def act() -> Row:
        slips.it_came_out(store(), parts().ram, now(), job_id)
        return _job(job_id)

    return done(act, to=_way_back)


@answers.post("/desk/slips/<int:job_id>/print-again")
@volunteers_only
def print_again(job_id: int) -> Response:
    forms.small_form()
    return done(lambda: _job(slips.print_again(store(), now(), job_id)), to=_way_back)


@answers.post("/desk/help/<call_id>/answer")
@volunteers_only
def answer_help(call_id: str) -> Response:
    forms.small_form()
    eta_min = forms.whole("eta_min", least=0, most=ETA_MIN_MOST)
    me = volunteer()
    return done(
        lambda: help_service.answer(
            store(), now(), call_id, who=me["name"] if me["shows_name"] else "",
            eta_min=eta_min, by_ward=False,
        )
    )  # fmt: skip


@answers.post("/desk/help/<call_id>/close")
@volunteers_only
def close_help(call_id: str) -> Response:
    forms.small_form()

    def act() -> Row:
        help_service.close(store(), now(), call_id)
        return {"id": call_id, "state": "closed"}

    return done(act)


def _way_back(row: Row) -> str:
    """A question about a slip is asked at the desk and in the visit: back to where it was."""
    return forms.own_path(request.form.get("back"), url_for("desk.page"))


def _job(job_id: int) -> Row:
    row = print_jobs.get(store(), job_id)
    if row is None:
        raise NotFound("this slip is not known", code="unknown_job")
    return {"id": row["id"], "state": row["state"]}
