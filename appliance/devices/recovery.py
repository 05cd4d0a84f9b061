"""This file is the first thing the room does: every state a power cut left gets an owner again."""

from __future__ import annotations

import logging

from appliance.devices.parts import Parts
from appliance.devices.sealed_file import remove_unknown
from appliance.service import capture, slips
from appliance.store import visits

log = logging.getLogger("hien.devices")


def recover(parts: Parts) -> int:
    """Bring table, card and RAM in line; the number of slips a person must look for.

    A capture half done is taken again, once. A slip half sent is never sent again by itself.
    Sealed files without a row go, and clear pages of visits that are not open any more go.
    """
    store = parts.store()
    try:
        now = parts.clock.now()
        questions = slips.recover(store, now)
        capture.recover(store, now)
        known = {(row["visit_id"], row["sealed_name"]) for row in visits.sealed_kept(store)}
        orphans = remove_unknown(parts.sealed_dir, known)
        for visit_id in parts.ram.visits_with_pages():
            visit = visits.get(store, visit_id)
            if visit is None or visit["state"] != "open":
                parts.ram.wipe_visit(visit_id)
        parts.ram.drop_preview()
        if questions or orphans:
            log.info("recovered: %d slips in question, %d files removed", questions, orphans)
        return questions
    finally:
        store.close()
