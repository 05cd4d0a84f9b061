"""This file knows whether somebody is at work on a visit, and lays aside what was forgotten."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.core.visit import LEFT_ALONE_S, TOUCH_EVERY_S, untouched_s
from appliance.service.visits import park
from appliance.store import visits
from appliance.store.database import Row, Store
from appliance.store.ram import Ram


def touch(store: Store, now: Moment, visit_id: str) -> None:
    """Somebody is at work on this visit: it is not forgotten. At most one write in ten minutes."""
    row = visits.get(store, visit_id)
    if row is None or row["state"] != "open":
        return
    if row["touched_epoch"] != now.epoch or untouched_s(row, now) >= TOUCH_EVERY_S:
        with store.write():
            store.run(
                "UPDATE visits SET touched_epoch = ?, touched_mono_ms = ? WHERE id = ?",
                now.epoch,
                now.mono_ms,
                visit_id,
            )


def park_forgotten(store: Store, ram: Ram, now: Moment) -> int:
    """Lay open visits aside that nobody has worked on for an hour, as the shared tablet does by
    itself: a telephone was put into a pocket, or the power went. How many there were."""

    def left() -> list[Row]:
        return [v for v in visits.open_ones(store) if untouched_s(v, now) > LEFT_ALONE_S]

    if not left():
        return 0
    with store.write():  # looked at again inside: somebody may just have come back
        rows = left()
        for row in rows:
            park(store, ram, now, row["id"])
    return len(rows)
