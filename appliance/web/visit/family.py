"""This file is a family at the desk: another number or another errand joins, papers serve both."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from appliance.errors import BadInput
from appliance.service import catalogue, visits
from appliance.service import family as service
from appliance.service.take_ticket import take_ticket
from appliance.store import families, tickets
from appliance.store import visits as kept
from appliance.store.database import Row
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer, zone
from appliance.web.desk.view import service_of
from appliance.web.door.access import volunteers_only
from appliance.web.visit.visits import acted, visit_or_404

family = Blueprint("family", __name__)

SHOWN_WAITING = 6


@family.post("/visits/<visit_id>/family")
@volunteers_only
def add(visit_id: str) -> Response:
    """Somebody, or something, more of this family. One of the fields `visit` (one that is open
    already), `ticket` (a number that waits) or `service` (no number yet); `key`."""
    forms.small_form()
    opened: dict[str, str] = {}

    def act() -> dict[str, str]:
        other, ticket = forms.text("visit", most=40), forms.text("ticket", most=40)
        visits.open_row(store(), visit_id)
        if not other:
            other = _open(ticket or _take(forms.text("service", most=40)))
        service.join(store(), other, visit_id)
        opened["visit"] = other
        return opened

    return acted(
        visit_id, act, to=lambda: url_for("visits.page", visit_id=opened["visit"], _anchor="family")
    )


@family.post("/visits/<visit_id>/family/papers")
@volunteers_only
def share(visit_id: str) -> Response:
    """Take over the pages of the family's other visits that this one needs."""
    forms.small_form()
    visit = visit_or_404(visit_id)
    return acted(
        visit_id,
        lambda: {
            "pages": service.share(
                store(), parts().ram, parts().sealed_dir, now(), visit_id, _wanted(visit),
                ward_recipient=parts().config["sync.ward_recipient"],
            )
        },
        anchor="pages",
    )  # fmt: skip


@family.app_context_processor
def _for_the_visits_page() -> dict[str, Any]:
    return {"family_view": family_view}


def family_view(visit: Row) -> dict[str, Any]:
    """`others` of the family; `pages` they can lend; who or what could join: numbers that wait,
    other visits that are open at this desk."""
    others = families.others(store(), visit["id"])
    known = {visit["id"], *(other["id"] for other in others)}
    services = {s.id: s for s in parts().catalogue.services}
    return {
        "others": [{**other, "service": services.get(other["service_id"])} for other in others],
        "pages": service.to_share(store(), parts().ram, visit["id"], _wanted(visit)),
        "waiting": [
            {**row, "service": services.get(row["service_id"])}
            for row in tickets.waiting(store())[:SHOWN_WAITING]
        ],
        "open": [
            row
            for row in kept.not_closed(store())
            if row["state"] == "open"
            and row["id"] not in known
            and row["opened_by"] == volunteer()["id"]
        ],
    }


def _wanted(visit: Row) -> set[str]:
    shown = catalogue.of_visit(store(), visit, parts().catalogue, parts().guide)
    found = service_of(visit, shown.catalogue)
    return {paper.id for paper in found.papers if paper.capture} if found else set()


def _take(service_id: str) -> str:
    if not service_id:
        raise BadInput("visit, ticket or service", code="unknown_service")
    taken = take_ticket(
        store(), parts().ram, now(), key=forms.key(), service_id=service_id, channel="desk",
        catalogue=parts().catalogue, zone=zone(), per_minute=1000,
    )  # fmt: skip
    return taken.id


def _open(ticket_id: str) -> str:
    made = visits.open_visit(
        store(), now(), key=f"{forms.key()[:58]}:open", volunteer=volunteer(), ticket_id=ticket_id,
        catalogue_id=catalogue.keep(store(), now(), parts().catalogue, parts().guide),
    )  # fmt: skip
    return str(made["id"])
