"""This file knows whether the machine's own clock went on while the power was off."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

# When this was written: a clock that reads less has lost the time.
EARLIEST_S = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


def kept_the_time(rtc: Path) -> bool:
    """Whether the system's time came from the clock at `rtc` (below /sys/class/rtc) and is right.

    That there is one says nothing: a Pi 5 has one without a battery too. It begins in 1970 then,
    and the kernel takes that for the time.
    """
    return rtc.exists() and _kept_the_time(rtc)


@cache
def _kept_the_time(rtc: Path) -> bool:
    """Asked once: later it is right in any case, the kernel sets it by the network's time."""
    try:
        since_s = int((rtc / "since_epoch").read_text())
        return (rtc / "hctosys").read_text().strip() == "1" and since_s >= EARLIEST_S
    except (OSError, ValueError):
        return False
