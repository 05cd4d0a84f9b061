"""This file keeps what was learnt of each printer: which questions it answers, and how a person
found that it prints best."""

from __future__ import annotations

import json
from collections.abc import Mapping

from appliance.core.calibration import Calibration, from_text
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
    _keep(store, f"printer:{printer}", json.dumps(dict(facts), sort_keys=True))


def calibration(store: Store, printer: str) -> Calibration | None:
    """How `printer` (its identity) prints best; None for one nobody has looked at."""
    return from_text(
        store.value("SELECT value FROM facts WHERE name = ?", f"calibration:{printer}")
    )


def calibrate(store: Store, printer: str, tuned: Calibration) -> None:
    """From the next slip on, everything for this printer is drawn so."""
    if calibration(store, printer) != tuned:
        _keep(store, f"calibration:{printer}", tuned.as_text())


def forget_calibration(store: Store, printer: str) -> None:
    """Back to what the settings say."""
    with store.write():
        store.run("DELETE FROM facts WHERE name = ?", f"calibration:{printer}")


def _keep(store: Store, name: str, value: str) -> None:
    with store.write():
        store.run(
            "INSERT INTO facts (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )
