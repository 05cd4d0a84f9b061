"""This file applies what the ward wants this house to be like: a version whole, or not at all.

Settings and catalogue are taken up by the rooms at their next start; the roster at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from appliance.core import catalogue as catalogues
from appliance.core.moment import Moment
from appliance.errors import BadInput, HienError
from appliance.service.report import tell
from appliance.service.roster import apply_roster
from appliance.store.database import Store

Outcome = Literal["applied", "refused", "old"]
CheckSettings = Callable[[Mapping[str, Any]], None]


def apply(
    store: Store,
    now: Moment,
    *,
    name: str,
    ver: int,
    body: Mapping[str, Any],
    check_settings: CheckSettings,
) -> Outcome:
    """Apply version `ver` of roster, config or catalogue, once; the ward is told the outcome.

    A version that cannot be used leaves everything as it was. `check_settings` raises HienError
    for settings that a ward may not set or that have no sense.
    """
    row = store.one("SELECT ver, refused_ver FROM wanted WHERE name = ?", name)
    if row is not None and (ver <= row["ver"] or ver == row["refused_ver"]):
        return "old"
    try:
        with store.write():
            _apply(store, now, name, body, check_settings)
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
        with store.write():
            store.run(
                "INSERT INTO wanted (name, ver, body, refused_ver, refused_code)"
                " VALUES (?, 0, '{}', ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " refused_ver = excluded.refused_ver, refused_code = excluded.refused_code",
                name,
                ver,
                code,
            )
            _tell(store, now, name, ver, "refused", code)
        return "refused"
    return "applied"


def _apply(
    store: Store, now: Moment, name: str, body: Mapping[str, Any], check_settings: CheckSettings
) -> None:
    if name == "roster":
        apply_roster(store, now, body)
    elif name == "config":
        check_settings(body)
    elif name == "catalogue":
        catalogues.parse(body)
    else:
        raise BadInput(f"no such wanted state: {name[:40]!r}", code="unknown_name")


def _tell(store: Store, now: Moment, name: str, ver: int, state: str, code: str) -> None:
    d = {"type": "wanted", "name": name, "ver": ver, "state": state, "code": code}
    tell(store, now, "ops", d)
