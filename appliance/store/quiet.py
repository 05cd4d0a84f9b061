"""This file says whether the house could be interrupted just now."""

from __future__ import annotations

from appliance.store.database import Store


def is_busy(store: Store) -> bool:
    """True while somebody is called or served, or a page or a slip is being made."""
    return bool(
        store.value(
            "SELECT 1 FROM tickets WHERE state IN ('called', 'serving') UNION ALL"
            " SELECT 1 FROM captures WHERE state IN ('queued', 'working') UNION ALL"
            " SELECT 1 FROM print_jobs WHERE state IN ('queued', 'sending') LIMIT 1"
        )
    )
