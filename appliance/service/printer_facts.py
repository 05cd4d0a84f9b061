"""This file keeps what was learnt of each printer: which questions it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from appliance.store.database import Store

Known = dict[str, bool | None]


def known(store: Store, printer: str) -> Known:
    """What is known of `printer` (its identity); empty for one never seen."""
    said = store.value("SELECT value FROM facts WHERE name = ?", f"printer:{printer}")
    try:
        found = json.loads(said) if said else {}
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if v is None or isinstance(v, bool)}


def remember(store: Store, printer: str, facts: Mapping[str, bool | None]) -> None:
    """Keep it; the card is written only when it is news."""
    if known(store, printer) == dict(facts):
        return
    with store.write():
        store.run(
            "INSERT INTO facts (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            f"printer:{printer}",
            json.dumps(dict(facts), sort_keys=True),
        )
