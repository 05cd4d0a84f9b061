"""This file is what the clocks say at one instant, as a value: rules never read a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Sync = Literal["ntp", "rtc", "none"]

# A working day ends at 04:00 local: an on-call evening that runs past midnight is still that day.
DAY_STARTS_H = 4


@dataclass(frozen=True)
class Moment:
    """`at` UTC wall time (may be wrong); `epoch` the kernel's boot id; `mono_ms` CLOCK_BOOTTIME in
    milliseconds; `run` one id per process start; `sync` how far the wall time can be trusted."""

    at: datetime
    epoch: str
    mono_ms: int
    run: str
    sync: Sync

    @property
    def at_text(self) -> str:
        """UTC, ISO 8601, whole milliseconds: "2026-11-22T05:00:00.000Z"."""
        return utc_text(self.at)

    def plus_s(self, seconds: float) -> str:
        return utc_text(self.at + timedelta(seconds=seconds))

    def local(self, zone: str) -> datetime:
        return self.at.astimezone(ZoneInfo(zone))

    def working_day(self, zone: str) -> date:
        return (self.local(zone) - timedelta(hours=DAY_STARTS_H)).date()


def utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_utc(text: str) -> datetime:
    return datetime.fromisoformat(text)
