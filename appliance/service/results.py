"""This file takes what became of a dossier: each word of the ward once, in order, and says so."""

from __future__ import annotations

from appliance.core.moment import Moment
from appliance.service import dossiers
from appliance.service.report import tell
from appliance.store.database import Store


def take_result(
    store: Store,
    now: Moment,
    *,
    epoch: str,
    seq: int,
    dossier: str,
    state: str,
    note: str,
    at: str,
    floor: int = 0,
) -> bool:
    """Keep one result by its dossier's id; the ward is told in the same transaction.

    False: it is here already, or one before it is still missing (the ward sends that again).
    """
    with store.write():
        upto = store.value("SELECT upto FROM down_lanes WHERE epoch = ?", epoch) or 0
        if seq <= upto or seq > max(upto, floor) + 1:
            return False
        store.run(
            "INSERT INTO down_lanes (epoch, upto, got_at) VALUES (?, ?, ?) ON CONFLICT (epoch)"
            " DO UPDATE SET upto = excluded.upto, got_at = excluded.got_at",
            epoch,
            seq,
            now.at_text,
        )
        # A ward that begins anew says again what it said before: that is no second word.
        again = store.value(
            "SELECT 1 FROM dossier_results WHERE dossier_id = ? AND state = ? AND at = ?",
            dossier,
            state,
            at,
        )
        if not again:
            store.insert(
                "dossier_results",
                {
                    "epoch": epoch,
                    "seq": seq,
                    "dossier_id": dossier,
                    "state": state,
                    "note": note,
                    "at": at,
                    "got_at": now.at_text,
                },
            )
            visit_id = store.value("SELECT visit_id FROM sealed_dossiers WHERE id = ?", dossier)
            if visit_id is not None:
                dossiers.heard(store, now, visit_id, state)
        tell(store, now, "ops", {"type": "results_taken", "epoch": epoch, "upto": seq})
    return True
