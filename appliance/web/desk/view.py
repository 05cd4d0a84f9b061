"""This file gathers what the desk shows: who waits, who is here, what asks for an answer."""

from __future__ import annotations

from typing import Any

from appliance.core.catalogue import Catalogue, Service
from appliance.core.help_call import UNANSWERED_S
from appliance.core.moment import Moment, parse_utc
from appliance.core.proof_watch import level_pct
from appliance.service import call_next
from appliance.service.proof_watch import passed_s
from appliance.store import board, dossiers, help_calls, print_jobs, tickets, volunteers
from appliance.store.database import Row, Store
from appliance.web.desk.done import key_of
from appliance.web.parts import WebParts
from appliance.web.words.dossier import left_words

# A list longer than this is shown folded: the first are what a volunteer works with.
SHOWN_WAITING = 12


def desk_view(parts: WebParts, store: Store, now: Moment, me: Row) -> dict[str, Any]:
    """All the desk shows to one volunteer. Reads only."""
    day_on = board.today(store, now, parts.house.zone)
    day = [_dressed(row, parts.catalogue, now) for row in tickets.of_day(store, day_on)]
    waiting = [_dressed(row, parts.catalogue, now) for row in tickets.waiting(store)]
    here = [_dressed(row, parts.catalogue, now) for row in tickets.with_somebody(store)]
    undo = call_next.undoable(store, now, me["id"])
    newest = store.value("SELECT max(id) FROM desk_actions")
    return {
        "me": me,
        "others_on_duty": [row for row in volunteers.on_duty(store) if row["id"] != me["id"]],
        "called": [r for r in here if r["state"] == "called" and r["called_by"] == me["id"]],
        "called_elsewhere": [
            r for r in here if r["state"] == "called" and r["called_by"] != me["id"]
        ],
        "helped": [r for r in here if r["state"] == "serving" and r["visit_state"] == "open"],
        "parked": [r for r in here if r["state"] == "serving" and r["visit_state"] == "parked"],
        "waiting": waiting,
        "longest_wait_s": max((row["waited_s"] for row in waiting), default=0),
        "gone": [row for row in day if row["state"] in ("cancelled", "expired")],
        "done": [row for row in reversed(day) if row["state"] == "done"],
        "undo": undo,
        "undo_left_s": max(1, int(undo["left_s"])) if undo else 0,
        "help": [_call(row, now, parts.house.zone) for row in help_calls.still_on(store)],
        "questions": print_jobs.questions(store),
        "drafts": [_draft(row, now) for row in dossiers.watches(store)],
        "lost_slips": print_jobs.visits_without_slip(store),
        "shown_waiting": SHOWN_WAITING,
        "key": lambda *what: key_of("desk", me["id"], newest, *what),
    }


def service_of(row: Row, catalogue: Catalogue) -> Service | None:
    """The service of a ticket or visit; None when a newer catalogue has dropped it."""
    for service in catalogue.services:
        if service.id == row["service_id"]:
            return service
    return None


def _dressed(row: Row, catalogue: Catalogue, now: Moment) -> Row:
    return {
        **row,
        "service": service_of(row, catalogue),
        "waited_s": board.age_s(row, now),
        "slip_on_its_way": row["slip_state"] in ("queued", "sending"),
    }


def _draft(row: Row, now: Moment) -> Row:
    """A draft to be read; the mood grows with the time that is gone."""
    level = level_pct(passed_s(row, now))
    mood = "trouble" if level >= 80 else "care" if level >= 50 else "calm"
    return {**row, "mood": mood, "left": left_words(row["ends_at"], now)}


def _call(row: Row, now: Moment, zone: str) -> Row:
    from zoneinfo import ZoneInfo

    eta = parse_utc(row["eta_at"]).astimezone(ZoneInfo(zone)) if row["eta_at"] else None
    open_s = board.age_s(row, now, "made_at")
    return {
        **row,
        "open_s": open_s,
        "unanswered": row["state"] == "open" and open_s > UNANSWERED_S,
        "eta": eta,
    }
