"""This file turns a help call that is on into what its card shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.sync.protocol import parse_utc
from ward.alarms.troubles import Known
from ward.store import alarms
from ward.web import words

if TYPE_CHECKING:
    from ward.web import Ward


def cards(
    ward: Ward, calls: Iterable[Mapping[str, Any]], known: Known, now: datetime
) -> list[dict[str, Any]]:
    """The cards of these calls: where, since when, who comes, who has been told."""
    ids = {
        (a["house"], a["ref"]): a["id"] for a in alarms.not_over(ward.store) if a["kind"] == "help"
    }
    told = alarms.told(ward.store, ids.values())
    out = []
    for call in calls:
        key = (call["house"], call["call"])
        house = known.get(call["house"])
        name = str(house[0].peek("hello").get("name") or "")[:80] if house else ""
        heard_by = told.get(ids[key], []) if key in ids else []
        out.append(_card(ward, call, name, heard_by, now))
    return out


def _card(
    ward: Ward,
    call: Mapping[str, Any],
    name: str,
    told: Iterable[Mapping[str, Any]],
    now: datetime,
) -> dict[str, Any]:
    opened = parse_utc(call["opened_at"])
    digest = hashlib.blake2b(f"{call['house']}/{call['call']}".encode(), digest_size=8)
    state = _job_state(ward, call)
    return {
        **call,
        "key": digest.hexdigest(),
        "source": words.SOURCES.get(call["source"], ""),
        "name": name or call["house"],
        "since": words.clock(opened, now),
        "age": words.span(max(0.0, (now - opened).total_seconds())),
        "comes": words.eta(call["eta_min"], call["answered_at"], now),
        "told": words.told(told, now),
        "job": words.JOBS.get(state, ""),
        "job_bad": state in ("failed", "rejected", "expired"),
    }


def _job_state(ward: Ward, call: Mapping[str, Any]) -> str:
    """How the newest answer to this call fares on its way to the house."""
    return str(
        ward.store.value(
            "SELECT state FROM jobs WHERE house = ? AND op = 'answer_help' AND args LIKE ?"
            " ORDER BY created_at DESC LIMIT 1",
            call["house"],
            f'%"call": "{_plain(call["call"])}"%',
        )
        or ""
    )


def _plain(call: str) -> str:
    """The id as it stands in the job's JSON, with nothing in it that LIKE takes for a pattern."""
    return "".join(c if c.isalnum() or c in "-.:" else "_" for c in call)
