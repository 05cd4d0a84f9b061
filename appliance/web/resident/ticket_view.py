"""This file gathers what one ticket shows: number, place in the queue, slip, what to bring."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from appliance.core.catalogue import Paper, Service
from appliance.core.day_words import date_words
from appliance.core.moment import Moment
from appliance.errors import BadInput, NotFound
from appliance.service.voice import is_rated
from appliance.store import dossiers, print_jobs, tickets
from appliance.store.database import Row, Store
from appliance.web.parts import WebParts

# A printer that has said nothing for this long is not about to print.
PRINTING_TAKES_MS = 8_000

SlipWord = Literal["printing", "printed", "waits", "not_printed", "asked", "no_printer"]


@dataclass(frozen=True)
class TicketView:
    """`slip`: printing (under way), printed, waits (queued, the printer cannot; `slip_code` says
    why), not_printed (one tap prints it again), asked (a volunteer looks), no_printer.
    `shows_key`: the QR belongs on the screen because it is not on paper and is still in RAM."""

    ticket: Row
    service: Service | None
    ahead: int
    slip: SlipWord
    slip_code: str
    shows_key: bool
    job: Row | None
    result: dict[str, Any] | None
    dossier: Row | None = None
    rated: bool = False

    @property
    def papers(self) -> tuple[Paper, ...]:
        return self.service.papers if self.service else ()

    def as_json(self) -> dict[str, Any]:
        """For programs: what the screen says, without the key."""
        return {
            "id": self.ticket["id"],
            "number": self.ticket["number"],
            "service": self.ticket["service_id"],
            "state": self.ticket["state"],
            "ahead": self.ahead,
            "desk": self.ticket["desk"],
            "printed": self.slip == "printed",
            "slip": self.slip,
        }


def view(parts: WebParts, store: Store, now: Moment, ticket_id: str) -> TicketView:
    """Raises NotFound (unknown_ticket)."""
    ticket = tickets.get(store, ticket_id)
    if ticket is None:
        raise NotFound("this number is not known", code="unknown_ticket")
    job = print_jobs.newest_of_ticket(store, ticket_id)
    slip = _slip_word(parts, job, now)
    waits = ticket["state"] in ("waiting", "called", "serving")
    shows_key = (
        waits and slip not in ("printing", "printed") and parts.ram.secret(ticket_id) is not None
    )
    return TicketView(
        ticket=ticket,
        service=_service(parts, ticket["service_id"]),
        ahead=tickets.waiting_ahead(store, ticket_id) if ticket["state"] == "waiting" else 0,
        slip=slip,
        slip_code=job["code"] if job else "",
        shows_key=shows_key,
        job=job,
        result=_result(store, ticket) if ticket["visit_state"] == "closed" else None,
        dossier=dossiers.of_visit(store, ticket["visit_id"]) if ticket["visit_id"] else None,
        rated=is_rated(store, ticket_id),
    )


def _slip_word(parts: WebParts, job: Row | None, now: Moment) -> SlipWord:
    if job is None:
        return "not_printed"
    if job["state"] in ("printed", "sent_unconfirmed"):
        return "printed"
    if parts.config["devices.printer"].startswith("none:"):
        return "no_printer"
    if job["state"] == "needs_operator":
        return "asked"
    if job["state"] in ("queued", "sending"):
        waited_ms = now.mono_ms - job["mono_ms"] if job["epoch"] == now.epoch else None
        soon = waited_ms is not None and waited_ms < PRINTING_TAKES_MS
        return "printing" if not job["code"] and (soon or job["state"] == "sending") else "waits"
    return "not_printed"


def _service(parts: WebParts, service_id: str) -> Service | None:
    """None when the catalogue has changed since the number was taken."""
    try:
        return parts.catalogue.service(service_id)
    except BadInput:
        return None


def _result(store: Store, ticket: Row) -> dict[str, Any] | None:
    """What the slip of the finished visit says, without the dossier's code."""
    job = print_jobs.newest_of_visit(store, ticket["visit_id"])
    if job is None:
        return None
    payload = json.loads(job["payload"])
    due_on = payload.get("due_on")
    return {
        "done": payload.get("done", []),
        "missing": payload.get("missing", []),
        "bring": payload.get("bring", []),
        "due": date_words(date.fromisoformat(due_on)) if due_on else "",
    }
