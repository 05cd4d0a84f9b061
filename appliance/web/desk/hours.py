"""This file is opening hours, closed days and the telephone list, as volunteers set them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from appliance.core.day_time import read_day, spans_text
from appliance.errors import HienError
from appliance.service import rota as service
from appliance.store import rota as kept
from appliance.store import volunteers
from appliance.web import forms
from appliance.web.current import now, store, zone
from appliance.web.door.access import volunteers_only
from appliance.web.same_page import done_or_told
from appliance.web.words.duty import trouble

hours = Blueprint("hours", __name__)


@hours.get("/desk/hours")
@volunteers_only
def page() -> Response:
    return shown()


@hours.post("/desk/hours")
@volunteers_only
def set_hours() -> Response:
    """Fields day0 (Monday) to day6, each "7:30-11:30, 13:30-17:00" or empty."""
    forms.small_form()
    weekly = {n: forms.text(f"day{n}", most=120) for n in range(7)}
    return done(lambda: service.set_hours(store(), now(), weekly))


@hours.post("/desk/hours/closed")
@volunteers_only
def close() -> Response:
    """Fields first, last (empty: the same day) and reason."""
    forms.small_form()

    def act() -> None:
        first = read_day(forms.text("first", most=20))
        typed_last = forms.text("last", most=20)
        last = read_day(typed_last) if typed_last else first
        today = now().local(zone()).date()
        reason = forms.text("reason", most=60)
        service.close_days(store(), now(), first, last, reason, today=today)

    return done(act)


@hours.post("/desk/hours/open-again")
@volunteers_only
def open_again() -> Response:
    forms.small_form()
    return done(lambda: service.open_again(store(), now(), read_day(forms.text("day", most=20))))


@hours.post("/desk/hours/on-call")
@volunteers_only
def put_on_call() -> Response:
    forms.small_form()
    return done(
        lambda: service.put_on_call(
            store(), forms.whole("volunteer", least=1, most=999_999_999),
            forms.text("phone", most=40),
        )
    )  # fmt: skip


@hours.post("/desk/hours/off-call")
@volunteers_only
def off_call() -> Response:
    forms.small_form()
    return done(
        lambda: service.off_call(store(), forms.whole("volunteer", least=1, most=999_999_999))
    )


def done(act: Callable[[], object]) -> Response:
    return done_or_told(act, "hours.page", shown)


def shown(error: HienError | None = None, status: int = 200) -> Response:
    today = now().local(zone()).date()
    opening = kept.opening(store())
    weekly = {n: spans_text(opening.weekly.get(n, ())) for n in range(7)}
    wrong_day = -1
    code = error.code if error else ""
    if code.startswith("hours_day_"):
        wrong_day = int(code[-1])
        weekly = {n: request.form.get(f"day{n}", "")[:120] for n in range(7)}
    page = render_template(
        "hours.html",
        weekly=weekly,
        wrong_day=wrong_day,
        closed=kept.closed_days(store(), today.isoformat()),
        on_call=kept.on_call(store()),
        people=volunteers.active(store()),
        today=today,
        trouble=trouble("bad_time" if wrong_day >= 0 else code) if error else "",
    )
    return make_response(page, status)
