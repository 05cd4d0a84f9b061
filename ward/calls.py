"""This file reads the help calls that are on, and says which of them still mean anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from appliance.sync.protocol import parse_utc
from ward.board import House, Presence
from ward.store.database import Row, Store

STATE_LAGS_S = 120
MOST = 1000


def on(store: Store) -> list[Row]:
    """Calls nobody has answered, then those somebody has; the oldest first."""
    return store.all(
        "SELECT * FROM calls WHERE state IN ('open', 'answered')"
        " ORDER BY CASE state WHEN 'answered' THEN 1 ELSE 0 END, opened_at LIMIT ?",
        MOST,
    )


def still_on(
    call: Mapping[str, Any], known: tuple[House, Presence, datetime | None] | None
) -> bool:
    """False when its house, heard since, says that no call is open: its card was changed."""
    if known is None or known[1] != "online":
        return True
    house, said = known[0], known[0].peek("help")
    said_at = house.state_at("help")
    nothing_on = said.get("open") == 0 and said.get("answered", 0) == 0
    if said_at is None or not nothing_on:
        return True
    return (said_at - parse_utc(call["opened_at"])).total_seconds() < STATE_LAGS_S
