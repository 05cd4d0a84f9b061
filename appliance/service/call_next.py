"""This file is the desk's queue: call, call again, absent, cancel, bring back, undo for 10 s."""

from __future__ import annotations

import json
from typing import Any

from appliance.core.moment import Moment
from appliance.core.ticket import ABSENT_WAITS_FOR, CANCEL_REASONS, UNDO_WITHIN_S
from appliance.errors import BadInput, Conflict, NotFound
from appliance.service.report import tell
from appliance.service.slips import cancel_of_ticket
from appliance.store import tickets
from appliance.store.database import Row, Store

# The columns an action may change, and undo puts back.
_CHANGEABLE = (
    "state", "place", "desk", "called_by", "call_count", "absent_count",
    "called_at", "serving_at", "ended_at", "end_reason",
)  # fmt: skip


def call_next(
    store: Store, now: Moment, *, key: str, volunteer: Row, ticket_id: str | None = None
) -> Row:
    """Call the first who waits (or just this one), for this volunteer's desk. The ticket called.

    Immediate transactions take turns, so two volunteers never call the same ticket. The same
    `key` again (a double tap) gives the ticket it called. Raises Conflict (nobody_waits,
    ticket_moved_on).
    """
    with store.write():
        if (before := _done_before(store, key)) is not None:
            return _ticket(store, before["ticket_id"])
        row = _ticket(store, ticket_id) if ticket_id else _first_waiting(store)
        if row["state"] != "waiting":
            raise Conflict("somebody else has called this number already", code="ticket_moved_on")
        _change(
            store, now, key, volunteer, row, "called",
            state="called", desk=volunteer["desk"], called_by=volunteer["id"],
            call_count=row["call_count"] + 1, called_at=now.at_text,
        )  # fmt: skip
        return _ticket(store, row["id"])


def call_again(store: Store, now: Moment, *, key: str, volunteer: Row, ticket_id: str) -> Row:
    """Chime once more for a number that has not come."""
    with store.write():
        if _done_before(store, key) is not None:
            return _ticket(store, ticket_id)
        row = _in_state(store, ticket_id, "called")
        _change(
            store, now, key, volunteer, row, "called_again",
            call_count=row["call_count"] + 1, called_at=now.at_text,
        )  # fmt: skip
        return _ticket(store, ticket_id)


def absent(store: Store, now: Moment, *, key: str, volunteer: Row, ticket_id: str) -> Row:
    """Nobody came: back into the queue, behind the next two."""
    with store.write():
        if _done_before(store, key) is not None:
            return _ticket(store, ticket_id)
        row = _in_state(store, ticket_id, "called")
        _change(
            store, now, key, volunteer, row, "absent",
            state="waiting", place=_place_behind(store, ABSENT_WAITS_FOR), desk=None,
            called_by=None, absent_count=row["absent_count"] + 1,
        )  # fmt: skip
        return _ticket(store, ticket_id)


def cancel(
    store: Store, now: Moment, *, key: str, volunteer: Row, ticket_id: str, reason: str
) -> Row:
    """The resident has left. The ticket stays in the day's history.

    Raises BadInput (bad_reason) for a reason that is not one of core.ticket.CANCEL_REASONS.
    """
    if reason not in CANCEL_REASONS:
        raise BadInput(f"unknown reason {reason[:20]!r}", code="bad_reason")
    with store.write():
        if _done_before(store, key) is not None:
            return _ticket(store, ticket_id)
        row = _in_state(store, ticket_id, "waiting", "called")
        _change(
            store, now, key, volunteer, row, "cancelled",
            state="cancelled", ended_at=now.at_text, end_reason=reason,
        )  # fmt: skip
        cancel_of_ticket(store, now, ticket_id)
        return _ticket(store, ticket_id)


def bring_back(store: Store, now: Moment, *, key: str, volunteer: Row, ticket_id: str) -> Row:
    """Somebody who was taken off the list is here after all: behind the next two."""
    with store.write():
        if _done_before(store, key) is not None:
            return _ticket(store, ticket_id)
        row = _in_state(store, ticket_id, "cancelled", "expired")
        _change(
            store, now, key, volunteer, row, "brought_back",
            state="waiting", place=_place_behind(store, ABSENT_WAITS_FOR), ended_at=None,
            end_reason=None,
        )  # fmt: skip
        return _ticket(store, ticket_id)


def undoable(store: Store, now: Moment, volunteer_id: int) -> Row | None:
    """The volunteer's last action, while it can still be undone; with `left_s` and `number`."""
    row = store.one(
        "SELECT a.*, t.number FROM desk_actions a JOIN tickets t ON t.id = a.ticket_id"
        " WHERE a.volunteer_id = ? AND a.kind <> 'opened' ORDER BY a.id DESC LIMIT 1",
        volunteer_id,
    )
    if row is None or row["undone"] or row["epoch"] != now.epoch:
        return None
    left_s = UNDO_WITHIN_S - (now.mono_ms - row["mono_ms"]) / 1000
    if left_s <= 0:
        return None
    row["left_s"] = left_s
    return row


def undo(store: Store, now: Moment, *, volunteer: Row, action_id: int) -> Row:
    """Put the ticket back as it was. Raises Conflict when it is too late or somebody went on."""
    with store.write():
        action = undoable(store, now, volunteer["id"])
        if action is None or action["id"] != action_id:
            raise Conflict("it is too late to undo this", code="too_late_to_undo")
        newer = store.value(
            "SELECT count(*) FROM desk_actions WHERE ticket_id = ? AND id > ?",
            action["ticket_id"],
            action_id,
        )
        visit = store.value("SELECT count(*) FROM visits WHERE ticket_id = ?", action["ticket_id"])
        if newer or (visit and action["kind"] != "brought_back"):
            raise Conflict("somebody has gone on with this number", code="ticket_moved_on")
        before = json.loads(action["before"])
        _set(store, action["ticket_id"], before)
        store.run("UPDATE desk_actions SET undone = 1 WHERE id = ?", action_id)
        row = _ticket(store, action["ticket_id"])
        tell(store, now, "queue", {"type": "undone", "what": action["kind"], **_who(row)})
        return row


def _change(
    store: Store, now: Moment, key: str, volunteer: Row, row: Row, kind: str, **to: Any
) -> None:
    record(store, now, key=key, volunteer=volunteer, row=row, kind=kind)
    _set(store, row["id"], to)
    tell(store, now, "queue", {"type": kind, **_who(row), "desk": volunteer["desk"]})


def record(store: Store, now: Moment, *, key: str, volunteer: Row, row: Row, kind: str) -> None:
    """Remember who did what, and how the ticket was before.

    Raises BadInput (bad_key) for a key that has done something else already.
    """
    if _done_before(store, key) is not None:
        raise BadInput("this key was used for something else", code="bad_key")
    store.insert(
        "desk_actions",
        {
            "key": key,
            "volunteer_id": volunteer["id"],
            "ticket_id": row["id"],
            "kind": kind,
            "before": json.dumps({name: row[name] for name in _CHANGEABLE}),
            "made_at": now.at_text,
            "epoch": now.epoch,
            "mono_ms": now.mono_ms,
        },
    )


def _set(store: Store, ticket_id: str, to: dict[str, Any]) -> None:
    assert set(to) <= set(_CHANGEABLE)
    columns = ", ".join(f"{name} = ?" for name in to)
    sql = f"UPDATE tickets SET {columns} WHERE id = ?"  # noqa: S608 -- names from the tuple above
    store.run(sql, *to.values(), ticket_id)


def _done_before(store: Store, key: str) -> Row | None:
    return store.one("SELECT * FROM desk_actions WHERE key = ?", key)


def _first_waiting(store: Store) -> Row:
    row = store.one("SELECT * FROM tickets WHERE state = 'waiting' ORDER BY place, rowid LIMIT 1")
    if row is None:
        raise Conflict("nobody is waiting", code="nobody_waits")
    return row


def _in_state(store: Store, ticket_id: str, *states: str) -> Row:
    row = _ticket(store, ticket_id)
    if row["state"] not in states:
        raise Conflict("this number has moved on; look at the list again", code="ticket_moved_on")
    return row


def _ticket(store: Store, ticket_id: str) -> Row:
    row = tickets.get(store, ticket_id)
    if row is None:
        raise NotFound("this number is not known", code="unknown_ticket")
    return row


def _place_behind(store: Store, others: int) -> float:
    """A place after the first `others` who wait: half-way to the one behind them."""
    places = [
        row["place"]
        for row in store.all(
            "SELECT place FROM tickets WHERE state = 'waiting' ORDER BY place LIMIT ?", others + 1
        )
    ]
    if len(places) > others:
        return float((places[others - 1] + places[others]) / 2)
    return float((store.value("SELECT max(place) FROM tickets") or 0) + 1)


def _who(row: Row) -> dict[str, Any]:
    return {"day": row["day_on"], "number": row["number"], "service": row["service_id"]}
