"""This file is the call for help: made, answered with a name and a time, withdrawn, closed."""

from __future__ import annotations

import secrets

from appliance.core.help_call import (
    ETA_MIN_MOST,
    OVER_PAST_ETA_S,
    SAME_CALL_WITHIN_S,
    WHO_MOST,
    past_eta_s,
)
from appliance.core.moment import Moment
from appliance.core.texts import one_line
from appliance.errors import BadInput, Conflict, NotFound, TooMany
from appliance.service.report import tell
from appliance.store import help_calls
from appliance.store.database import Row, Store


def call_help(store: Store, now: Moment, *, key: str, source: str) -> Row:
    """Call for help. One call is on at a time: a second press, or a press while nobody has come
    yet, is the same call. A press after the answer is a new call only once 5 s have passed."""
    with store.write():
        same_key = store.one("SELECT * FROM help_calls WHERE key = ?", key)
        if same_key is not None:
            return same_key
        for row in help_calls.still_on(store):
            age_s = (now.mono_ms - row["mono_ms"]) / 1000 if row["epoch"] == now.epoch else None
            if row["state"] == "open" or (age_s is not None and age_s < SAME_CALL_WITHIN_S):
                return row
        call_id = secrets.token_hex(8)
        store.insert(
            "help_calls",
            {
                "id": call_id,
                "key": key,
                "source": source,
                "state": "open",
                "made_at": now.at_text,
                "epoch": now.epoch,
                "mono_ms": now.mono_ms,
            },
        )
        tell(store, now, "help", {"type": "called", "call": call_id, "source": source})
        return _call(store, call_id)


def answer(
    store: Store, now: Moment, call_id: str, *, who: str, eta_min: int, by_ward: bool
) -> Row:
    """Somebody comes: `who` as shown on the wall (may be empty: no consent), in `eta_min` minutes.

    Raises BadInput (bad_eta, too_long), Conflict (call_ended) when it was withdrawn or closed.
    The first answer stands; a later one may only bring a nearer time.
    """
    if not 0 <= eta_min <= ETA_MIN_MOST:
        raise BadInput(f"0 to {ETA_MIN_MOST} minutes", code="bad_eta")
    name = one_line(who, most=WHO_MOST, what="name")
    with store.write():
        row = _call(store, call_id)
        if row["state"] not in ("open", "answered"):
            raise Conflict("this call is over", code="call_ended")
        eta_at = now.plus_s(eta_min * 60)
        if row["state"] == "answered" and (row["eta_at"] or "") <= eta_at:
            return row
        store.run(
            "UPDATE help_calls SET state = 'answered', who = ?, by_ward = ?, eta_at = ?,"
            " answered_at = ?, answered_epoch = ?, answered_mono_ms = ? WHERE id = ?",
            name,
            int(by_ward),
            eta_at,
            now.at_text,
            now.epoch,
            now.mono_ms,
            call_id,
        )
        tell(
            store,
            now,
            "help",
            {
                "type": "answered",
                "call": call_id,
                "by_ward": int(by_ward),
                "eta_min": eta_min,
                "eta_at": eta_at,
                "who": name,
            },
        )
        return _call(store, call_id)


def withdraw(store: Store, now: Moment, most_a_minute: int | None = None) -> int:
    """The button held for 3 s with a call on, or "không cần nữa" on the tablet: every call ends.

    With `most_a_minute`, raises TooMany (too_many_withdrawn) when so many calls of the last minute
    were withdrawn already: calling and taking it back in turns is play, and each wears the card
    and wakes the ward. The call stays on then.
    """
    with store.write():
        rows = help_calls.still_on(store)
        if (
            rows
            and most_a_minute is not None
            and help_calls.withdrawn_since(store, now.epoch, now.mono_ms - 60_000) >= most_a_minute
        ):
            raise TooMany("wait a minute", retry_after_s=60, code="too_many_withdrawn")
        for row in rows:
            _end(store, now, row["id"], "withdrawn")
    return len(rows)


def close(store: Store, now: Moment, call_id: str) -> None:
    """The helper is here. Closing twice is closing once."""
    with store.write():
        if _call(store, call_id)["state"] in ("open", "answered"):
            _end(store, now, call_id, "closed")


def close_overdue(store: Store, now: Moment) -> int:
    """Answered calls that nobody closed are closed hours after the helper was to be here: a lamp
    left on would make a held button withdraw a real call. How many there were."""
    due = [
        row
        for row in help_calls.still_on(store)
        if row["state"] == "answered" and past_eta_s(row, now) > OVER_PAST_ETA_S
    ]
    for row in due:
        close(store, now, row["id"])
    return len(due)


def _end(store: Store, now: Moment, call_id: str, state: str) -> None:
    store.run(
        "UPDATE help_calls SET state = ?, ended_at = ? WHERE id = ?", state, now.at_text, call_id
    )
    tell(store, now, "help", {"type": state, "call": call_id})


def _call(store: Store, call_id: str) -> Row:
    row = help_calls.get(store, call_id)
    if row is None:
        raise NotFound("this call is not known", code="unknown_call")
    return row
