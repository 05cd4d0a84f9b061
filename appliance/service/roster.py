"""This file makes the volunteers of this house those of the ward's roster.

Volunteers added here by hand stay, unless the roster names somebody of that name: then the
roster has them from now on. Whoever leaves the roster is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core.moment import Moment
from appliance.core.texts import one_line
from appliance.errors import BadInput
from appliance.service.volunteers import MOST_VOLUNTEERS, take_off
from appliance.store.database import Row, Store

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
# Exactly the cost this house uses itself: another would be a way to make its sign-in crawl.
_PIN_HASH = re.compile(r"scrypt:16384:8:1:[0-9a-f]{32}:[0-9a-f]{128}")


@dataclass(frozen=True)
class Entry:
    """One volunteer. `pin_hash` empty: the PIN they have here stays."""

    id: str
    name: str
    desk: int
    shows_name: bool
    pin_hash: str


def apply_roster(store: Store, now: Moment, body: Mapping[str, Any]) -> None:
    """Inside the caller's transaction. Raises BadInput (bad_roster, bad_pin_hash, …)."""
    entries = [_entry(e) for e in _list(body)]
    for what in ("id", "name"):
        if len({getattr(e, what) for e in entries}) < len(entries):
            raise BadInput(f"the roster has a {what} twice", code="twice_on_roster")
    rows = store.all("SELECT * FROM volunteers WHERE roster_id IS NOT NULL")
    mine = {row["roster_id"]: row for row in rows}
    for row in mine.values():
        # Names are unique: two people who swap theirs must not meet half way.
        store.run("UPDATE volunteers SET name = ? WHERE id = ?", f"#{row['id']}", row["id"])
    for entry in entries:
        _put(store, now, entry, mine.get(entry.id))
    kept = {e.id for e in entries}
    for roster_id, row in mine.items():
        if roster_id not in kept:
            _leave(store, now, row)
    if store.value("SELECT count(*) FROM volunteers WHERE active = 1") > MOST_VOLUNTEERS:
        raise BadInput(f"at most {MOST_VOLUNTEERS} volunteers", code="too_many_volunteers")


def _put(store: Store, now: Moment, entry: Entry, mine: Row | None) -> None:
    row = mine or store.one("SELECT * FROM volunteers WHERE name = ?", entry.name)
    values = (entry.name, entry.desk, int(entry.shows_name), entry.id)
    if row is None:
        if not entry.pin_hash:
            raise BadInput(f"{entry.id}: somebody new needs a PIN", code="bad_pin_hash")
        store.run(
            "INSERT INTO volunteers (name, desk, shows_name, roster_id, pin_hash, active, added_at)"
            " VALUES (?, ?, ?, ?, ?, 1, ?)",
            *values,
            entry.pin_hash,
            now.at_text,
        )
        return
    other = store.one("SELECT id FROM volunteers WHERE name = ?", entry.name)
    if other is not None and other["id"] != row["id"]:
        raise BadInput(f"{entry.id}: that name is somebody else's", code="name_taken")
    store.run(
        "UPDATE volunteers SET name = ?, desk = ?, shows_name = ?, roster_id = ?, active = 1"
        " WHERE id = ?",
        *values,
        row["id"],
    )
    if entry.pin_hash and entry.pin_hash != row["pin_hash"]:
        store.run("UPDATE volunteers SET pin_hash = ? WHERE id = ?", entry.pin_hash, row["id"])
        store.run("DELETE FROM sessions WHERE volunteer_id = ?", row["id"])


def _leave(store: Store, now: Moment, row: Row) -> None:
    if row["active"]:
        take_off(store, now, row["id"])
    free = store.value("SELECT 1 FROM volunteers WHERE name = ?", row["name"]) is None
    if free and not row["name"].startswith("#"):
        store.run("UPDATE volunteers SET name = ? WHERE id = ?", row["name"], row["id"])


def _list(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = body.get("volunteers")
    if not isinstance(entries, list) or not all(isinstance(e, Mapping) for e in entries):
        raise BadInput("a roster is {volunteers: [...]}", code="bad_roster")
    return entries


def _entry(e: Mapping[str, Any]) -> Entry:
    roster_id, name, pin_hash = e.get("id"), e.get("name"), e.get("pin_hash", "")
    desk, shows_name = e.get("desk", 1), e.get("shows_name", False)
    if not isinstance(roster_id, str) or not _ID.fullmatch(roster_id):
        raise BadInput("id: 1 to 40 of letters, digits, _ and -", code="bad_id")
    if not isinstance(name, str):
        raise BadInput(f"{roster_id}: name must be a text", code="bad_name")
    clean = one_line(name, most=40, least=1, what="name")
    if clean.startswith("#"):
        raise BadInput(f"{roster_id}: a name does not begin with #", code="bad_name")
    if isinstance(desk, bool) or not isinstance(desk, int) or not 1 <= desk <= 9:
        raise BadInput(f"{roster_id}: a desk is 1 to 9", code="bad_desk")
    if not isinstance(shows_name, bool):
        raise BadInput(f"{roster_id}: shows_name is true or false", code="bad_shows_name")
    if not isinstance(pin_hash, str) or (pin_hash and not _PIN_HASH.fullmatch(pin_hash)):
        raise BadInput(f"{roster_id}: that is no PIN's hash", code="bad_pin_hash")
    return Entry(roster_id, clean, desk, shows_name, pin_hash)
