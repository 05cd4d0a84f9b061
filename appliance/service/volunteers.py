"""This file is the volunteers: added with a PIN, signed in for a shift, signed out, taken off."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from appliance.core.age import age_s
from appliance.core.moment import Moment, parse_utc
from appliance.core.pin import FREE_TRIES, HOUSE_FREE_TRIES, PIN, wait_s
from appliance.core.texts import one_line
from appliance.errors import BadInput, Conflict, NotAllowed, NotFound, TooMany
from appliance.service.report import tell
from appliance.store import volunteers
from appliance.store.database import Row, Store

MOST_VOLUNTEERS = 60
# scrypt: about 50 ms and 16 MiB on a laptop. A PIN is short; the lock-out is what protects it.
_N, _R, _P = 2**14, 8, 1


def add_volunteer(
    store: Store, now: Moment, *, name: str, pin: str, desk: int = 1, shows_name: bool = False
) -> int:
    """Raises BadInput (bad_pin, too_long …), Conflict when the name is taken."""
    clean = one_line(name, most=40, least=1, what="name")
    if not PIN.fullmatch(pin):
        raise BadInput("a PIN is 4 to 8 digits", code="bad_pin")
    if not 1 <= desk <= 9:
        raise BadInput("a desk is 1 to 9", code="bad_desk")
    pin_hash = _hash(pin, secrets.token_bytes(16))
    with store.write():
        if store.value("SELECT count(*) FROM volunteers WHERE active = 1") >= MOST_VOLUNTEERS:
            raise TooMany(f"at most {MOST_VOLUNTEERS} volunteers", code="too_many_volunteers")
        before = store.one("SELECT id, active FROM volunteers WHERE name = ?", clean)
        if before is not None and before["active"]:
            raise Conflict("there is a volunteer of that name already", code="name_taken")
        row = {
            "pin_hash": pin_hash,
            "desk": desk,
            "shows_name": int(shows_name),
            "active": 1,
            "added_at": now.at_text,
        }
        if before is not None:
            store.run(
                "UPDATE volunteers SET pin_hash = ?, desk = ?, shows_name = ?, active = ?,"
                " added_at = ? WHERE id = ?",
                *row.values(),
                before["id"],
            )
            return int(before["id"])
        return store.insert("volunteers", {"name": clean, **row})


def take_off(store: Store, now: Moment, volunteer_id: int) -> None:
    """No more sign-in, every session ends at once (a lost telephone)."""
    with store.write():
        if volunteers.get(store, volunteer_id) is None:
            raise NotFound("no such volunteer", code="unknown_volunteer")
        store.run("UPDATE volunteers SET active = 0 WHERE id = ?", volunteer_id)
        store.run("DELETE FROM sessions WHERE volunteer_id = ?", volunteer_id)
        _end_duty(store, now, volunteer_id)


def sign_in(
    store: Store, now: Moment, *, volunteer_id: int, pin: str, hours: int, own_phone: str = ""
) -> tuple[str, Row]:
    """(session token, volunteer). Signing in is coming on duty. Raises as `check_pin` does."""
    volunteer = check_pin(store, now, volunteer_id, pin, own_phone)
    token = secrets.token_urlsafe(32)
    with store.write():
        store.run("DELETE FROM sessions WHERE ends_at < ?", now.at_text)
        store.insert(
            "sessions",
            {
                "token_hash": token_hash(token),
                "volunteer_id": volunteer_id,
                "made_at": now.at_text,
                "ends_at": now.plus_s(hours * 3600),
                "epoch": now.epoch,
                "mono_ms": now.mono_ms,
            },
        )
        on_duty = store.value(
            "SELECT count(*) FROM duty WHERE volunteer_id = ? AND ended_at IS NULL", volunteer_id
        )
        if not on_duty:
            store.insert("duty", {"volunteer_id": volunteer_id, "began_at": now.at_text})
            tell(store, now, "ops", {"type": "duty_began", "volunteer": volunteer_id})
    return token, volunteer


def check_pin(store: Store, now: Moment, volunteer_id: int, pin: str, own_phone: str = "") -> Row:
    """The volunteer whose PIN this is.

    Waits are counted before the PIN is looked at, per volunteer and for the whole house; they
    survive a restart. `own_phone`: the telephone this volunteer joined with; it counts by itself,
    so that nobody else's wrong PINs keep a volunteer out. Raises TooMany (too_many_pins) with
    `retry_after_s`, NotAllowed (wrong_pin).
    """
    scopes: tuple[tuple[str, int], ...] = (
        (f"volunteer:{volunteer_id}", FREE_TRIES),
        ("house", HOUSE_FREE_TRIES),
    )
    if own_phone:
        scopes = ((f"phone:{own_phone}", FREE_TRIES),)
    with store.write():
        for scope, free in scopes:
            left_s = _left_s(store, now, scope, free)
            if left_s > 0:
                raise TooMany(
                    "too many wrong PINs; wait", retry_after_s=left_s, code="too_many_pins"
                )
        # Counted as wrong before it is looked at: a box that loses power here has counted too.
        for scope, _ in scopes:
            _count_failure(store, now, scope)
    volunteer = volunteers.get(store, volunteer_id)
    if volunteer is None or not PIN.fullmatch(pin) or not _matches(pin, volunteer["pin_hash"]):
        raise NotAllowed("that PIN is not right", code="wrong_pin")
    with store.write():
        for scope, _ in scopes:
            store.run("DELETE FROM pin_failures WHERE scope = ?", scope)
    return volunteer


def who_is(store: Store, now: Moment, token: str, hours: int) -> Row | None:
    """The volunteer of a session that has not ended, or None. Reads only."""
    row = store.one(
        "SELECT s.*, v.name, v.desk, v.shows_name, v.active FROM sessions s"
        " JOIN volunteers v ON v.id = s.volunteer_id WHERE s.token_hash = ?",
        token_hash(token),
    )
    if row is None or not row["active"] or parse_utc(row["ends_at"]) < now.at:
        return None
    # A clock set back must not make a session longer than it was meant to be.
    if row["epoch"] == now.epoch and now.mono_ms - row["mono_ms"] > hours * 3600_000:
        return None
    return {
        "id": row["volunteer_id"],
        "name": row["name"],
        "desk": row["desk"],
        "shows_name": row["shows_name"],
    }


def sign_out(store: Store, now: Moment, token: str) -> None:
    """End this session; duty ends with the volunteer's last session."""
    with store.write():
        end_session(store, now, token_hash(token))


def end_session(store: Store, now: Moment, session_hash: str) -> None:
    """The same by the hash of a session's token, inside the caller's transaction."""
    row = store.one("SELECT volunteer_id FROM sessions WHERE token_hash = ?", session_hash)
    if row is None:
        return
    store.run("DELETE FROM sessions WHERE token_hash = ?", session_hash)
    others = store.value(
        "SELECT count(*) FROM sessions WHERE volunteer_id = ? AND ends_at > ?",
        row["volunteer_id"],
        now.at_text,
    )
    if not others:
        _end_duty(store, now, row["volunteer_id"])


def end_stale_duty(store: Store, now: Moment) -> int:
    """Duty of volunteers whose sessions have all ended is over. Writes only when there is any."""
    rows = store.all(
        "SELECT DISTINCT volunteer_id FROM duty WHERE ended_at IS NULL AND volunteer_id NOT IN"
        " (SELECT volunteer_id FROM sessions WHERE ends_at > ?)",
        now.at_text,
    )
    if rows:
        with store.write():
            for row in rows:
                _end_duty(store, now, row["volunteer_id"])
    return len(rows)


def _end_duty(store: Store, now: Moment, volunteer_id: int) -> None:
    if store.run(
        "UPDATE duty SET ended_at = ? WHERE volunteer_id = ? AND ended_at IS NULL",
        now.at_text,
        volunteer_id,
    ):
        tell(store, now, "ops", {"type": "duty_ended", "volunteer": volunteer_id})


def _left_s(store: Store, now: Moment, scope: str, free: int) -> float:
    row = store.one("SELECT * FROM pin_failures WHERE scope = ?", scope)
    if row is None:
        return 0
    return float(wait_s(row["count"], free) - age_s(row, now, "last_at"))


def _count_failure(store: Store, now: Moment, scope: str) -> None:
    store.run(
        "INSERT INTO pin_failures (scope, count, last_at, epoch, mono_ms) VALUES (?, 1, ?, ?, ?)"
        " ON CONFLICT (scope) DO UPDATE SET count = count + 1, last_at = excluded.last_at,"
        " epoch = excluded.epoch, mono_ms = excluded.mono_ms",
        scope,
        now.at_text,
        now.epoch,
        now.mono_ms,
    )


def _hash(pin: str, salt: bytes) -> str:
    digest = hashlib.scrypt(pin.encode(), salt=salt, n=_N, r=_R, p=_P)
    return f"scrypt:{_N}:{_R}:{_P}:{salt.hex()}:{digest.hex()}"


def _matches(pin: str, pin_hash: str) -> bool:
    _, n, r, p, salt, digest = pin_hash.split(":")
    again = hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p))
    return hmac.compare_digest(again.hex(), digest)


def token_hash(token: str) -> str:
    """What is kept of a token that opens something."""
    return hashlib.sha256(token.encode()).hexdigest()
