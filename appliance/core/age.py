"""This file is how old a row is, by the clocks it was made under: the one place that says so.

A box without a battery wakes up in the past, and somebody sets its clock later: the difference of
two wall times is then no age. Within one boot the monotonic clock knows; a row of another boot is
at least as old as this boot.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from appliance.core.moment import Moment, parse_utc, utc_text


def made_under(now: Moment) -> dict[str, Any]:
    """The columns `epoch`, `mono_ms` and `sync` of a row made now."""
    return {"epoch": now.epoch, "mono_ms": now.mono_ms, "sync": now.sync}


def age_s(row: Mapping[str, Any], now: Moment, column: str = "") -> float:
    """Seconds since `row` (with `epoch` and `mono_ms`, perhaps `sync`) was made: never too many.

    `column` names its wall time, UTC text; without one, or where that was written before anybody
    had set the clock and it has been set since, a row of another boot is as old as this boot.
    """
    if row["epoch"] == now.epoch:
        return float(max(0, now.mono_ms - row["mono_ms"])) / 1000
    up_s = now.mono_ms / 1000
    if not column or (row.get("sync") == "none" and now.sync != "none"):
        return up_s
    return max(up_s, (now.at - parse_utc(row[column])).total_seconds())


def made_at(row: Mapping[str, Any], now: Moment, column: str) -> str:
    """When that was by the clock of `now`, UTC text."""
    return utc_text(now.at - timedelta(seconds=age_s(row, now, column)))


def dated_now(row: Mapping[str, Any], now: Moment, column: str) -> dict[str, Any]:
    """The same row's columns as they read by the clock of `now`, which is better than its own."""
    mono_ms = max(0, now.mono_ms - int(age_s(row, now, column) * 1000))
    return {**made_under(now), "mono_ms": mono_ms, column: made_at(row, now, column)}


def can_be_dated(row: Mapping[str, Any], now: Moment) -> bool:
    """Whether the clock of `now` knows better than the row's own when it was made."""
    if row["sync"] == "none":
        return now.sync != "none"
    return row["sync"] == "rtc" and now.sync == "ntp" and row["epoch"] == now.epoch
