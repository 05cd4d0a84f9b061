"""This file does what comes due by itself, about once a minute: it writes only when it must."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.service import appointments, at_work, postings, proof_watch
from appliance.service import help as help_calls
from appliance.service.dating import date_rows
from appliance.store.database import Store
from appliance.store.ram import Ram


def look_after(store: Store, ram: Ram, now: Moment, zone: str) -> None:
    """Appointments nobody came to are over, notices come down, drafts are watched, visits that
    were forgotten are laid aside."""
    appointments.end_overdue(store, now, zone)
    date_rows(store, now, "dossiers")
    postings.take_down_due(store, now, zone)
    proof_watch.escalate(store, now)
    help_calls.close_overdue(store, now)
    at_work.park_forgotten(store, ram, now)
