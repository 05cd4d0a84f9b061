"""This file says whether the house could be interrupted just now."""

from __future__ import annotations

from appliance.core.age import age_s
from appliance.core.moment import Moment
from appliance.core.visit import LEFT_ALONE_S
from appliance.store.database import Store


def is_busy(store: Store, now: Moment) -> bool:
    """True while somebody is called or served, or a page or a slip is being made.

    Not for a visit that was laid aside, nor for what everybody has left alone for an hour: one
    forgotten number must not hold up the box for weeks.
    """
    if store.value(
        "SELECT 1 FROM captures WHERE state IN ('queued', 'working') UNION ALL"
        " SELECT 1 FROM print_jobs WHERE state IN ('queued', 'sending') LIMIT 1"
    ):
        return True
    people = store.all(
        "SELECT a.epoch, a.mono_ms FROM tickets t JOIN desk_actions a"
        " ON a.id = (SELECT max(id) FROM desk_actions WHERE ticket_id = t.id)"
        " WHERE t.state = 'called' UNION ALL"
        " SELECT touched_epoch, touched_mono_ms FROM visits WHERE state = 'open'"
    )
    return any(age_s(row, now) <= LEFT_ALONE_S for row in people)
