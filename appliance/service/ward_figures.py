"""This file keeps what the ward counts itself: its dossiers of a month, and those from home."""

from __future__ import annotations

from datetime import date

from appliance.core.moment import Moment
from appliance.errors import BadInput
from appliance.store.database import Store

MOST = 1_000_000


def set_figures(store: Store, now: Moment, month: date, *, ward_total: int, from_home: int) -> None:
    """Raises BadInput (bad_number) when more came from home than there were."""
    if not 0 <= from_home <= ward_total <= MOST:
        raise BadInput("from home: at most the ward's total", code="bad_number")
    with store.write():
        store.run(
            "INSERT INTO ward_figures (month_on, ward_total, from_home, set_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (month_on) DO UPDATE SET"
            " ward_total = excluded.ward_total, from_home = excluded.from_home,"
            " set_at = excluded.set_at",
            month.replace(day=1).isoformat(),
            ward_total,
            from_home,
            now.at_text,
        )
