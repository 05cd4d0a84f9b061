"""This file begins to follow a dossier, inside the transaction that ends its visit."""

from __future__ import annotations

import secrets

from appliance.core.age import made_under
from appliance.core.dossier import NEWLY_SUBMITTED, PREPARED
from appliance.core.look_up import LENGTH, SIGNS
from appliance.core.moment import Moment
from appliance.store import dossiers
from appliance.store.database import Store


def begin(store: Store, now: Moment, visit_id: str, *, dossier_code: str | None) -> str:
    """The look-up code for the slip. A visit that added papers keeps the code it came with."""
    before = dossiers.of_visit(store, visit_id)
    if before is not None:
        return str(before["look_up"])
    code = _free_code(store)
    status = NEWLY_SUBMITTED if dossier_code else PREPARED
    store.insert(
        "dossiers",
        {
            "visit_id": visit_id,
            "look_up": code,
            "status": status,
            "status_at": now.at_text,
            "made_at": now.at_text,
            **made_under(now),
        },
    )
    store.insert(
        "dossier_changes",
        {"visit_id": visit_id, "status": status, "by_ward": 0, "made_at": now.at_text},
    )
    return code


def _free_code(store: Store) -> str:
    """One that no other dossier has: there are 390,625."""
    while True:
        code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
        if not store.value("SELECT count(*) FROM dossiers WHERE look_up = ?", code):
            return code
