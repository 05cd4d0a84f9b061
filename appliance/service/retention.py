"""This file lets sealed pages go when their time is over, and says how many went."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from appliance.core.age import age_s
from appliance.core.moment import Moment, utc_text
from appliance.core.visit import LEFT_ALONE_S, untouched_s
from appliance.service.dating import date_rows
from appliance.service.report import tell
from appliance.store import visits
from appliance.store.database import Row, Store

RESULTS_KEPT_DAYS = 365
OUTBOX_KEPT_DAYS = 30


def due(store: Store, now: Moment, keep_h: int) -> list[Row]:
    """Pages whose file should go: too old, or taken out of their visit. Reads only."""
    return [
        row
        for row in visits.sealed_kept(store)
        if row["state"] == "removed"
        or (age_s(row, now, "taken_at") > keep_h * 3600 and not _in_use(store, now, row))
    ]


def _in_use(store: Store, now: Moment, page: Row) -> bool:
    """Whether somebody is at work on the visit of a page just now."""
    visit = visits.get(store, page["visit_id"])
    return (
        visit is not None and visit["state"] == "open" and untouched_s(visit, now) <= LEFT_ALONE_S
    )


def delete_sealed(store: Store, now: Moment, sealed_dir: Path, keep_h: int) -> int:
    """Delete what is due: first the file, then the fact. The number deleted."""
    date_rows(store, now, "pages")
    rows = due(store, now, keep_h)
    if not rows:
        return 0
    for row in rows:
        (sealed_dir / row["visit_id"] / row["sealed_name"]).unlink(missing_ok=True)
        folder = sealed_dir / row["visit_id"]
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
    with store.write():
        for row in rows:
            store.run("UPDATE pages SET state = 'deleted' WHERE id = ?", row["id"])
        tell(store, now, "ops", {"type": "pages_deleted", "count": len(rows)})
    return len(rows)


def forget_receipted(store: Store, now: Moment) -> int:
    """Reports the ward has had for 30 days leave the outbox. Writes only when there are any."""
    before = utc_text(now.at - timedelta(days=OUTBOX_KEPT_DAYS))
    if not store.value("SELECT count(*) FROM outbox WHERE receipted_at < ?", before):
        return 0
    with store.write():
        return store.run("DELETE FROM outbox WHERE receipted_at < ?", before)


def forget_results(store: Store, now: Moment) -> int:
    """What the ward said of dossiers a year ago goes; how far its lane is stays. Writes only when
    there is any; a clock that was never set deletes nothing."""
    before = utc_text(now.at - timedelta(days=RESULTS_KEPT_DAYS))
    if now.sync == "none" or not store.value(
        "SELECT count(*) FROM dossier_results WHERE got_at < ?", before
    ):
        return 0
    with store.write():
        return store.run("DELETE FROM dossier_results WHERE got_at < ?", before)
