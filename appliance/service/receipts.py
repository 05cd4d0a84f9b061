"""This file takes the ward's word that it has stored something: only that retires a report."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.store.database import Store


def take_receipt(store: Store, now: Moment, *, epoch: str, stream: str, upto: int) -> int:
    """Mark rows up to `upto` of one lane as stored by the ward (cumulative, idempotent).

    The number of rows marked. Nothing is written when there is nothing to mark.
    """
    # One look at the lane's first waiting row: counting from 1 each time would be slow behind a
    # long backlog.
    left = store.value(
        "SELECT 1 FROM outbox INDEXED BY outbox_lane WHERE receipted_at IS NULL AND epoch = ?"
        " AND stream = ? AND seq <= ? LIMIT 1",
        epoch,
        stream,
        upto,
    )
    if not left:
        return 0
    with store.write():
        return store.run(
            "UPDATE outbox INDEXED BY outbox_lane SET receipted_at = ? WHERE receipted_at IS NULL"
            " AND epoch = ? AND stream = ? AND seq <= ?",
            now.at_text,
            epoch,
            stream,
            upto,
        )
