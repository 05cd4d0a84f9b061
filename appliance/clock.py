"""This file reads the clocks: the only place that asks what time it is."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.moment import Moment, Sync
from appliance.rtc import kept_the_time

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RTC = Path("/sys/class/rtc/rtc0")
# systemd-timesyncd touches it when the network has set the clock since boot.
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_STA_UNSYNC = 0x0040  # adjtimex(2): the kernel says nobody disciplines the clock
_TIMEX_BYTES = 208  # sizeof(struct timex) on 64-bit Linux; `status` stands at byte 40


SET_BY = "HIEN_SET_CLOCK"
"""Names the file that sets the clock of a demonstration; shown on every screen while it does."""


class Clock:
    """What the clocks say, as a Moment. `run` is new for every process."""

    is_set = False

    def __init__(self) -> None:
        self.run = uuid.uuid4().hex[:16]
        try:
            self.epoch = BOOT_ID.read_text().strip()
        except OSError:  # not Linux: one process start stands for one boot
            self.epoch = str(uuid.uuid4())

    def now(self) -> Moment:
        return Moment(datetime.now(UTC), self.epoch, mono_ms(), self.run, sync())


class SetClock(Clock):
    """A clock that a file moves, for demonstrations and rehearsals: never on a house's own box.

    The file: {"ahead_s": how far the wall clock is off, "passed_s": time that has "gone by"}.
    Time gone by moves both clocks; read anew whenever the file has changed.
    """

    is_set = True

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._seen_ns = -1
        self._ahead_s = self._passed_s = 0.0

    def now(self) -> Moment:
        self._look()
        now = super().now()
        at = now.at + timedelta(seconds=self._ahead_s + self._passed_s)
        return replace(now, at=at, mono_ms=now.mono_ms + int(self._passed_s * 1000))

    def _look(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
            changed_ns = self._file.stat().st_mtime_ns
            if changed_ns != self._seen_ns:
                said = json.loads(self._file.read_text("utf-8"))
                self._ahead_s, self._passed_s = float(said["ahead_s"]), float(said["passed_s"])
                self._seen_ns = changed_ns


def clock() -> Clock:
    """The clock of this process: the machine's, unless SET_BY in the environment says otherwise."""
    file = os.environ.get(SET_BY, "")
    return SetClock(Path(file)) if file else Clock()


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
    return "rtc" if kept_the_time(RTC) else "none"
