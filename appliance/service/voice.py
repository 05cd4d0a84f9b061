"""This file takes what residents say: faces, remarks by topic, wishes. Never who said it.

A remark's text goes into the ward's lane and nowhere else; a rating keeps neither the ticket nor
the hour; which tickets have been rated is kept apart, without the answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.core import voice as rules
from appliance.core.catalogue import Catalogue
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict, NotFound, TooMany
from appliance.service.report import tell
from appliance.store import tickets
from appliance.store.database import Row, Store


def rate(store: Store, now: Moment, ticket_id: str, faces: Mapping[str, int | None]) -> None:
    """Three questions, each answered or left out. Twice is once.

    Raises NotFound, Conflict (not_over), BadInput (no_face, bad_face).
    """
    if any(f is not None and f not in rules.FACES for f in faces.values()):
        raise BadInput("a face is 1, 2 or 3", code="bad_face")
    if not any(faces.get(q) for q in rules.QUESTIONS):
        raise BadInput("no face was chosen", code="no_face")
    with store.write():
        row = tickets.get(store, ticket_id)
        if row is None:
            raise NotFound("this number is not known", code="unknown_ticket")
        if row["state"] != "done":
            raise Conflict("asked when everything is done", code="not_over")
        if is_rated(store, ticket_id):
            return
        answers = {q: faces.get(q) for q in rules.QUESTIONS}
        store.insert("rated_tickets", {"ticket_id": ticket_id})
        store.insert(
            "ratings", {"day_on": row["day_on"], "service_id": row["service_id"], **answers}
        )
        body = {"type": "rated", "day": row["day_on"], "service": row["service_id"]}
        tell(store, now, "ops", body | {q: answers[q] or 0 for q in rules.QUESTIONS})


def is_rated(store: Store, ticket_id: str) -> bool:
    return bool(store.value("SELECT count(*) FROM rated_tickets WHERE ticket_id = ?", ticket_id))


def remark(store: Store, now: Moment, *, key: str, topic: str, text: str) -> Row:
    """A remark for the ward; the same `key` again is the same remark.

    Raises BadInput (unknown_topic, too_long, too_short, names_somebody, bad_text), TooMany.
    """
    if topic not in rules.TOPICS:
        raise BadInput("topic: one of " + ", ".join(rules.TOPICS), code="unknown_topic")
    clean = rules.check_text(text)
    with store.write():
        before = store.one("SELECT * FROM remarks WHERE key = ?", key)
        if before is not None:
            return before
        _not_too_many(
            store, now, "remark", rules.FEEDBACK_MOST, rules.FEEDBACK_WITHIN_S, "too_many_remarks"
        )
        tell(store, now, "ops", {"type": "remark", "topic": topic, "text": clean})
        remark_id = store.insert(
            "remarks",
            {
                "key": key,
                "topic": topic,
                "made_at": now.at_text,
                "outbox_ord": store.value("SELECT max(ord) FROM outbox"),
            },
        )
        found = store.one("SELECT * FROM remarks WHERE id = ?", remark_id)
        assert found is not None
        return found


def has_arrived(store: Store, key: str) -> bool | None:
    """Whether the ward has the remark of this key; None when there is no such remark."""
    row = store.one("SELECT outbox_ord FROM remarks WHERE key = ?", key)
    if row is None:
        return None
    waiting = store.value(
        "SELECT count(*) FROM outbox WHERE ord = ? AND receipted_at IS NULL", row["outbox_ord"]
    )
    return not waiting


def vote(
    store: Store, now: Moment, *, key: str, kind: str, choice: str, catalogue: Catalogue
) -> None:
    """When should the house be open, what should it help with? One tap, no name.

    Raises BadInput (unknown_choice), TooMany.
    """
    services = [service.id for service in catalogue.services]
    legal: Mapping[str, tuple[str, ...]] = {"hours": rules.HOURS_WISHES, "service": (*services,)}
    if choice not in legal.get(kind, ()):
        raise BadInput("no such choice", code="unknown_choice")
    with store.write():
        if store.value("SELECT count(*) FROM votes WHERE key = ?", key):
            return
        _not_too_many(store, now, "vote", rules.VOTES_MOST, rules.VOTES_WITHIN_S, "too_many_votes")
        store.insert("votes", {"key": key, "kind": kind, "choice": choice, "made_at": now.at_text})
        tell(store, now, "ops", {"type": "vote", "kind": kind, "choice": choice})


def _not_too_many(
    store: Store, now: Moment, what: str, most: int, within_s: int, code: str
) -> None:
    """By the reports of this start: setting the wall clock neither opens nor shuts anything."""
    count = store.value(
        "SELECT count(*) FROM outbox WHERE stream = 'ops' AND epoch = ? AND mono_ms > ?"
        " AND json_extract(body, '$.type') = ?",
        now.epoch,
        now.mono_ms - within_s * 1000,
        what,
    )
    if count >= most:
        raise TooMany("many at once; wait a little", retry_after_s=within_s, code=code)
