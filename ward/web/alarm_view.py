"""This file turns alarms into the lines that people read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.sync.protocol import parse_utc
from ward.alarms.words import WHAT
from ward.store import alarms
from ward.web import words

if TYPE_CHECKING:
    from ward.web import Ward

WHY = {"withdrawn": "đã rút lại", "closed": "đã xong", "gone": "đã hết"}


def lines(
    ward: Ward,
    found: Iterable[Mapping[str, Any]],
    names: Mapping[str, str],
    now: datetime,
) -> list[dict[str, Any]]:
    """What, where, since when, who was told, and how it stands."""
    kept = list(found)
    told = alarms.told(ward.store, [a["id"] for a in kept])
    return [
        {
            **a,
            "what": WHAT.get(a["kind"], a["kind"]),
            "name": names.get(a["house"]) or a["house"],
            "since": words.clock(parse_utc(a["since_at"]), now),
            "told": words.told(told.get(a["id"], []), now),
            "stands": _stands(a, now),
            "tone": {"open": "bad", "taken": "wait"}.get(a["state"], "good"),
        }
        for a in kept
    ]


def _stands(alarm: Mapping[str, Any], now: datetime) -> str:
    if alarm["state"] == "open":
        return "chưa ai nhận"
    if alarm["state"] == "taken":
        return f"{alarm['who']} đã nhận lúc {words.clock(parse_utc(alarm['taken_at']), now)}"
    why = WHY.get(alarm["why"], "đã hết")
    return f"{why} lúc {words.clock(parse_utc(alarm['over_at']), now)}"
