"""This file is the visit: opened for a called number, parked, gone on with, finished."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from appliance.core.catalogue import Catalogue, Paper
from appliance.core.moment import Moment
from appliance.core.visit import done_lines
from appliance.core.visit import dossier_code as read_dossier_code
from appliance.core.voice import NOT_DONE
from appliance.errors import BadInput, Conflict, NotFound
from appliance.service import call_next, dossier_begins
from appliance.service.report import tell
from appliance.service.sealed_dossiers import Kept, hand_in
from appliance.service.slips import print_again, queue_slip
from appliance.store import print_jobs, tickets, visits
from appliance.store.database import Row, Store
from appliance.store.ram import Ram


def open_visit(
    store: Store,
    now: Moment,
    *,
    key: str,
    volunteer: Row,
    ticket_id: str,
    catalogue_id: str | None = None,
) -> Row:
    """The resident has come to the desk. The same ticket again gives the same visit.

    `catalogue_id` (see service.catalogue.keep) is what the visit will go by until it ends.
    """
    with store.write():
        row = tickets.get(store, ticket_id)
        if row is None:
            raise NotFound("this number is not known", code="unknown_ticket")
        before = visits.of_ticket(store, ticket_id)
        if before is not None:
            return go_on(store, now, before["id"])
        if row["state"] not in ("waiting", "called"):
            raise Conflict(
                "this number has moved on; look at the list again", code="ticket_moved_on"
            )
        call_next.record(store, now, key=key, volunteer=volunteer, row=row, kind="opened")
        store.run(
            "UPDATE tickets SET state = 'serving', serving_at = ?, desk = ?, called_by = ?,"
            " called_at = coalesce(called_at, ?) WHERE id = ?",
            now.at_text,
            volunteer["desk"],
            volunteer["id"],
            now.at_text,
            ticket_id,
        )
        visit_id = secrets.token_hex(8)
        store.insert(
            "visits",
            {
                "id": visit_id,
                "ticket_id": ticket_id,
                "state": "open",
                "service_id": row["service_id"],
                "opened_by": volunteer["id"],
                "opened_at": now.at_text,
                "catalogue_id": catalogue_id,
                "touched_epoch": now.epoch,
                "touched_mono_ms": now.mono_ms,
            },
        )
        tell(
            store,
            now,
            "queue",
            {
                "type": "visit_opened",
                "day": row["day_on"],
                "number": row["number"],
                "service": row["service_id"],
            },
        )
        return _visit(store, visit_id)


def go_on(store: Store, now: Moment, visit_id: str) -> Row:
    """Open a parked visit again. A closed one stays closed. Its pages need the slip's key."""
    with store.write():
        row = _visit(store, visit_id)
        if row["state"] == "parked":
            store.run(
                "UPDATE visits SET state = 'open', touched_epoch = ?, touched_mono_ms = ?"
                " WHERE id = ?",
                now.epoch,
                now.mono_ms,
                visit_id,
            )
            tell(
                store,
                now,
                "queue",
                {"type": "visit_resumed", "day": row["day_on"], "number": row["number"]},
            )
        return _visit(store, visit_id)


def park(store: Store, ram: Ram, now: Moment, visit_id: str) -> None:
    """Lay the visit aside: its pages leave the screen and RAM, the sealed ones stay."""
    with store.write():
        row = _visit(store, visit_id)
        if row["state"] == "open":
            store.run("UPDATE visits SET state = 'parked' WHERE id = ?", visit_id)
            tell(
                store,
                now,
                "queue",
                {"type": "visit_parked", "day": row["day_on"], "number": row["number"]},
            )
    ram.wipe_visit(visit_id)


def change_service(
    store: Store, now: Moment, visit_id: str, service_id: str, catalogue: Catalogue
) -> None:
    """The resident came for something else than was tapped at the door."""
    service = catalogue.service(service_id)
    with store.write():
        row = open_row(store, visit_id)
        if row["service_id"] != service.id:
            # Another service, another case: its questions have not been asked yet.
            outcome = {key: value for key, value in row["outcome"].items() if key != "case"}
            store.run(
                "UPDATE visits SET service_id = ?, outcome = ? WHERE id = ?",
                service.id,
                json.dumps(outcome),
                visit_id,
            )
            tell(
                store,
                now,
                "queue",
                {
                    "type": "service_changed",
                    "day": row["day_on"],
                    "number": row["number"],
                    "service": service.id,
                },
            )


def show_paper(store: Store, visit_id: str, paper_id: str, shown: bool, cat: Catalogue) -> None:
    """Tick a paper that is only shown (an identity card), or take the tick back."""
    with store.write():
        row = open_row(store, visit_id)
        cat.service(row["service_id"]).paper(paper_id)
        outcome = row["outcome"]
        ticked = [p for p in outcome.get("shown", []) if p != paper_id]
        outcome["shown"] = [*ticked, paper_id] if shown else ticked
        store.run("UPDATE visits SET outcome = ? WHERE id = ?", json.dumps(outcome), visit_id)


def finish(
    store: Store,
    ram: Ram,
    now: Moment,
    visit_id: str,
    *,
    catalogue: Catalogue,
    done: Sequence[str] = (),
    missing: Sequence[str] = (),
    due_on: str | None = None,
    dossier_code: str = "",
    not_done: str = "",
    dossier: Kept | None = None,
) -> int:
    """Close the visit and ask for its slip; the print job's id.

    `done` are ids of core.visit.DONE; `missing` ids of papers still to come; `due_on` an ISO date;
    `not_done` a code of core.voice.NOT_DONE, or empty; `dossier` what goes to the ward, if
    anything does.
    Clear pages leave RAM; sealed ones stay until their time is over.
    Raises BadInput (bad_dossier_code, unknown_tick, unknown_paper, unknown_reason), Conflict
    (visit_closed) where it was forgotten since.
    """
    if not_done and not_done not in NOT_DONE:
        raise BadInput(f"unknown reason {not_done[:20]!r}", code="unknown_reason")
    code = read_dossier_code(dossier_code)
    lines = done_lines(list(done))
    with store.write():
        row = _visit(store, visit_id)
        if row["state"] == "closed":  # a double tap finds the slip it asked for
            job = print_jobs.newest_of_visit(store, visit_id)
            if job is None:
                raise Conflict("this visit was forgotten", code="visit_closed")
            return int(job["id"])
        service = catalogue.service(row["service_id"])
        pages = visits.pages(store, visit_id)
        not_there = [service.paper(p) for p in missing]
        there = [paper for paper in service.papers if paper not in not_there]
        # Only what was handed in is followed: advice has no state.
        followed = bool(code) or bool({"submitted", "supplemented"} & set(done))
        look_up = dossier_begins.begin(store, now, visit_id, dossier_code=code) if followed else ""
        hand_in(store, now, visit_id, dossier)
        outcome = {**row["outcome"], "done": list(done), "not_done": not_done}
        job_id = queue_slip(
            store,
            now,
            key=f"visit:{visit_id}",
            kind="visit",
            ticket_id=row["ticket_id"],
            visit_id=visit_id,
            payload={
                "number": row["number"],
                "done": [*lines, *_captured(there, pages, row["outcome"])],
                "missing": [p.name for p in not_there],
                "bring": [p.name for p in not_there if p.original],
                "due_on": due_on,
                "dossier_code": code,
                "look_up": look_up,
                "not_done": NOT_DONE.get(not_done, ""),
            },
        )
        store.run(
            "UPDATE visits SET state = 'closed', closed_at = ?, dossier_code = ?, outcome = ?"
            " WHERE id = ?",
            now.at_text,
            code,
            json.dumps(outcome),
            visit_id,
        )
        store.run(
            "UPDATE tickets SET state = 'done', ended_at = ? WHERE id = ?",
            now.at_text,
            row["ticket_id"],
        )
        tell(
            store,
            now,
            "queue",
            {
                "type": "done",
                "day": row["day_on"],
                "number": row["number"],
                "service": service.id,
                "pages": len(pages),
                "missing": len(not_there),
                "dossier": int(bool(code)),
                "done": list(done),
                "not_done": not_done,
            },
        )
    ram.wipe_visit(visit_id)
    return job_id


def print_slip_again(store: Store, now: Moment, visit_id: str) -> int:
    job = print_jobs.newest_of_visit(store, visit_id)
    if job is None:
        raise NotFound("this visit has no slip yet", code="unknown_job")
    return print_again(store, now, job["id"])


def _captured(papers: Sequence[Paper], pages: list[Row], outcome: dict[str, Any]) -> list[str]:
    """What the slip says was done: pages per paper, and papers that were only looked at."""
    lines = []
    for paper in papers:
        count = sum(1 for page in pages if page["paper_id"] == paper.id)
        if count:
            lines.append(f"Đã chụp: {paper.name} ({count} trang)")
        elif paper.id in outcome.get("shown", []):
            lines.append(f"Đã xem: {paper.name}")
    return lines


def _visit(store: Store, visit_id: str) -> Row:
    row = visits.get(store, visit_id)
    if row is None:
        raise NotFound("this visit is not known", code="unknown_visit")
    return row


def open_row(store: Store, visit_id: str) -> Row:
    """The visit, where it can still be changed. Raises NotFound, Conflict (visit_closed)."""
    row = _visit(store, visit_id)
    if row["state"] == "closed":
        raise Conflict("this visit is finished", code="visit_closed")
    return row
