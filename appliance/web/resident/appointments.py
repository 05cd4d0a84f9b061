"""This file is the appointment: three taps at the tablet, a list at the desk, a calendar entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.core import appointment as rules
from appliance.core.day_time import read_day
from appliance.errors import Conflict, HienError, NotFound, TooMany
from appliance.service import appointments as service
from appliance.store import appointments as kept
from appliance.store import rota
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import current_volunteer, now, parts, store, wants_json, zone
from appliance.web.door.access import open_to_all, volunteers_only
from appliance.web.same_page import done_or_told
from appliance.web.words.duty import trouble

appointments = Blueprint("appointments", __name__)


@appointments.get("/appointments")
@open_to_all
def choose() -> str:
    """What for? Then which day, then which half hour."""
    return render_template(
        "appointment_choose.html", services=parts().catalogue.services,
        any_hours=rota.opening(store()).known,
    )  # fmt: skip


@appointments.get("/appointments/for/<service_id>")
@open_to_all
def choose_day(service_id: str) -> str:
    found = parts().catalogue.service(service_id)
    today = now().local(zone()).date()
    days = [
        (day, len(service.places(store(), now(), day, zone())))
        for day in rules.days_ahead(today, rota.opening(store()))[:12]
    ]
    return render_template("appointment_day.html", service=found, days=days)


@appointments.get("/appointments/for/<service_id>/<day_on>")
@open_to_all
def choose_time(service_id: str, day_on: str) -> Response:
    return times(service_id, read_day(day_on))


@appointments.post("/appointments")
@open_to_all
def book() -> Response:
    """Fields service, day, from_min, key. 303 to the appointment, JSON 201 {id, code}."""
    forms.small_form()
    service_id, day = forms.text("service", most=60), read_day(forms.text("day", most=20))
    try:
        row = service.book(
            store(), now(), key=forms.key(), service_id=service_id, day=day,
            from_min=forms.whole("from_min", least=0, most=1439),
            channel="desk" if current_volunteer() else "tablet",
            catalogue=parts().catalogue, zone=zone(),
        )  # fmt: skip
    except (Conflict, TooMany) as e:
        if wants_json():
            raise
        return times(service_id, day, e)
    if wants_json():
        return make_response(jsonify(id=row["id"], code=row["code"]), 201)
    return redirect(url_for("appointments.page", appointment_id=row["id"]), code=303)


@appointments.get("/appointments/<appointment_id>")
@open_to_all
def page(appointment_id: str) -> str:
    row = _row(appointment_id)
    return render_template(
        "appointment.html", one=row, service=_service(row),
        slip=kept.slip_job(store(), appointment_id),
    )  # fmt: skip


@appointments.post("/appointments/<appointment_id>/cancel")
@open_to_all
def cancel(appointment_id: str) -> Response:
    forms.small_form()
    service.cancel(store(), now(), appointment_id)
    return redirect(url_for("appointments.page", appointment_id=appointment_id), code=303)


@appointments.get("/appointments/<appointment_id>/hen.ics")
@open_to_all
def as_ical(appointment_id: str) -> Response:
    """The same for a telephone's calendar (RFC 5545), in UTC."""
    row = _row(appointment_id)
    begins, ends = (
        _utc(row, row[name]).strftime("%Y%m%dT%H%M%SZ") for name in ("from_min", "to_min")
    )
    found = _service(row)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hien//appointment//VI", "BEGIN:VEVENT",
        f"UID:{row['id']}@{parts().house.id}", f"DTSTAMP:{_stamp(row['made_at'])}",
        f"DTSTART:{begins}", f"DTEND:{ends}",
        f"SUMMARY:{_escaped(found.name if found else 'Hẹn')} ({row['code']})",
        f"LOCATION:{_escaped(parts().house.name)}",
        "STATUS:" + ("CANCELLED" if row["state"] == "cancelled" else "CONFIRMED"),
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return Response(
        "\r\n".join(lines) + "\r\n",
        mimetype="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="hen.ics"'},
    )


@appointments.get("/desk/appointments")
@volunteers_only
def at_desk() -> Response:
    return listed()


@appointments.post("/desk/appointments/<appointment_id>/came")
@volunteers_only
def came(appointment_id: str) -> Response:
    """`present`: how many of those who were to come are here."""
    forms.small_form()
    return done(
        lambda: service.came(
            store(), now(), appointment_id, forms.whole("present", least=0, most=9)
        )
    )


@appointments.post("/desk/appointments/<appointment_id>/cancel")
@volunteers_only
def cancel_at_desk(appointment_id: str) -> Response:
    forms.small_form()
    return done(lambda: service.cancel(store(), now(), appointment_id))


def done(act: Callable[[], object]) -> Response:
    return done_or_told(act, "appointments.at_desk", listed)


def listed(error: HienError | None = None, status: int = 200) -> Response:
    today_on = now().local(zone()).date().isoformat()
    ahead = [row for row in kept.booked(store(), today_on) if row["day_on"] != today_on]
    page = render_template(
        "desk_appointments.html",
        today=[_dressed(row) for row in kept.of_day(store(), today_on)],
        ahead=[_dressed(row) for row in ahead],
        trouble=trouble(error.code) if error else "",
    )
    return make_response(page, status)


def times(service_id: str, day: date, error: HienError | None = None) -> Response:
    page = render_template(
        "appointment_time.html",
        service=parts().catalogue.service(service_id),
        day=day,
        places=service.places(store(), now(), day, zone()),
        trouble=trouble(error.code) if error else "",
    )
    return make_response(page, 409 if error else 200)


def _dressed(row: Row) -> Row:
    """With whether somebody has a shift then, and the service."""
    planned = rota.spans_of_day(store(), date.fromisoformat(row["day_on"]))
    helper = any(s.from_min <= row["from_min"] and row["to_min"] <= s.to_min for s in planned)
    return {**row, "helper": helper, "service": _service(row)}


def _service(row: Row) -> Any:
    return next((s for s in parts().catalogue.services if s.id == row["service_id"]), None)


def _row(appointment_id: str) -> Row:
    row = kept.get(store(), appointment_id)
    if row is None:
        raise NotFound("this appointment is not known", code="unknown_appointment")
    return row


def _utc(row: Row, minute: int) -> datetime:
    midnight = datetime.combine(date.fromisoformat(row["day_on"]), time(), ZoneInfo(zone()))
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)


def _stamp(at_text: str) -> str:
    return at_text[:19].replace("-", "").replace(":", "") + "Z"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
