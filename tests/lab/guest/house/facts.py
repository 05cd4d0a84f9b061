"""This file says, in a house after the lights came back, what its table holds: one line of JSON.

It waits until every slip is settled, so that nothing is still on its way when it is compared.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import tomllib
from pathlib import Path

TABLE = "file:/var/lib/hien/hien.db?mode=ro"
OPEN = "SELECT count(*) FROM print_jobs WHERE state IN ('queued', 'sending')"


def main() -> None:
    table = sqlite3.connect(TABLE, uri=True, timeout=60)
    end_s = time.monotonic() + 300
    while table.execute(OPEN).fetchone()[0] and time.monotonic() < end_s:
        time.sleep(0.5)
    found = {
        "integrity": table.execute("PRAGMA integrity_check").fetchone()[0],
        "tickets": dict(table.execute("SELECT id, number FROM tickets").fetchall()),
        "visits": dict(table.execute("SELECT id, state FROM visits").fetchall()),
        "slips": table.execute("SELECT id, kind, state FROM print_jobs").fetchall(),
        "failed": failed_units(),
        "house": tomllib.loads(Path("/etc/hien/hien.toml").read_text("utf-8-sig"))["house"]["id"],
        "ready": ready_slips(table),
    }
    sys.stdout.write("facts " + json.dumps(found) + "\n")
    sys.stdout.flush()


def ready_slips(table: sqlite3.Connection) -> int:
    """How often this box has said that it is ready."""
    rows = table.execute("SELECT payload FROM print_jobs WHERE kind = 'box'").fetchall()
    return sum(json.loads(row[0]).get("ready") is True for row in rows)


def failed_units() -> list[str]:
    said = subprocess.run(
        ["systemctl", "--failed", "--plain", "--no-legend"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return [line.split()[0] for line in said.stdout.splitlines() if "hien" in line]


if __name__ == "__main__":
    main()
