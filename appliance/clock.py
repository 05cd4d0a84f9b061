"""This file reads the clocks: the only place that asks what time it is."""

from __future__ import annotations

import ctypes
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from appliance.core.moment import Moment, Sync

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RTC = Path("/sys/class/rtc/rtc0")
# systemd-timesyncd touches it when the network has set the clock since boot.
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_STA_UNSYNC = 0x0040  # adjtimex(2): the kernel says nobody disciplines the clock
_TIMEX_BYTES = 208  # sizeof(struct timex) on 64-bit Linux; `status` stands at byte 40


class Clock:
    """What the clocks say, as a Moment. `run` is new for every process."""

    def __init__(self) -> None:
        self.run = uuid.uuid4().hex[:16]
        try:
            self.epoch = BOOT_ID.read_text().strip()
        except OSError:  # not Linux: one process start stands for one boot
            self.epoch = str(uuid.uuid4())

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), self.epoch, mono_ms(), self.run, sync())


def mono_ms() -> int:
    """Milliseconds since boot, suspend included; comparable between processes of one boot."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)


def sync() -> Sync:
    """How the wall clock was set: by the network, by a real-time clock at start, or not at all."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        answer = ctypes.CDLL(None).adjtimex(buffer)
        status = int.from_bytes(buffer.raw[40:44], "little")
        # -1: this process may not even ask (ProtectClock=yes); timesyncd's mark answers then.
        if SYNCHRONISED.exists() if answer == -1 else not status & _STA_UNSYNC:
            return "ntp"
    except (OSError, AttributeError):
        pass
    return "rtc" if RTC.exists() else "none"
