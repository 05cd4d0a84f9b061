"""This file gives the ward everything again, when its receipts show that it lost what it had."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.service.report import tell
from appliance.store.database import Store


def last_receipted(store: Store, epoch: str, stream: str) -> int:
    """The largest `seq` of a lane that the ward has said it has and that is still kept; else 0."""
    return int(
        store.value(
            "SELECT coalesce(max(seq), 0) FROM outbox WHERE epoch = ? AND stream = ?"
            " AND receipted_at IS NOT NULL",
            epoch,
            stream,
        )
    )


def replay_all(store: Store, now: Moment) -> int:
    """Every kept report counts as not receipted again; the number of them.

    What is older than the outbox keeps is gone here too: for each lane that does not begin at 1 the
    ward is told where it begins now, so that it does not wait for the rest for ever.
    """
    with store.write():
        n = store.run("UPDATE outbox SET receipted_at = NULL WHERE receipted_at IS NOT NULL")
        floors = store.all(
            "SELECT epoch, stream, min(seq) AS seq FROM outbox GROUP BY epoch, stream"
            " HAVING min(seq) > 1"
        )
        for floor in floors:
            tell(store, now, "ops", {"type": "floor", **floor})
        if n:
            tell(store, now, "ops", {"type": "replay", "rows": n})
    return n
