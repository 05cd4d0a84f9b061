"""This file reads how many will do it alone next time."""

from __future__ import annotations

from appliance.store.database import Store


def learned(store: Store, from_on: str, to_on: str) -> dict[str, int]:
    """Lesson -> ticks on the days [from_on, to_on)."""
    rows = store.all(
        "SELECT lesson_id, count(*) AS n FROM learned WHERE day_on >= ? AND day_on < ?"
        " GROUP BY lesson_id ORDER BY n DESC, lesson_id",
        from_on,
        to_on,
    )
    return {row["lesson_id"]: row["n"] for row in rows}
