"""This file is the rota at the desk: shifts planned, swapped, dropped, read from a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from appliance.core import rota as rules
from appliance.core.day_time import Span, read_clock, read_day
from appliance.errors import HienError
from appliance.service import rota as service
from appliance.store import rota as kept
from appliance.store import volunteers
from appliance.web import forms
from appliance.web.current import now, store, volunteer, zone
from appliance.web.door.access import volunteers_only
from appliance.web.same_page import done_or_told
from appliance.web.words.duty import trouble, why_not

rota = Blueprint("rota", __name__)

SHOWN_DAYS = 28
_FIELDS = ("volunteer", "day", "session", "from", "to", "weeks")


@rota.get("/desk/rota")
@volunteers_only
def page() -> Response:
    return shown()


@rota.post("/desk/rota")
@volunteers_only
def plan() -> Response:
    """Fields volunteer, day, session (morning, afternoon, evening, day, other), from, to, weeks."""
    forms.small_form()

    def act() -> None:
        who = forms.whole("volunteer", least=1, most=999_999_999)
        first = read_day(forms.text("day", most=20))
        weeks = forms.whole("weeks", least=1, most=rules.MOST_WEEKS)
        session = forms.text("session", most=12)
        today = now().local(zone()).date()
        days = rules.weekly(first, weeks)
        if session == "other":
            spans = [
                Span(read_clock(forms.text("from", most=8)), read_clock(forms.text("to", most=8)))
            ]
        else:
            spans = rules.session_spans(session, kept.opening(store()).of_day(first))
        service.plan(store(), now(), volunteer_id=who, days=days, spans=spans, today=today)

    return done(act)


@rota.post("/desk/rota/file")
@volunteers_only
def plan_file() -> Response:
    """A roster file (field `file`), all or nothing."""
    forms.small_form(rules.FILE_MOST_BYTES + forms.SMALL_FORM_BYTES)

    def act() -> None:
        sent = request.files.get("file")
        data = sent.stream.read(rules.FILE_MOST_BYTES + 1) if sent else b""
        service.plan_file(store(), now(), data, today=now().local(zone()).date())

    return done(act)


@rota.post("/desk/rota/per-session")
@volunteers_only
def per_session() -> Response:
    forms.small_form()
    return done(
        lambda: service.set_per_session(
            store(), forms.whole("most", least=1, most=rules.PER_SESSION_MOST)
        )
    )


@rota.post("/desk/rota/<int:shift_id>/offer")
@volunteers_only
def offer(shift_id: int) -> Response:
    forms.small_form()
    return done(lambda: service.offer(store(), now(), shift_id, volunteer()["id"]))


@rota.post("/desk/rota/<int:shift_id>/keep")
@volunteers_only
def keep(shift_id: int) -> Response:
    forms.small_form()
    return done(lambda: service.keep(store(), shift_id, volunteer()["id"]))


@rota.post("/desk/rota/<int:shift_id>/take")
@volunteers_only
def take(shift_id: int) -> Response:
    forms.small_form()
    return done(lambda: service.take(store(), now(), shift_id, volunteer()["id"]))


@rota.post("/desk/rota/<int:shift_id>/drop")
@volunteers_only
def drop(shift_id: int) -> Response:
    forms.small_form()
    return done(lambda: service.drop(store(), now(), shift_id))


def done(act: Callable[[], object]) -> Response:
    """Do it and show the rota; what stands in the way is said there, what was typed is kept."""
    return done_or_told(act, "rota.page", shown)


def shown(error: HienError | None = None, status: int = 200) -> Response:
    today = now().local(zone()).date()
    rows = kept.shifts(store(), today.isoformat(), (today + timedelta(days=SHOWN_DAYS)).isoformat())
    days = [(day, list(rows_of)) for day, rows_of in groupby(rows, key=lambda r: r["day_on"])]
    typed = {name: request.form.get(name, "")[:40] for name in _FIELDS} if error else {}
    page = render_template(
        "rota.html",
        days=days,
        me=volunteer(),
        people=volunteers.active(store()),
        opening=kept.opening(store()),
        per_session=kept.per_session(store()),
        today=today,
        last_day=today + timedelta(days=rules.AHEAD_DAYS),
        most_weeks=rules.MOST_WEEKS,
        typed=typed,
        trouble=trouble(error.code) if error else "",
        why=why_not(error),
    )
    return make_response(page, status)
