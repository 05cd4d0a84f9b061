"""This file gathers what the guide's pages show: what was found, what to ask, which papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core import search
from appliance.core.case_words import CaseSaid, say_case
from appliance.core.catalogue import Catalogue, Service
from appliance.core.checklist import MOST_HAVE, Case, case_of
from appliance.core.guide import Assist, Event, Guide, Procedure
from appliance.errors import BadInput
from appliance.service import catalogue
from appliance.store import print_jobs
from appliance.store.database import Row
from appliance.web import i18n
from appliance.web.current import now, parts, store, zone

MOST_TICKS = MOST_HAVE


@dataclass(frozen=True)
class Hit:
    """One thing found; just one of the three is there."""

    event: Event | None = None
    procedure: Procedure | None = None
    assist: Assist | None = None


def guide_now() -> Guide:
    """The guide as the ward has it today."""
    return catalogue.current(store(), parts().guide)


def found(guide: Guide, typed: str) -> list[Hit]:
    """What the search finds, best first."""
    assists = {one.id: one for one in guide.assists}
    hits = []
    for one in search.find(search.index(guide), typed):
        if one.kind == "event":
            hits.append(Hit(event=guide.event(one.id)))
        elif one.kind == "procedure":
            hits.append(Hit(procedure=guide.procedure(one.id)))
        else:
            hits.append(Hit(assist=assists[one.id]))
    return hits


def of_service(guide: Guide, service: Service) -> list[Hit]:
    """What a service of the start screen leads to; names the guide does not know are left out."""
    events = {one.id: one for one in guide.events}
    assists = {one.id: one for one in guide.assists}
    procedures = {one.id: one for one in guide.procedures}
    hits = []
    for name in service.guide:
        if name in events:
            hits.append(Hit(event=events[name]))
        elif name in procedures:
            hits.append(Hit(procedure=procedures[name]))
        elif name in assists:
            hits.append(Hit(assist=assists[name]))
    return hits


def service_for(target: str, guide: Guide, services: Catalogue) -> Service:
    """The service to take a number for when one comes for `target`; the last one is for all."""
    steps = {event.id: {s.procedure for s in event.steps} for event in guide.events}
    for service in services.services:
        if target in service.guide:
            return service
    for service in services.services:
        if any(target in steps.get(name, set()) for name in service.guide):
            return service
    return services.services[-1]


def read_case(guide: Guide, target: str, sent: Mapping[str, str], have: list[str]) -> Case:
    """The case of an address or form. Raises NotFound, BadInput (too_many_values)."""
    if len(have) > MOST_TICKS:
        raise BadInput("too many ticks", code="too_many_values")
    return case_of(guide, target, sent, have)


def case_page(guide: Guide, case: Case) -> dict[str, Any]:
    """What the page of a case needs to be drawn."""
    today = now().local(zone()).date()
    said: CaseSaid = say_case(case, guide, today, i18n.chosen())
    after = [
        guide.procedure(name)
        for procedure, _ in case.steps
        for name in procedure.then
        if name not in {p.id for p, _ in case.steps}
    ]
    return {
        "case": case,
        "said": said,
        "after": list(dict.fromkeys(after)),
        "service": service_for(case.id, guide, parts().catalogue),
        "address": {**case.answers, "have": [line.paper.id for line in case.lines if line.have]},
        "printer": not parts().config["devices.printer"].startswith("none:"),
    }


def slip_state(typed: str) -> Row | None:
    """The checklist slip of a number in the address; None for any other kind of job."""
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        return None
    job = print_jobs.get(store(), int(typed))
    return job if job and job["kind"] == "checklist" else None
