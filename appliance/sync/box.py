"""This file is the box as the room for the ward can reach it: its log, and a restart.

The room may not restart anything itself: it asks root's helper, which knows who asks.
"""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

from appliance import ask_root
from appliance import log as rooms_log

log = logging.getLogger("hien.sync.box")

JOURNAL_S = 5.0


class Box:
    """`ram_logs`: where the rooms keep their last lines."""

    def __init__(self, ram_logs: Path) -> None:
        self._ram_logs = ram_logs

    def log_lines(self, lines: int) -> list[str]:
        """The newest lines of all units of the house, the oldest first: of the journal, which
        goes back beyond the last start; else of RAM."""
        return (_journal(lines) if os.environ.get("JOURNAL_STREAM") else []) or rooms_log.tail(
            self._ram_logs, lines
        )

    def can_restart(self) -> bool:
        return ask_root.is_there()

    def restart(self, job: str) -> None:
        """Ask for it; what this house has said stays in its table and goes after the start."""
        try:
            ask_root.ask("reboot")
        except ask_root.RootRefused as e:
            log.error("job %s: the restart was refused: %s", job, e.code)


def _journal(lines: int) -> list[str]:
    argv = ["journalctl", "--unit=hien-*", f"--lines={lines}", "--no-pager", "--output=short-iso"]
    try:
        found = subprocess.run(
            [*argv, "--no-hostname", "--quiet"], capture_output=True, timeout=JOURNAL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as e:
        log.info("the journal cannot be read: %s", e)
        return []
    return found.stdout.decode("utf-8", "replace").splitlines()
