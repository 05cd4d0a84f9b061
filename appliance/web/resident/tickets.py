"""This file is the resident's number: taken in one tap, shown live, its slip printed again."""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.core.look_up import read_look
from appliance.errors import Conflict, NotFound
from appliance.service.slips import print_again
from appliance.service.take_ticket import take_ticket
from appliance.store import tickets as kept
from appliance.web import forms
from appliance.web.current import now, parts, store, wants_json, zone
from appliance.web.door.access import open_to_all
from appliance.web.resident.ticket_view import view
from appliance.web.words.wording import of_error

tickets = Blueprint("tickets", __name__)


@tickets.post("/tickets")
@open_to_all
def take() -> Response:
    """Form fields `service` and `key`. 303 to the ticket, or as JSON 201 {id, number}: both also
    when this key has its ticket already, so that a program may repeat a request it lost."""
    forms.small_form()
    taken = take_ticket(
        store(),
        parts().ram,
        now(),
        key=forms.key(),
        service_id=forms.text("service", most=60),
        channel="tablet",
        catalogue=parts().catalogue,
        zone=zone(),
        per_minute=parts().config["web.tickets_per_minute"],
    )
    address = url_for("tickets.page", ticket_id=taken.id)
    if wants_json():
        response = make_response(jsonify(id=taken.id, number=taken.number), 201)
        response.headers["Location"] = address
        return response
    return redirect(address, code=303)


@tickets.get("/tickets/<ticket_id>")
@open_to_all
def page(ticket_id: str) -> Response | str:
    seen = view(parts(), store(), now(), ticket_id)
    if wants_json():
        return jsonify(seen.as_json())
    return render_template("ticket.html", seen=seen, ticket=seen.ticket)


@tickets.post("/tickets/<ticket_id>/print")
@open_to_all
def print_slip(ticket_id: str) -> Response:
    """Print again what is not on paper. Two taps are one slip."""
    forms.small_form()
    seen = view(parts(), store(), now(), ticket_id)
    if seen.job is None or seen.slip in ("printed", "asked"):
        raise Conflict("the volunteer at the desk can print it again", code="ask_at_the_desk")
    if seen.slip == "not_printed":
        print_again(store(), now(), seen.job["id"])
    if wants_json():
        return make_response(jsonify(view(parts(), store(), now(), ticket_id).as_json()), 202)
    return redirect(url_for("tickets.page", ticket_id=ticket_id), code=303)


@tickets.get("/t/<ticket_id>")
@open_to_all
def short(ticket_id: str) -> Response:
    """The short address in the QR of a visit's slip."""
    return redirect(url_for("tickets.page", ticket_id=ticket_id), code=303)


@tickets.get("/t")
@open_to_all
def key_page() -> str:
    """The address in the QR of a number slip. The key stands behind "#": it never comes here."""
    return render_template("key.html", typed={}, trouble="")


@tickets.post("/t")
@open_to_all
def by_slip() -> Response:
    """Field `look`, made of the slip's key by the telephone that scanned it: on to the ticket.

    Raises BadInput (bad_look); a slip of another house, or of long ago, is told so, with 404.
    """
    forms.small_form()
    row = kept.by_look(store(), read_look(forms.text("look", most=40)))
    if row is not None:
        return redirect(url_for("tickets.page", ticket_id=row["id"]), code=303)
    if wants_json():
        raise NotFound("no ticket of this slip here", code="unknown_ticket")
    words = of_error("unknown_slip", 404)
    page = render_template("key.html", typed={}, trouble=f"{words.title}. {words.now}")
    return make_response(page, 404)
