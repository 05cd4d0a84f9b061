"""This file sets aside what cannot go to the ward, so that nothing behind it waits; a person
decides what becomes of it.

A report keeps its place in its lane: word that it was set aside goes in its stead, under its own
key, so the lane stays whole. Tried again, it goes as a new report at the end of the lane.
"""

from __future__ import annotations

import json
import re

from appliance.core.moment import Moment, parse_utc
from appliance.errors import Conflict, NotFound
from appliance.service.report import Stream, tell
from appliance.store import outbox
from appliance.store import set_aside as kept
from appliance.store.database import Row, Store

_REASON = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NO_TIME = "1970-01-01T00:00:00.000Z"


def set_report_aside(
    store: Store, now: Moment, *, epoch: str, stream: str, seq: int, reason: str
) -> bool:
    """Take one report out of its lane; False when it is gone, or word of it went there already."""
    why = reason if _REASON.fullmatch(reason) else "refused"
    with store.write():
        row = outbox.row(store, epoch, stream, seq)
        if row is None or row["receipted_at"] is not None:
            return False
        item = f"{epoch}/{stream}/{seq}"
        if store.value("SELECT 1 FROM set_aside WHERE kind = 'report' AND item = ?", item):
            return False
        _keep(store, now, "report", item, why, row["body"])
        store.run(
            "UPDATE outbox SET body = ?, at = ?, sync = ?, mono_ms = ? WHERE ord = ?",
            json.dumps({"type": "set_aside", "reason": why}),
            _sane_time(row["at"]),
            row["sync"] if row["sync"] in ("ntp", "rtc", "none") else "none",
            max(0, row["mono_ms"]) if isinstance(row["mono_ms"], int) else 0,
            row["ord"],
        )
    return True


def set_dossier_aside(store: Store, now: Moment, dossier_id: str, reason: str) -> None:
    """The ward will not take this dossier as it is; its sealed file stays until somebody decides,
    or until its time is over."""
    with store.write():
        if store.run(
            "UPDATE sealed_dossiers SET state = 'aside' WHERE id = ? AND state = 'sealed'",
            dossier_id,
        ):
            _keep(store, now, "dossier", dossier_id, reason, "")


def retry(store: Store, now: Moment, item_id: int, volunteer_id: int | None = None) -> Row:
    """Try it again: a report as a new row of its lane, a dossier from its sealed file.

    Raises NotFound (unknown_item), Conflict (already_decided).
    """
    with store.write():
        row = _decide(store, now, item_id, "retried", volunteer_id)
        if row["kind"] == "dossier":
            store.run(
                "UPDATE sealed_dossiers SET state = 'sealed' WHERE id = ? AND state = 'aside'",
                row["item"],
            )
        else:
            _tell_again(store, now, row)
    return row


def discard(store: Store, now: Moment, item_id: int, volunteer_id: int | None = None) -> Row:
    """It is not to be sent any more. The ward is told how many, never what.

    Raises NotFound (unknown_item), Conflict (already_decided).
    """
    with store.write():
        row = _decide(store, now, item_id, "discarded", volunteer_id)
        store.run("UPDATE set_aside SET content = '' WHERE id = ?", item_id)
        if row["kind"] == "dossier":
            store.run(
                "UPDATE sealed_dossiers SET state = 'discarded', ended_at = ? WHERE id = ?"
                " AND state = 'aside'",
                now.at_text,
                row["item"],
            )
        tell(store, now, "ops", {"type": "discarded", "kind": row["kind"], "reason": row["reason"]})
    return row


def _keep(store: Store, now: Moment, kind: str, item: str, reason: str, content: str) -> None:
    store.run(
        "INSERT INTO set_aside (kind, item, reason, content, state, made_at)"
        " VALUES (?, ?, ?, ?, 'aside', ?)"
        " ON CONFLICT (kind, item) DO UPDATE SET state = 'aside', reason = excluded.reason,"
        " tries = tries + 1, ended_at = NULL, ended_by = NULL",
        kind,
        item,
        reason,
        content,
        now.at_text,
    )


def _decide(store: Store, now: Moment, item_id: int, state: str, by: int | None) -> Row:
    row = kept.get(store, item_id)
    if row is None:
        raise NotFound("there is no such item any more", code="unknown_item")
    if row["state"] != "aside":
        raise Conflict("somebody has decided about this already", code="already_decided")
    store.run(
        "UPDATE set_aside SET state = ?, ended_at = ?, ended_by = ? WHERE id = ?",
        state,
        now.at_text,
        by,
        item_id,
    )
    return row


def _tell_again(store: Store, now: Moment, row: Row) -> None:
    epoch, name, seq = row["item"].rsplit("/", 2)
    stream: Stream = name
    try:
        body = json.loads(row["content"])
        assert isinstance(body, dict)
    except (ValueError, AssertionError):
        body = {"type": "unreadable"}
    tell(store, now, stream, {**body, "again": {"epoch": epoch, "seq": int(seq)}})


def _sane_time(text: str) -> str:
    try:
        parse_utc(text)
    except (TypeError, ValueError):
        return _NO_TIME
    return text if text.endswith("Z") and 20 <= len(text) <= 35 else _NO_TIME
