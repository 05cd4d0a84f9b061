"""This file applies what the ward wants this house to be like: a version whole, or not at all.

Settings and catalogue are taken up by the rooms at their next start; the roster at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from appliance.core import catalogue as catalogues
from appliance.core.guide import Guide
from appliance.core.moment import Moment
from appliance.errors import BadInput, HienError
from appliance.service.catalogue import apply_override
from appliance.service.report import tell
from appliance.service.roster import apply_roster
from appliance.store import guide as kept
from appliance.store.database import Store

Outcome = Literal["applied", "refused", "old"]
CheckSettings = Callable[[Mapping[str, Any]], None]
ReadGuide = Callable[[], Guide]

WHY_MOST = 200
_OVERRIDE = ("procedures", "days")  # the keys of a catalogue that change the guide


def apply(
    store: Store,
    now: Moment,
    *,
    name: str,
    ver: int,
    body: Mapping[str, Any],
    check_settings: CheckSettings,
    guide: ReadGuide,
) -> Outcome:
    """Apply version `ver` of roster, config or catalogue, once; the ward is told the outcome.

    A version that cannot be used leaves everything as it was, and the ward hears where it is
    wrong. `check_settings` raises HienError for settings that a ward may not set or that have no
    sense; `guide` reads the built-in guide, which only a catalogue needs.
    """
    row = store.one("SELECT ver, refused_ver FROM wanted WHERE name = ?", name)
    if row is not None and (ver <= row["ver"] or ver == row["refused_ver"]):
        return "old"
    try:
        with store.write():
            _apply(store, now, name, ver, body, check_settings, guide)
            store.run(
                "INSERT INTO wanted (name, ver, body, applied_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET ver = excluded.ver, body = excluded.body,"
                " applied_at = excluded.applied_at",
                name,
                ver,
                json.dumps(dict(body), ensure_ascii=False),
                now.at_text,
            )
            _tell(store, now, name, ver, "applied", "")
    except (BadInput, KeyError, TypeError, ValueError) as e:
        code = e.code if isinstance(e, HienError) else "bad_body"
        # The words are about what the ward itself wrote, so they may go back to it.
        why = _printable(str(e)) if isinstance(e, HienError) else ""
        with store.write():
            store.run(
                "INSERT INTO wanted (name, ver, body, refused_ver, refused_code)"
                " VALUES (?, 0, '{}', ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " refused_ver = excluded.refused_ver, refused_code = excluded.refused_code",
                name,
                ver,
                code,
            )
            _tell(store, now, name, ver, "refused", code, why)
        return "refused"
    return "applied"


def _apply(
    store: Store,
    now: Moment,
    name: str,
    ver: int,
    body: Mapping[str, Any],
    check_settings: CheckSettings,
    guide: ReadGuide,
) -> None:
    if name == "roster":
        apply_roster(store, now, body)
    elif name == "config":
        check_settings(body)
    elif name == "catalogue":
        _apply_catalogue(store, now, ver, body, guide)
    else:
        raise BadInput(f"no such wanted state: {name[:40]!r}", code="unknown_name")


def _apply_catalogue(
    store: Store, now: Moment, ver: int, body: Mapping[str, Any], guide: ReadGuide
) -> None:
    """`services` are what the desk offers; `procedures` and `days` change the guide. A version is
    whole: what it does not name is as it was before any ward."""
    changes = {key: body[key] for key in _OVERRIDE if key in body}
    if "services" in body:
        catalogues.parse({k: v for k, v in body.items() if k not in _OVERRIDE})
    elif not changes or set(body) - {*_OVERRIDE, "version"}:
        raise BadInput("a catalogue has services, procedures or days", code="bad_field")
    if changes or kept.override_version(store):
        apply_override(store, now, guide(), {**changes, "version": ver})


def _tell(
    store: Store, now: Moment, name: str, ver: int, state: str, code: str, why: str = ""
) -> None:
    d: dict[str, Any] = {"type": "wanted", "name": name, "ver": ver, "state": state, "code": code}
    tell(store, now, "ops", {**d, "why": why} if why else d)


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:WHY_MOST]
