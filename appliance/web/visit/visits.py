"""This file is the visit's screen: which papers, one tap to photograph each, aside and on again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.errors import Conflict, NotFound, TooMany
from appliance.service import capture
from appliance.service import visits as service
from appliance.store import visits as kept
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer, wants_json
from appliance.web.desk.done import key_of
from appliance.web.door.access import volunteers_only
from appliance.web.visit.next_day import catalogue_of
from appliance.web.visit.shutter import shutter_is_on
from appliance.web.visit.view import slip_view, visit_view
from appliance.web.words.desk import visit_trouble
from appliance.web.words.hint import HINTS
from appliance.web.words.slip import slip_words

visits = Blueprint("visits", __name__)

Act = Callable[[], Any]


@visits.get("/visits/<visit_id>")
@volunteers_only
def page(visit_id: str) -> str:
    return shown(visit_or_404(visit_id))


@visits.post("/visits/<visit_id>/service")
@volunteers_only
def change_service(visit_id: str) -> Response:
    forms.small_form()
    service_id = forms.text("service", most=40)
    return acted(
        visit_id,
        lambda: service.change_service(
            store(), now(), visit_id, service_id, catalogue_of(visit_or_404(visit_id))
        ),
    )


@visits.post("/visits/<visit_id>/papers/<paper_id>/photo")
@volunteers_only
def photograph(visit_id: str, paper_id: str) -> Response:
    forms.small_form()
    return acted(
        visit_id,
        lambda: {
            "capture": capture.ask_page(
                store(), now(), key=forms.key(), visit_id=visit_id, paper_id=paper_id,
                catalogue=catalogue_of(visit_or_404(visit_id)), sheet=forms.sheet(),
                lies_there=parts().ram.hint().get("sheet", ""),
            )
        },
    )  # fmt: skip


@visits.post("/visits/<visit_id>/papers/<paper_id>/shown")
@volunteers_only
def show_paper(visit_id: str, paper_id: str) -> Response:
    """The tick for a paper that is only looked at; `shown` 1 sets it, 0 takes it back."""
    forms.small_form()
    ticked = forms.whole("shown", least=0, most=1) == 1
    return acted(
        visit_id,
        lambda: service.show_paper(
            store(), visit_id, paper_id, ticked, catalogue_of(visit_or_404(visit_id))
        ),
        anchor="papers",
    )


@visits.post("/visits/<visit_id>/slip-key")
@volunteers_only
def read_slip(visit_id: str) -> Response:
    """The resident's slip lies under the camera: its code opens the sealed pages again."""
    forms.small_form()
    return acted(
        visit_id,
        lambda: {"capture": capture.ask_key(store(), now(), key=forms.key(), visit_id=visit_id)},
    )


@visits.post("/visits/<visit_id>/aside")
@volunteers_only
def park(visit_id: str) -> Response:
    forms.small_form()
    visit = visit_or_404(visit_id)

    def act() -> None:
        _not_closed(visit)
        service.park(store(), parts().ram, now(), visit_id)

    return acted(visit_id, act, to=url_for("desk.page", said="put_aside", number=visit["number"]))


@visits.post("/visits/<visit_id>/go-on")
@volunteers_only
def go_on(visit_id: str) -> Response:
    forms.small_form()
    visit = visit_or_404(visit_id)

    def act() -> None:
        _not_closed(visit)
        service.go_on(store(), now(), visit_id)

    return acted(visit_id, act)


@visits.post("/visits/<visit_id>/slip")
@volunteers_only
def print_slip(visit_id: str) -> Response:
    """The visit's slip once more; a second tap finds the first one's job."""
    forms.small_form()
    return acted(visit_id, lambda: {"job": service.print_slip_again(store(), now(), visit_id)})


def visit_or_404(visit_id: str) -> Row:
    row = kept.get(store(), visit_id)
    if row is None:
        raise NotFound("this visit is not known", code="unknown_visit")
    return row


def shown(visit: Row, trouble: str = "") -> str:
    """The page of a visit: at work, laid aside, or finished with its slip."""
    at = now()
    me = volunteer()
    view = visit_view(parts(), store(), at, visit, _aim())
    job = slip_view(store(), visit["id"])
    template = "visit_over.html" if visit["state"] == "closed" else "visit.html"
    return render_template(
        template,
        **view,
        job=job,
        slip=slip_words(job) if job else None,
        trouble=trouble,
        hints=HINTS,
        by_itself=shutter_is_on(),
        key=lambda *what: key_of("visit", me["id"], visit["id"], view["capture"]["id"], *what),
    )


def acted(
    visit_id: str, act: Act, *, anchor: str = "", to: str | Callable[[], str] = ""
) -> Response:
    """Do it, then show the visit again, or `to` (asked for afterwards). What the visit's own state
    forbids is said on its page, which is also the way on; the status stays that of the error."""
    visit_or_404(visit_id)
    if wants_json():
        return jsonify(act() or {"visit": visit_id})
    try:
        act()
    except (Conflict, TooMany) as e:
        status = 409 if isinstance(e, Conflict) else 429
        return make_response(shown(visit_or_404(visit_id), visit_trouble(e.code)), status)
    here = url_for("visits.page", visit_id=visit_id, aim=_aim() or None, _anchor=anchor or None)
    there = to if isinstance(to, str) else to()
    return redirect(there or here, code=303)


def back_anchor() -> str:
    """The part of the page a form sits in, to come back to; only our own names."""
    return "pages" if request.form.get("at") == "pages" else ""


def _aim() -> str:
    """The paper of which more pages are to come, from the address or the form."""
    return (request.values.get("aim") or "")[:60]


def _not_closed(visit: Row) -> None:
    if visit["state"] == "closed":
        raise Conflict("this visit is finished", code="visit_closed")
