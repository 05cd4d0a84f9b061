"""This file watches drafts that came back: one day to read them, louder at 50 % and 80 %."""

from __future__ import annotations

from appliance.core import proof_watch as rules
from appliance.core.age import age_s
from appliance.core.moment import Moment
from appliance.core.visit import dossier_code as read_dossier_code
from appliance.errors import BadInput, NotFound
from appliance.service.report import tell
from appliance.store import dossiers
from appliance.store.database import Row, Store


def begin(store: Store, now: Moment, visit_id: str, *, by_ward: bool = False) -> int:
    """A draft has come back; the watch's id. While one is watched, another is the same."""
    with store.write():
        row = dossiers.get(store, visit_id)
        if row is None:
            raise NotFound("no dossier follows this visit", code="unknown_dossier")
        if row["watch_id"] is not None:
            return int(row["watch_id"])
        watch_id = store.insert(
            "proof_watches",
            {
                "visit_id": visit_id,
                "state": "open",
                "began_at": now.at_text,
                "ends_at": now.plus_s(rules.WATCH_S),
                "by_ward": int(by_ward),
                "epoch": now.epoch,
                "mono_ms": now.mono_ms,
            },
        )
        _tell(store, now, watch_id, "proof_began", row["dossier_code"])
        return watch_id


def begin_by_code(store: Store, now: Moment, dossier_code: str) -> int:
    """The ward says so, by the portal's code. Raises NotFound (unknown_dossier)."""
    row = dossiers.by_code(store, read_dossier_code(dossier_code) or "")
    if row is None:
        raise NotFound("no dossier of that code here", code="unknown_dossier")
    return begin(store, now, row["visit_id"], by_ward=True)


def end(store: Store, now: Moment, watch_id: int, state: str) -> None:
    """The resident has looked: confirmed, wrong (the ward is to mend it), or withdrawn by hand.

    Ending twice is ending once. Raises BadInput (bad_ending), NotFound.
    """
    if state not in rules.ENDINGS:
        raise BadInput("confirmed, wrong or withdrawn", code="bad_ending")
    with store.write():
        row = store.one("SELECT * FROM proof_watches WHERE id = ?", watch_id)
        if row is None:
            raise NotFound("no such draft", code="unknown_draft")
        if row["state"] == "open":
            _end(store, now, row, state)


def escalate(store: Store, now: Moment) -> int:
    """Say once at each mark how much of the time is gone; what is over has lapsed.

    Writes only when a mark has been passed; how many were.
    """
    due = [
        (row, level)
        for row in dossiers.watches(store)
        if (level := rules.level_pct(passed_s(row, now))) > row["told_pct"]
    ]
    if due:
        with store.write():
            for row, level in due:
                store.run("UPDATE proof_watches SET told_pct = ? WHERE id = ?", level, row["id"])
                if level >= 100:
                    _end(store, now, row, "lapsed")
                else:
                    _tell(store, now, row["id"], "proof_level", row["dossier_code"], pct=level)
    return len(due)


def passed_s(row: Row, now: Moment) -> float:
    """How long a draft has been watched."""
    return age_s(row, now, "began_at")


def _end(store: Store, now: Moment, row: Row, state: str) -> None:
    store.run(
        "UPDATE proof_watches SET state = ?, ended_at = ? WHERE id = ?",
        state,
        now.at_text,
        row["id"],
    )
    found = store.value("SELECT dossier_code FROM visits WHERE id = ?", row["visit_id"])
    _tell(store, now, row["id"], f"proof_{state}", found)


def _tell(
    store: Store, now: Moment, watch_id: int, what: str, code: str | None, **more: int
) -> None:
    tell(store, now, "ops", {"type": what, "watch": watch_id, "code": code or "", **more})
