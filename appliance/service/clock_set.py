"""This file tells the ward that the clock was set: from that moment it can date this whole boot."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.service.report import tell
from appliance.store.database import Store

FACT = "clock_told"


def tell_clock_set(store: Store, now: Moment) -> bool:
    """Once per boot, when the clock is set and something was reported before it was.

    Order never depends on it; only the times shown do. True when it was told now.
    """
    if now.sync == "none" or _told(store) == f"{now.epoch} {now.sync}":
        return False
    # Worse times of this boot than now: unset before any setting, the battery's before the net's.
    worse = ("none",) if now.sync == "rtc" else ("none", "rtc")
    marks = ", ".join("?" * len(worse))
    earlier = store.value(
        f"SELECT 1 FROM outbox WHERE epoch = ? AND sync IN ({marks}) LIMIT 1",  # noqa: S608
        now.epoch,
        *worse,
    )
    if not earlier:
        return False
    with store.write():
        store.run(
            "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = excluded.value",
            FACT,
            f"{now.epoch} {now.sync}",
        )
        tell(store, now, "ops", {"type": "clock"})
    return True


def _told(store: Store) -> str:
    return str(store.value("SELECT value FROM facts WHERE name = ?", FACT) or "")


def newest_known_at(store: Store) -> str | None:
    """The newest UTC time this house was sure of, from its own reports; None when there is none."""
    at = store.value("SELECT at FROM outbox WHERE sync IN ('ntp', 'rtc') ORDER BY ord DESC LIMIT 1")
    return str(at) if at is not None else None
