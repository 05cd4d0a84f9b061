"""This file makes the flat values of state/hello and state/health from what the rooms say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from appliance import __version__
from appliance.core.moment import Moment
from appliance.sync import protocol

FRESH_MS = 10_000  # a room that has said nothing for this long is not believed any more
TEXT_MOST = 200
KINDS = ("camera", "printer", "panel")

Flat = dict[str, protocol.Scalar]


def hello(
    now: Moment, *, name: str, virtual: Iterable[str], health_s: int, mqtt: str,
    words: Mapping[str, Any], applied: Mapping[str, int], results: tuple[str, int],
) -> Flat:  # fmt: skip
    """Who this house is, what it runs, which versions of the ward's wishes it has applied, and how
    far it has the ward's results."""
    out: Flat = {
        "sw": __version__,
        "name": name,
        "epoch": now.epoch,
        "clock": now.sync,
        "health_s": health_s,
        "virtual": ",".join(virtual),
        "mqtt": mqtt,
        "streams": ",".join(protocol.STREAMS),
        **{f"{name}_ver": applied.get(name, 0) for name in protocol.WANTED},
        "results_epoch": results[0],
        "results_upto": results[1],
    }
    for key in ("model", "os", "kernel"):
        if isinstance(words.get(key), str):
            out[key] = str(words[key])[:TEXT_MOST]
    return out


def health(
    now: Moment,
    *,
    devices: Mapping[str, Any] | None,
    rooms: Mapping[str, Mapping[str, Any] | None],
    virtual: Iterable[str],
    own: Mapping[str, protocol.Scalar],
) -> Flat:
    """How the box is. A device nobody has looked at lately is -1 (not known), never 1."""
    out: Flat = {"devices_room_ok": int(_fresh(now, devices))}
    for room, said in rooms.items():
        out[f"{room}_room_ok"] = int(_fresh(now, said))
    pretended = set(virtual)
    if devices is not None and isinstance(devices.get("virtual"), list):
        pretended |= {str(kind) for kind in devices["virtual"]}
    checks = _checks(devices) if devices is not None and _fresh(now, devices) else {}
    for kind in KINDS:
        check = checks.get(kind, {})
        out[f"{kind}_ok"] = {"ok": 1, "bad": 0}.get(str(check.get("state")), -1)
        code = str(check.get("code") or "")[:40]
        out[f"{kind}_code"] = code or ("virtual" if kind in pretended else "")
    if devices is not None and _fresh(now, devices):
        numbers = devices.get("health")
        for key, value in (numbers if isinstance(numbers, dict) else {}).items():
            if isinstance(value, (bool, int, float)) and abs(value) < 1e15:  # no NaN either
                out[str(key)] = value
    out.update(own)
    return out


def _fresh(now: Moment, said: Mapping[str, Any] | None) -> bool:
    at_mono_ms = said.get("at_mono_ms") if said else None
    return isinstance(at_mono_ms, (int, float)) and 0 <= now.mono_ms - at_mono_ms < FRESH_MS


def _checks(devices: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The checks by kind, whether the devices room lists them or names them."""
    found = devices.get("checks")
    if isinstance(found, dict):
        return {str(k): v for k, v in found.items() if isinstance(v, dict)}
    items = [c for c in found or [] if isinstance(c, dict)] if isinstance(found, list) else []
    return {str(c.get("name")): c for c in items}
