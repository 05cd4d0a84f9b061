"""This file reads what the ward has told this house: wanted states and results of dossiers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from appliance.store.database import Row, Store
from appliance.store.guide import override_version


def versions(store: Store) -> dict[str, int]:
    """{name: version applied} of roster, config, catalogue; only what the ward has ever sent."""
    return {r["name"]: r["ver"] for r in store.all("SELECT name, ver FROM wanted WHERE ver > 0")}


def versions_to_tell(store: Store, in_effect: Mapping[str, int]) -> dict[str, int]:
    """What hello reports: settings and catalogue only once the rooms use them. Changes of the
    guide taken from a file count as well, so that the ward's next version is above them."""
    found = versions(store) | dict(in_effect)
    from_file = override_version(store)
    if from_file > versions(store).get("catalogue", 0):
        found["catalogue"] = from_file
    return found


def body(store: Store, name: str) -> dict[str, Any] | None:
    """The wanted state of that name as it was applied, or None."""
    text = store.value("SELECT body FROM wanted WHERE name = ? AND ver > 0", name)
    found = json.loads(text) if text is not None else None
    return found if isinstance(found, dict) else None


def results_lane(store: Store) -> tuple[str, int]:
    """(the ward's epoch, how far we have its results); ("", 0) before the first."""
    row = store.one("SELECT epoch, upto FROM down_lanes ORDER BY got_at DESC LIMIT 1")
    return (row["epoch"], row["upto"]) if row else ("", 0)


def results(store: Store, most: int = 50) -> list[Row]:
    """The newest word on each dossier, newest first: dossier_id, state, note, at, got_at, and
    the number and day of the visit it came from where this house still knows it."""
    return store.all(
        "SELECT r.dossier_id, r.state, r.note, r.at, r.got_at, t.number, t.day_on, d.visit_id"
        " FROM dossier_results r"
        " LEFT JOIN sealed_dossiers d ON d.id = r.dossier_id"
        " LEFT JOIN visits v ON v.id = d.visit_id LEFT JOIN tickets t ON t.id = v.ticket_id"
        " WHERE NOT EXISTS (SELECT 1 FROM dossier_results n WHERE n.dossier_id = r.dossier_id"
        "  AND (n.got_at, n.epoch, n.seq) > (r.got_at, r.epoch, r.seq))"
        " ORDER BY r.got_at DESC LIMIT ?",
        most,
    )


def newest_word(store: Store, visit_id: str) -> Row | None:
    """The newest word of the ward (state, note, at) on the papers of this visit, or None."""
    return store.one(
        "SELECT r.state, r.note, r.at FROM dossier_results r"
        " JOIN sealed_dossiers d ON d.id = r.dossier_id WHERE d.visit_id = ?"
        " ORDER BY r.got_at DESC, r.seq DESC LIMIT 1",
        visit_id,
    )


def results_of(store: Store, dossier_id: str) -> list[Row]:
    """Everything the ward said about one dossier, in the order it came."""
    return store.all(
        "SELECT * FROM dossier_results WHERE dossier_id = ? ORDER BY got_at, seq", dossier_id
    )
