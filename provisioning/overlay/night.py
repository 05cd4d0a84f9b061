"""This file keeps a shut root current: one night a week it is opened, updated and shut again.

Security updates of Debian cannot be taken in through the overlay: they would lie in RAM, and be
gone with the next start. So the machine starts once without it, takes them in, and starts once more
with it. A mark on /data says that this is under way: whatever the power does, the root is shut at
the end.

    python3 -I night.py look     hourly: is it time? Or is the root to be shut by a new start?
    python3 -I night.py finish   after a start with the mark: update, shut, start anew
    python3 -I night.py on|off   by hand, for the next start
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from appliance.errors import HienError
from provisioning.overlay.root import (
    ASKED,
    INITRAMFS,
    PACKAGES,
    CannotShut,
    Machine,
    is_on,
    is_set,
    once_a_day,
    turn,
)
from provisioning.update import alone, moment

BOX = "var/lib/hien-box"
EVERY_S = 7 * 86400.0
# A box that is never on at night is not left without for ever: then early or late in the day.
OVERDUE_S = 21 * 86400.0
MOST_TRIES = 3
UPGRADE_S = 3600.0


@dataclass(frozen=True)
class Night:
    """One house's machine, and what time it is."""

    machine: Machine = field(default_factory=Machine)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    say: Callable[[str], None] = field(default=lambda text: _say(text))

    @property
    def box(self) -> Path:
        return self.machine.root / BOX

    @property
    def mark(self) -> Path:
        return self.box / "maintenance.json"

    def has_data(self) -> bool:
        """A box whose card was divided; on others the root is left as it is."""
        said = self.box / "data_partition.txt"
        return said.exists() and said.read_text().strip() == "data"

    def settings(self) -> dict[str, Any]:
        try:
            text = (self.machine.root / "etc/hien/hien.toml").read_text("utf-8-sig")
            return tomllib.loads(text)
        except (OSError, ValueError):
            return {}

    def is_quiet(self, *, overdue: bool) -> bool:
        found = self.settings()
        zone = found.get("house", {}).get("timezone", "Asia/Ho_Chi_Minh")
        folder = found.get("data", {}).get("dir", "/var/lib/hien").lstrip("/")
        hour = self.now().astimezone(ZoneInfo(zone)).hour
        if not moment.is_dark(hour, overdue=overdue):
            return False
        if alone.under_way(self.box):
            return False
        try:
            return not moment.busy(self.machine.root / folder / "hien.db")
        except HienError:
            return True  # a table that cannot be read keeps nobody waiting

    def since_s(self) -> float:
        """Seconds since the root was last opened and shut; very many when it never was."""
        done = self.box / "maintained"
        return self.now().timestamp() - done.stat().st_mtime if done.exists() else 1e12


def look(night: Night) -> str:
    """The word for what was done: "", open, shut, restart, stays_open, or why it cannot be shut."""
    if not night.has_data() or night.mark.exists():
        return ""
    machine = night.machine
    tried = night.box / "shut-tried"
    if is_on(machine):
        tried.unlink(missing_ok=True)
        since_s = night.since_s()
        if since_s < EVERY_S or not night.is_quiet(overdue=since_s > OVERDUE_S):
            return ""
        night.mark.write_text('{"tries": 0}\n')
        turn(machine, on=False)
        night.say("the root is opened for updates; the machine starts anew")
        machine.run(["systemctl", "--no-block", "reboot"])
        return "open"
    if not is_set(machine):
        try:
            shut(night)
        except CannotShut as why:
            night.say(f"the root cannot be shut: {why}")
            return why.code
    now_s = night.now().timestamp()
    if tried.exists() and 0 <= now_s - tried.stat().st_mtime < EVERY_S:
        return "stays_open"  # a start did not help; one an hour would be no better
    if not night.is_quiet(overdue=True):
        return "restart"
    tried.touch()
    os.utime(tried, (now_s, now_s))
    os.sync()
    machine.run(["systemctl", "--no-block", "reboot"])
    return "shut"


def shut(night: Night) -> None:
    """The overlay for the next start, its packages fetched if need be. Raises CannotShut."""
    machine = night.machine
    try:
        turn(machine, on=True)
    except CannotShut as why:
        # A list of packages is written to the card each time.
        if why.code != "no_package" or not once_a_day(machine, ASKED):
            raise
        try:
            machine.run(["apt-get", "-qq", "-o", "Acquire::http::Timeout=20", "update"])
            machine.run(["apt-get", "-qq", "-y", "--no-install-recommends", "install", *PACKAGES])
        except OSError as error:
            raise why from error
        turn(machine, on=True)
    # From the first time on a week is counted, not from never.
    if night.since_s() > OVERDUE_S:
        (night.box / "maintained").touch()


def finish(night: Night) -> str:
    """After a start with the mark: done, again (cut off before) or late (too often)."""
    machine = night.machine
    if is_on(machine):
        night.mark.unlink(missing_ok=True)
        night.say("the root is shut all the same; nothing was updated")
        return "shut"
    try:
        tries = int(json.loads(night.mark.read_text())["tries"])
    except (OSError, ValueError, KeyError, TypeError):
        tries = MOST_TRIES
    night.mark.write_text(f'{{"tries": {tries + 1}}}\n')
    try:
        if tries < MOST_TRIES:
            _update(night)
    finally:
        with contextlib.suppress(CannotShut, OSError):
            shut(night)
        (night.box / "maintained").touch()
        night.mark.unlink(missing_ok=True)
    if is_set(machine) and night.is_quiet(overdue=True):
        machine.run(["systemctl", "--no-block", "reboot"])
    return "done" if tries < MOST_TRIES else "late"


def _update(night: Night) -> None:
    """What may fail (no network, nothing new) fails alone."""
    for command in (
        ["dpkg", "--configure", "-a"],
        ["apt-get", "-qq", "-o", "Acquire::http::Timeout=20", "update"],
        ["unattended-upgrade"],
        ["apt-get", "-qq", "clean"],
        # What a release changed on the machine since the root was shut last.
        [str(night.machine.root / "opt/hien/current/provisioning/install"), "--no-start"],
    ):
        try:
            began_s = time.monotonic()
            night.machine.run(command, UPGRADE_S)
            night.say(f"{command[0]}: {time.monotonic() - began_s:.0f} s")
        except Exception as error:  # noqa: BLE001 -- the root must be shut again whatever it was
            night.say(f"{command[0]}: {error}")


def _say(text: str) -> None:
    sys.stdout.write(f"overlay: {text}\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    night = Night()
    verb = words[0] if words else ""
    try:
        if verb == "look":
            look(night)
        elif verb == "finish":
            finish(night)
        elif verb == "on":
            for mark in (ASKED, INITRAMFS):
                (night.machine.root / "run" / mark).unlink(missing_ok=True)
            shut(night)
            night.say("shut with the next start")
        elif verb == "off":
            turn(night.machine, on=False)
            night.say("open with the next start")
        else:
            night.say(__doc__)
            return 2
    except CannotShut as why:
        night.say(f"the root cannot be shut: {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
