"""This file is the volunteer's desk: call, call again, absent, take off, undo, take a number."""

from __future__ import annotations

import re

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.core.ticket import CANCEL_REASONS
from appliance.errors import BadInput, NotFound
from appliance.service import call_next, catalogue, slips, visits
from appliance.service.take_ticket import take_ticket
from appliance.store import tickets
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.desk.done import done
from appliance.web.desk.view import desk_view
from appliance.web.door.access import volunteers_only
from appliance.web.words.desk import ETA_MIN, REASONS, SOURCES, UNDO, machines, said_words, waited

desk = Blueprint("desk", __name__)

_CODE = re.compile(r"[a-z_]{2,40}")


@desk.get("/desk")
@volunteers_only
def page() -> str:
    said = request.args.get("said", "")
    return render_template(
        "desk.html",
        **desk_view(parts(), store(), now(), volunteer()),
        catalogue=parts().catalogue,
        machines=machines(parts(), now()),
        reasons=REASONS,
        etas_min=ETA_MIN,
        waited=waited,
        undo_words=UNDO,
        source_words=SOURCES,
        said=said_words(said, request.args.get("number", "")) if _CODE.fullmatch(said) else "",
    )


@desk.post("/desk/call-next")
@volunteers_only
def call() -> Response:
    forms.small_form()
    return done(lambda: call_next.call_next(store(), now(), key=forms.key(), volunteer=volunteer()))


@desk.post("/desk/tickets/<ticket_id>/call")
@volunteers_only
def call_this(ticket_id: str) -> Response:
    forms.small_form()
    return done(
        lambda: call_next.call_next(
            store(), now(), key=forms.key(), volunteer=volunteer(), ticket_id=ticket_id
        )
    )


@desk.post("/desk/tickets/<ticket_id>/call-again")
@volunteers_only
def call_again(ticket_id: str) -> Response:
    forms.small_form()
    return done(
        lambda: call_next.call_again(
            store(), now(), key=forms.key(), volunteer=volunteer(), ticket_id=ticket_id
        )
    )


@desk.post("/desk/tickets/<ticket_id>/absent")
@volunteers_only
def absent(ticket_id: str) -> Response:
    forms.small_form()
    return done(
        lambda: call_next.absent(
            store(), now(), key=forms.key(), volunteer=volunteer(), ticket_id=ticket_id
        )
    )


@desk.post("/desk/tickets/<ticket_id>/cancel")
@volunteers_only
def cancel(ticket_id: str) -> Response:
    forms.small_form()
    reason = forms.text("reason", most=20)
    if reason not in CANCEL_REASONS:
        raise BadInput("reason: one of " + ", ".join(CANCEL_REASONS), code="bad_reason")
    return done(
        lambda: call_next.cancel(
            store(), now(), key=forms.key(), volunteer=volunteer(), ticket_id=ticket_id,
            reason=reason,
        )
    )  # fmt: skip


@desk.post("/desk/tickets/<ticket_id>/bring-back")
@volunteers_only
def bring_back(ticket_id: str) -> Response:
    forms.small_form()
    return done(
        lambda: call_next.bring_back(
            store(), now(), key=forms.key(), volunteer=volunteer(), ticket_id=ticket_id
        )
    )


@desk.post("/desk/undo")
@volunteers_only
def undo() -> Response:
    forms.small_form()
    action_id = forms.whole("action", least=1, most=999_999_999)
    return done(lambda: call_next.undo(store(), now(), volunteer=volunteer(), action_id=action_id))


@desk.post("/desk/tickets/<ticket_id>/open")
@volunteers_only
def open_visit(ticket_id: str) -> Response:
    forms.small_form()
    return done(
        lambda: visits.open_visit(
            store(),
            now(),
            key=forms.key(),
            volunteer=volunteer(),
            ticket_id=ticket_id,
            catalogue_id=catalogue.keep(store(), now(), parts().catalogue, parts().guide),
        ),
        to=lambda visit: url_for("visits.page", visit_id=visit["id"]),
    )


@desk.post("/desk/tickets")
@volunteers_only
def take() -> Response:
    """A number for somebody who would rather not use the tablet."""
    forms.small_form()

    def act() -> Row:
        taken = take_ticket(
            store(),
            parts().ram,
            now(),
            key=forms.key(),
            service_id=forms.text("service", most=40),
            channel="desk",
            catalogue=parts().catalogue,
            zone=parts().house.zone,
            per_minute=parts().config["web.tickets_per_minute"],
        )
        return {"id": taken.id, "number": taken.number, "state": "waiting"}

    return done(act, said="taken")


@desk.post("/desk/tickets/<ticket_id>/print")
@volunteers_only
def print_ticket(ticket_id: str) -> Response:
    """The slip once more; a second tap finds the first one's job."""
    forms.small_form()

    def act() -> Row:
        ticket = _ticket(ticket_id)
        slips.print_again(store(), now(), ticket["job_id"])
        return ticket

    return done(act, said="printing")


def _ticket(ticket_id: str) -> Row:
    row = tickets.get(store(), ticket_id)
    if row is None or row["job_id"] is None:
        raise NotFound("this number is not known", code="unknown_ticket")
    return row
