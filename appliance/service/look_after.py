"""This file does what comes due by itself, about once a minute: it writes only when it must."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.service import appointments, postings, proof_watch
from appliance.service.dating import date_rows
from appliance.store.database import Store


def look_after(store: Store, now: Moment, zone: str) -> None:
    """Appointments nobody came to are over, notices come down, drafts are watched."""
    appointments.end_overdue(store, now, zone)
    date_rows(store, now, "dossiers")
    postings.take_down_due(store, now, zone)
    proof_watch.escalate(store, now)
