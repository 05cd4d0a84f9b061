"""This file is the box as the room for the ward can reach it: its log, and a restart.

The room may not restart anything itself. It leaves a note in RAM; `hien-restart.path` sees it, and
root's own unit restarts the box if the note is this room's.
"""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

from appliance import log as rooms_log

log = logging.getLogger("hien.sync.box")

RESTART_FILE = "HIEN_RESTART_FILE"  # set by the unit, where something waits for the note
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
        return bool(os.environ.get(RESTART_FILE))

    def restart(self, job: str) -> None:
        """Ask for it; what this house has said stays in its table and goes after the start."""
        try:
            Path(os.environ[RESTART_FILE]).write_text(f"restart {job}\n")
        except (OSError, KeyError) as e:
            log.error("the restart could not be asked for: %s", e)


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
