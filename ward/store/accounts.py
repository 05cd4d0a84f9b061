"""This file keeps accounts, their sessions, and the tokens of programs."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from appliance.sync.protocol import parse_utc, utc_text
from ward.accounts.roles import ROLES, Role, Who
from ward.store.database import Store
from ward.store.db import Db

WORKDAY = timedelta(hours=12)  # a session ends then, whatever happens
IDLE = timedelta(hours=2)  # and after this long without any request; an open page asks every 2 s
SEEN_EVERY = timedelta(minutes=1)  # how exactly it is kept when a session was last used
_NAME = re.compile(r"[\w.-]{2,40}")


class AccountError(ValueError):
    """The message says what to do instead."""


def check_name(name: str) -> str:
    """The name as it is kept: lower case, 2 to 40 letters, digits, dots, hyphens."""
    plain = name.strip().casefold()
    if not _NAME.fullmatch(plain):
        raise AccountError("a name has 2 to 40 letters, digits, dots or hyphens, and no space")
    return plain


def add(db: Db, name: str, role: Role, password: str, now: datetime) -> None:
    """A new account. `password` is already made by ward.accounts.passwords."""
    if db.execute("SELECT 1 FROM accounts WHERE name = ?", (name,)).fetchone():
        raise AccountError(f"there is an account {name} already; remove it first or set a password")
    at = utc_text(now)
    db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", (name, role, password, at, at))


def set_password(db: Db, name: str, password: str, now: datetime) -> None:
    """Another password; whoever is signed in with the old one has to sign in again."""
    done = db.execute(
        "UPDATE accounts SET password = ?, changed_at = ? WHERE name = ?",
        (password, utc_text(now), name),
    )
    if not done.rowcount:
        raise AccountError(f"there is no account {name}")
    db.execute("DELETE FROM sessions WHERE name = ?", (name,))


def remove(db: Db, name: str) -> None:
    if not db.execute("DELETE FROM accounts WHERE name = ?", (name,)).rowcount:
        raise AccountError(f"there is no account {name}")
    db.execute("DELETE FROM sessions WHERE name = ?", (name,))


def every(store: Store) -> list[dict[str, Any]]:
    return store.all("SELECT name, role, created_at, changed_at FROM accounts ORDER BY name")


def password_of(store: Store, name: str) -> str | None:
    kept = store.value("SELECT password FROM accounts WHERE name = ?", name)
    return None if kept is None else str(kept)


# --- sessions -------------------------------------------------------------------------------------


def begin_session(db: Db, name: str, now: datetime) -> str:
    """The cookie of a new session; only its digest is kept."""
    db.execute("DELETE FROM sessions WHERE ends_at <= ?", (utc_text(now),))
    cookie = secrets.token_urlsafe(32)
    at = utc_text(now)
    db.execute(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
        (_digest(cookie), name, at, at, utc_text(now + WORKDAY)),
    )
    return cookie


def of_session(store: Store, cookie: str, now: datetime) -> Who | None:
    """Whose session this is, while it lasts and the account is there with its role."""
    if not 20 <= len(cookie) <= 100:
        return None
    row = store.one(
        "SELECT s.digest, s.name, s.seen_at, s.ends_at, a.role FROM sessions s"
        " JOIN accounts a ON a.name = s.name WHERE s.digest = ?",
        _digest(cookie),
    )
    if row is None or row["role"] not in ROLES:
        return None
    seen = parse_utc(row["seen_at"])
    if now >= parse_utc(row["ends_at"]) or now - seen > IDLE:
        return None
    if now - seen > SEEN_EVERY:
        with store.write() as db:
            db.execute(
                "UPDATE sessions SET seen_at = ? WHERE digest = ?", (utc_text(now), row["digest"])
            )
    return Who(row["name"], row["role"])


def end_session(db: Db, cookie: str) -> None:
    db.execute("DELETE FROM sessions WHERE digest = ?", (_digest(cookie),))


# --- tokens ---------------------------------------------------------------------------------------


def add_token(db: Db, name: str, now: datetime) -> str:
    """A new token for a program, told once; an older one of that name is worth nothing then."""
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " digest = excluded.digest, created_at = excluded.created_at",
        (name, _digest(token), utc_text(now)),
    )
    return token


def remove_token(db: Db, name: str) -> None:
    if not db.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
        raise AccountError(f"there is no token {name}")


def is_token(store: Store, token: str) -> bool:
    found = store.value("SELECT 1 FROM tokens WHERE digest = ?", _digest(token))
    return 20 <= len(token) <= 100 and found is not None


def _digest(secret: str) -> str:
    # 256 random bits need no salt and no slow hash; looking a digest up tells nothing of the rest.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
