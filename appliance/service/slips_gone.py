"""This file lets go of slips: their words when a visit is forgotten, their secrets in time."""

from __future__ import annotations

from appliance.core.age import age_s
from appliance.core.job import ON_PAPER
from appliance.core.moment import Moment
from appliance.core.ticket import OPEN
from appliance.store import print_jobs, tickets
from appliance.store.database import Row, Store
from appliance.store.ram import Ram

SECRET_ON_PAPER_S = 15 * 60
"""Long enough to say that the slip did not come out after all, and to print the same once more."""


def forget_of_visit(store: Store, now: Moment, visit_id: str, ticket_id: str) -> None:
    """What was on the slips of a visit, and on those of its result, goes; none is printed any
    more. In the caller's transaction."""
    store.run(
        "UPDATE print_jobs SET payload = ?, done_at = coalesce(done_at, ?), state = CASE"
        " WHEN state IN ('queued', 'failed_clean', 'needs_operator', 'expired') THEN 'cancelled'"
        " ELSE state END WHERE visit_id = ?"
        " OR (kind = 'result' AND json_extract(payload, '$.ticket') = ?)",
        print_jobs.FORGOTTEN,
        now.at_text,
        visit_id,
        ticket_id,
    )


def drop_secrets(store: Store, ram: Ram, now: Moment) -> int:
    """Secrets nobody will print any more leave RAM: with them the box could open sealed pages.
    Those of numbers that are over, and of slips on paper for a while; how many there were."""
    dropped = 0
    for ticket_id in ram.tickets_with_secrets():
        ticket = tickets.get(store, ticket_id)
        if ticket is None:  # it is being taken this very moment
            continue
        job = print_jobs.newest_of_ticket(store, ticket_id)
        on_paper = job is not None and job["state"] in ON_PAPER
        if ticket["state"] not in OPEN or (on_paper and job and _is_old(job, now)):
            ram.drop_secret(ticket_id)
            dropped += 1
    return dropped


def _is_old(job: Row, now: Moment) -> bool:
    return age_s(job, now, "asked_at") > SECRET_ON_PAPER_S
