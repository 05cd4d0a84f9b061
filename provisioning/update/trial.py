"""This file switches to a release, looks whether the house is well with it, and returns if not."""

from __future__ import annotations

import json
import logging
import subprocess
import time
import urllib.request
from collections.abc import Callable

from appliance.errors import HienError
from provisioning.update.slots import Slots, version_of

log = logging.getLogger("hien.update")

WITHIN_S = 60.0

Install = Callable[[str], None]
"""Makes the slot with this name the one that runs; raises when it cannot."""
Healthy = Callable[[str], bool]
"""Whether the house is well with this version, within a minute."""


def try_release(slots: Slots, name: str, install: Install, healthy: Healthy) -> bool:
    """Switch to `name`. False: it was not well, and the one before runs again."""
    slots.begin(slots.current(), name)
    try:
        install(name)
        well = healthy(version_of(name))
    except (HienError, OSError, subprocess.SubprocessError) as error:
        log.error("%s: %s", name, error)
        well = False
    if not well:
        go_back(slots, install)
        return False
    slots.end()
    log.info("%s runs and is well", name)
    return True


def go_back(slots: Slots, install: Install, *, cut_off: bool = False) -> str | None:
    """End a trial that went wrong, or was `cut_off` by the power: the release before it runs again.

    Its name, or None when no trial was under way. What was not well is not tried again; what was
    cut off once is (a machine may be started anew at the very hours of updates), twice not.
    """
    pending = slots.pending()
    if pending is None:
        return None
    before, after = pending
    slots.switch(before)  # first: whatever else fails, the next start has the old release
    if not cut_off:
        slots.refuse(after)
    try:
        install(before)
    except (HienError, OSError, subprocess.SubprocessError) as error:
        log.error("the units of %s: %s", before, error)
    if cut_off:  # last: a second cut, here, is not one of its trial
        slots.cut_off(after)
    slots.end()
    log.warning("%s was %s: back to %s", after, "cut off" if cut_off else "not well", before)
    return before


def by_installer(slots: Slots, *options: str) -> Install:
    """Each release knows how to make itself the one that runs: its own provisioning/install."""

    def install(name: str) -> None:
        script = slots.releases / name / "provisioning" / "install"
        subprocess.run([str(script), *options], check=True, timeout=600)

    return install


def by_healthz(url: str, within_s: float = WITHIN_S) -> Healthy:
    """All rooms well, and it is this version that says so: twice in a row, two seconds apart."""

    def healthy(version: str) -> bool:
        in_a_row, said = 0, ""
        end_s = time.monotonic() + within_s
        while time.monotonic() < end_s:
            said, well = _ask(url, version)
            in_a_row = in_a_row + 1 if well else 0
            if in_a_row == 2:
                return True
            time.sleep(2)
        log.error("not well after %.0f s, %s wanted: %s", within_s, version, said)
        return False

    return healthy


def _ask(url: str, version: str) -> tuple[str, bool]:
    """(what was said, whether it is well and of this version)."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own address
            body = answer.read(65536)
            said = json.loads(body)
    except (OSError, ValueError) as error:
        return str(error), False
    well = isinstance(said, dict) and said.get("ok") is True and said.get("version") == version
    return body.decode("utf-8", "replace")[:500], well
