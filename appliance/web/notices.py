"""This file finds what every screen must say out loud: no network, a machine down, a trial."""

from __future__ import annotations

from typing import Any

from appliance.core.moment import Moment
from appliance.web.parts import WebParts

ROOM_ALIVE_MS = 10_000
# The banner is promised within 10 s of the loss: a silent room is given a little less.
LINK_ALIVE_MS = 8_000
MACHINES = ("printer", "camera", "panel")


def notices(parts: WebParts, now: Moment) -> list[dict[str, Any]]:
    """[{code, level}], the most pressing first; wording.py has a text for each code. `level` is
    trouble, care or quiet. Machines come as "<kind>_<check code>", `virtual` with `kinds`."""
    found: list[dict[str, Any]] = []
    if link_is_down(parts, now):
        found.append({"code": "link_down", "level": "trouble"})
    found += [{"code": code, "level": "care"} for code in machine_troubles(parts, now)]
    kinds = parts.config.virtual()
    if getattr(parts.clock, "is_set", False):
        kinds = [*kinds, "clock"]
    if kinds:
        found.append({"code": "virtual", "level": "quiet", "kinds": kinds})
    return found


def room_word(parts: WebParts, room: str, now: Moment, alive_ms: int = ROOM_ALIVE_MS) -> str:
    """ok, stale (silent for too long) or missing (never heard of since the box started)."""
    state = parts.ram.room(room)
    if state is None:
        return "missing"
    at_ms = state.get("at_mono_ms")
    if not isinstance(at_ms, int) or not 0 <= now.mono_ms - at_ms < alive_ms:
        return "stale"
    return "ok"


def link_is_down(parts: WebParts, now: Moment) -> bool:
    """No way to the ward. A house that has no ward to talk to (sync.broker none:) misses none."""
    if parts.config["sync.broker"].startswith("none:"):
        return False
    state = parts.ram.room("sync")
    if state is None or room_word(parts, "sync", now, LINK_ALIVE_MS) != "ok":
        return True
    return state.get("link") == "down"


def machine_troubles(parts: WebParts, now: Moment) -> list[str]:
    """Codes such as printer_paper_out. A machine that is not there by intent is no trouble."""
    configured = [
        kind for kind in MACHINES if not parts.config[f"devices.{kind}"].startswith("none:")
    ]
    if not configured:
        return []
    word = room_word(parts, "devices", now)
    if word != "ok":
        return ["devices_silent"]
    state = parts.ram.room("devices") or {}
    return [
        f"{kind}_{check.get('code') or 'bad'}"
        for kind in configured
        for check in _checks(state)
        if check.get("name") == kind and check.get("state") == "bad"
    ]


def _checks(state: dict[str, Any]) -> list[dict[str, Any]]:
    checks = state.get("checks")
    if isinstance(checks, dict):
        checks = [
            {"name": name, **check} for name, check in checks.items() if isinstance(check, dict)
        ]
    return [c for c in checks if isinstance(c, dict)] if isinstance(checks, list) else []
