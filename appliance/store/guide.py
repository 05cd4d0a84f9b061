"""This file reads what the ward has changed in the guide, and the catalogues visits began with."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from appliance.store.database import Row, Store


def override_document(store: Store) -> dict[str, Any] | None:
    """The ward's newest override as it came, or None."""
    text = store.value("SELECT body FROM ward_catalogue WHERE id = 1")
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found


def override_version(store: Store) -> int:
    """0 when the ward has changed nothing."""
    return int(store.value("SELECT version FROM ward_catalogue WHERE id = 1") or 0)


def ward_days(store: Store) -> dict[date, bool]:
    """The ward's own days: True is worked, False a day of rest."""
    rows = store.all("SELECT on_day, works FROM ward_days")
    return {date.fromisoformat(row["on_day"]): bool(row["works"]) for row in rows}


def kept_catalogue(store: Store, catalogue_id: str) -> Row | None:
    return store.one("SELECT * FROM kept_catalogues WHERE id = ?", catalogue_id)
