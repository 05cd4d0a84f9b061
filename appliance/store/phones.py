"""This file reads which telephones have joined, and which sessions are open."""

from __future__ import annotations

from appliance.store.database import Row, Store


def of_token(store: Store, token_hash: str) -> Row | None:
    """The telephone that keeps this secret, also when it was put out."""
    return store.one("SELECT * FROM phones WHERE token_hash = ?", token_hash)


def of_session(store: Store, session_hash: str) -> Row | None:
    """The telephone a session was begun on, or None for a screen of the house."""
    return store.one(
        "SELECT p.* FROM phones p JOIN phone_sessions s ON s.phone_id = p.id"
        " WHERE s.token_hash = ? AND p.revoked_at IS NULL",
        session_hash,
    )


def joined(store: Store, now_text: str) -> list[Row]:
    """Telephones that may still come in: {id, kind, joined_at, volunteer_id, name, shows_name,
    signed_in}, the newest first."""
    return store.all(
        "SELECT p.id, p.kind, p.joined_at, p.volunteer_id, v.name, v.shows_name,"
        " EXISTS (SELECT 1 FROM phone_sessions ps JOIN sessions s ON s.token_hash = ps.token_hash"
        "  WHERE ps.phone_id = p.id AND s.ends_at > ?) AS signed_in"
        " FROM phones p JOIN volunteers v ON v.id = p.volunteer_id"
        " WHERE p.revoked_at IS NULL AND v.active = 1 ORDER BY p.joined_at DESC",
        now_text,
    )


def other_sessions(store: Store, now_text: str) -> list[Row]:
    """Open sessions of screens that never joined: {id, made_at, volunteer_id, name, shows_name,
    token_hash}."""
    return store.all(
        "SELECT s.rowid AS id, s.made_at, s.volunteer_id, s.token_hash, v.name, v.shows_name"
        " FROM sessions s JOIN volunteers v ON v.id = s.volunteer_id"
        " WHERE s.ends_at > ? AND v.active = 1 AND s.token_hash NOT IN"
        " (SELECT token_hash FROM phone_sessions) ORDER BY s.made_at DESC",
        now_text,
    )
