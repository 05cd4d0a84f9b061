"""This file tries a release where nothing can break: its own self-test, on a copy of the table.

And the release before it must still read what the new one made of that copy; otherwise there would
be no way back once the house has switched.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from appliance.errors import HienError

TIMEOUT_S = 900


class RehearsalError(HienError):
    """The release would not work here; the message says what it said."""

    default_code = "rehearsal_failed"


def prepare(slot: Path, before: Path) -> None:
    """Make the slot's own .venv from the packages it brought, and its byte code. No network.

    A release whose packages have not changed need not bring them: those of the release before are
    taken. Either way the hashes in the lock, which is signed, decide what may be used.
    """
    if not (slot / "wheels").exists() and (before / "wheels").exists():
        shutil.copytree(before / "wheels", slot / "wheels", copy_function=os.link)
    _run(slot, "/bin/sh", str(slot / "hien"), "--version")
    python = str(slot / ".venv/bin/python")
    _run(slot, python, "-m", "compileall", "-q", *(str(slot / p) for p in ("appliance", "ward")))


def rehearse(
    slot: Path, before: Path, database: Path, scratch: Path, settings: Path | None = None
) -> None:
    """`slot` reads this house's `settings`; its self-test on a copy of `database`, then `before`'s
    on the same. Raises RehearsalError."""
    if settings is not None:
        python = str(slot / ".venv/bin/python")
        _run(slot, python, "-m", "appliance", "config", "--config", str(settings))
    with tempfile.TemporaryDirectory(dir=scratch, prefix="rehearsal-") as folder:
        copy = Path(folder) / "hien.db"
        if database.exists():
            copy_table(database, copy)
        for tried, fault in (
            (slot, "the new release does not work on this house's table"),
            (before, "the release of today could not read the table afterwards"),
        ):
            said = _run(
                tried, str(tried / ".venv/bin/python"), "-m", "appliance", "selftest", "--data",
                folder,
            )  # fmt: skip
            try:
                well = json.loads(said)["ok"] is True
            except (ValueError, KeyError, TypeError):
                well = False
            if not well:
                raise RehearsalError(f"{fault}: {said[-300:]}")


def copy_table(source: Path, target: Path) -> None:
    """A whole copy while others write (SQLite's backup interface)."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _run(slot: Path, *command: str) -> str:
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(slot),
        "PYTHONSAFEPATH": "1",
    }
    try:
        done = subprocess.run(
            command,
            cwd="/",
            env=environment | {k: os.environ[k] for k in ("TMPDIR",) if k in os.environ},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RehearsalError(f"the release cannot be run here: {error}") from error
    if done.returncode != 0:
        raise RehearsalError(
            f"the release does not work here: {(done.stderr or done.stdout)[-600:]}"
        )
    return done.stdout


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
