"""This file lets a volunteer's telephone join for good, and puts it out at once when it is lost."""

from __future__ import annotations

import secrets

from appliance.core.moment import Moment
from appliance.core.phone import MOST_PHONES, PhoneKind
from appliance.errors import NotFound, TooMany
from appliance.service.report import tell
from appliance.service.volunteers import end_session, token_hash
from appliance.store import phones
from appliance.store.database import Row, Store


def join(
    store: Store, now: Moment, *, volunteer_id: int, kind: PhoneKind, session_token: str
) -> str:
    """The secret the telephone keeps; this session counts as its own. Raises TooMany."""
    token = secrets.token_urlsafe(32)
    with store.write():
        if len(phones.joined(store, now.at_text)) >= MOST_PHONES:
            raise TooMany(f"at most {MOST_PHONES} telephones", code="too_many_phones")
        phone_id = secrets.token_hex(8)
        store.insert(
            "phones",
            {
                "id": phone_id,
                "volunteer_id": volunteer_id,
                "token_hash": token_hash(token),
                "kind": kind,
                "joined_at": now.at_text,
            },
        )
        _link(store, phone_id, session_token)
        tell(store, now, "ops", {"type": "phone_joined", "volunteer": volunteer_id})
    return token


def known(store: Store, token: str) -> Row | None:
    """The telephone of this secret ({id, volunteer_id, kind, revoked_at, …}), or None."""
    return phones.of_token(store, token_hash(token)) if 20 <= len(token) <= 100 else None


def signed_in(store: Store, phone: Row, session_token: str) -> None:
    """A telephone that has joined before begins another shift."""
    with store.write():
        _link(store, phone["id"], session_token)


def is_on_phone(store: Store, session_token: str) -> bool:
    return phones.of_session(store, token_hash(session_token)) is not None


def put_out(store: Store, now: Moment, phone_id: str) -> None:
    """Its sessions end with this transaction; it cannot sign in again. Twice is once."""
    with store.write():
        row = store.one("SELECT * FROM phones WHERE id = ?", phone_id)
        if row is None:
            raise NotFound("this telephone is not known", code="unknown_phone")
        if row["revoked_at"] is not None:
            return
        store.run("UPDATE phones SET revoked_at = ? WHERE id = ?", now.at_text, phone_id)
        for one in store.all("SELECT token_hash FROM phone_sessions WHERE phone_id = ?", phone_id):
            end_session(store, now, one["token_hash"])
        store.run("DELETE FROM phone_sessions WHERE phone_id = ?", phone_id)
        tell(store, now, "ops", {"type": "phone_out", "volunteer": row["volunteer_id"]})


def end_other(store: Store, now: Moment, session_id: int) -> None:
    """End one session of a screen that never joined. One that has ended already is no error."""
    with store.write():
        row = store.one("SELECT token_hash FROM sessions WHERE rowid = ?", session_id)
        if row is not None:
            end_session(store, now, row["token_hash"])


def _link(store: Store, phone_id: str, session_token: str) -> None:
    store.run(
        "DELETE FROM phone_sessions WHERE token_hash NOT IN (SELECT token_hash FROM sessions)"
    )
    store.insert("phone_sessions", {"token_hash": token_hash(session_token), "phone_id": phone_id})
