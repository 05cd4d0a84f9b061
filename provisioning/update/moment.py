"""This file is when a house may be updated: at night, and never while somebody is being served."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.errors import Conflict, StoreError

NIGHT_H = range(1, 5)
"""Hours of the house's own time; unattended upgrades reboot within them as well."""
DARK_H = (*range(20, 24), *range(6))
"""For what is overdue: late in the evening and early, as Debian's updates (overlay/night.py)."""
OVERDUE_S = 7 * 86400.0
"""A release that has lain there so long belongs to a box that is dark at night."""


def check(
    database: Path, now: datetime, zone: str, *, asked_by_person: bool, overdue: bool = False
) -> None:
    """Pass when an update may begin. Raises Conflict (code not_at_night, visit_open).

    A person at the box may ask for it in the day, when nobody is there; during a visit nobody may.
    `overdue`: the night has not come for long; then late in the evening or early does as well.
    """
    if busy(database):
        raise Conflict(
            "somebody is being served, or a number waits. The update comes when they have gone.",
            code="visit_open",
        )
    hour = now.astimezone(ZoneInfo(zone)).hour
    if not asked_by_person and not is_dark(hour, overdue=overdue):
        raise Conflict("updates come between 1 and 5 o'clock at night.", code="not_at_night")


def is_dark(hour: int, *, overdue: bool) -> bool:
    """Whether nobody is expected at this hour of the house's own time."""
    return hour in (DARK_H if overdue else NIGHT_H)


def overdue(release: Path, now: datetime) -> bool:
    """By the file's own time: when it was brought, or put on the stick."""
    return now.timestamp() - release.stat().st_mtime > OVERDUE_S


def busy(database: Path) -> bool:
    """Is a visit open, or a number waiting, called or at the desk? Reads only.

    What is older than a day was forgotten, and does not keep a house from its updates.
    """
    if not database.exists() or database.stat().st_size == 0:
        return False
    try:
        table = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
        try:
            return bool(
                table.execute(
                    "SELECT EXISTS (SELECT 1 FROM visits WHERE state = 'open'"
                    " AND julianday('now') - julianday(opened_at) < 1)"
                    " OR EXISTS (SELECT 1 FROM tickets"
                    " WHERE state IN ('waiting', 'called', 'serving')"
                    " AND julianday('now') - julianday(taken_at) < 1)"
                ).fetchone()[0]
            )
        finally:
            table.close()
    except sqlite3.Error as error:
        raise StoreError(f"cannot look whether somebody is being served: {error}") from error
