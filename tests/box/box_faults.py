"""This file proves that the box heals itself: a dead room, a hung room, settings with a fault."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from machine import SETTINGS, drop_in, get, health, must, pid, show, until, well


def scenario_killed_room_returns() -> str:
    """kill -9: a new process within seconds; the other rooms never noticed."""
    others = pid("web"), pid("sync")
    before = pid("devices")
    os.kill(before, signal.SIGKILL)
    took_s = until(lambda: pid("devices") not in (0, before), 20, "a new devices room")
    well()
    assert others == (pid("web"), pid("sync"))
    assert not list(Path("/run/hien-box").glob("rung-*"))  # one death is no reason for the ladder
    return f"back after {took_s:.1f} s"


def scenario_hung_room_is_killed() -> str:
    """A room that stands still is killed by its watchdog and started anew."""
    made = drop_in("hien-sync.service", "[Service]\nWatchdogSec=4\nTimeoutAbortSec=2\n")
    must("systemctl", "restart", "hien-sync")
    well()
    before = pid("sync")
    os.kill(before, signal.SIGSTOP)
    took_s = until(lambda: pid("sync") not in (0, before), 30, "a new sync room")
    assert int(show("hien-sync", "NRestarts")) >= 1
    well()
    made.unlink()
    must("systemctl", "daemon-reload")
    must("systemctl", "restart", "hien-sync")
    return f"killed and back after {took_s:.1f} s (watchdog set to 4 s here, 30 s in a house)"


def scenario_broken_settings() -> str:
    """A room that cannot start ends at a page that names the fault; no reboot; it returns."""
    made = drop_in("hien-ladder@.service", "[Service]\nEnvironment=HIEN_LADDER_PAUSE=6\n")
    sound = SETTINGS.read_text()
    SETTINGS.write_text(sound + "\n[web]\nprot = 8080\n")
    must("systemctl", "restart", "--no-block", "hien-web")
    took_s = until(lambda: get("/desk")[0] == 503, 60, "the safe page")
    body = get("/desk")[1]
    assert "did you mean" in body and "web.port" in body, body
    assert health() == {}
    SETTINGS.write_text(sound)
    back_s = well(90)
    assert show("hien-safe-page", "ActiveState") == "inactive"
    assert not os.path.exists("/var/lib/hien-box/reboots")
    made.unlink()
    must("systemctl", "daemon-reload")
    return f"safe page after {took_s:.1f} s, well {back_s:.1f} s after the mend"
