"""This file proves updates with a way back, on a running house with its own units and table."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

from machine import health, must, run, show, well

BUNDLES = Path("/media/bundles")
HIEN = "/usr/local/bin/hien"
WHEELS = Path("/media/release/wheels")


def install(name: str) -> tuple[int, str]:
    done = run(HIEN, "update", "install", BUNDLES / f"{name}.hien", timeout_s=600)
    return done.returncode, done.stdout + done.stderr


def current() -> str:
    return os.readlink("/opt/hien/current")


def scenario_no_key_no_update() -> None:
    """A house without a pinned key believes nobody, and says what to do."""
    code, said = install("8.0.0")
    assert code == 1 and "no key is pinned" in said, said


def scenario_bad_signature_tampered_downgrade() -> None:
    """Another's signature, one changed byte, an older release: refused, nothing changed."""
    shutil.copy(BUNDLES / "current.pem", "/etc/hien/update-keys/current.pem")
    before, slots = current(), sorted(os.listdir("/opt/hien/releases"))
    for name, word in (
        ("stranger", "not signed by a key of this house"),
        ("tampered", "not as it was signed"),
        ("0.0.9", "is not newer"),
    ):
        code, said = install(name)
        assert code == 1 and word in said, (name, said)
        assert (current(), sorted(os.listdir("/opt/hien/releases"))) == (before, slots)
    assert health()["ok"]


def scenario_update_by_day_waits_for_the_visit() -> None:
    """While a number waits nobody may update, not even by hand."""
    table = sqlite3.connect("/var/lib/hien/hien.db", timeout=10)
    columns = [row[1] for row in table.execute("PRAGMA table_info(tickets)") if row[3]]
    row = dict.fromkeys(columns, 0) | {
        "id": "box-test", "key": "box-test", "day_on": "2026-11-22", "number": 9999,
        "state": "waiting", "taken_at": "2999-01-01T00:00:00Z",
    }  # fmt: skip
    row["taken_at"] = table.execute("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')").fetchone()[0]
    marks = ", ".join("?" * len(row))
    table.execute(f"INSERT INTO tickets ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    table.commit()
    code, said = install("8.0.0")
    assert code == 1 and "somebody is being served" in said, said
    table.execute("DELETE FROM tickets WHERE id = 'box-test'")
    table.commit()
    table.close()


def scenario_good_release_is_taken_in() -> str:
    """The new version answers, from its own slot; the table has been added to; no room failed."""
    before = current()
    code, said = install("8.0.0")
    assert code == 0, (said, run("journalctl", "--no-pager", "-n60", "-ocat").stdout)
    assert health() | {"ok": True, "version": "8.0.0"} == health()
    assert current() != before and Path("/opt/hien", before, ".whole").exists()
    table = sqlite3.connect("file:/var/lib/hien/hien.db?mode=ro", uri=True)
    assert table.execute("SELECT count(*) FROM box_test").fetchone() == (0,)
    table.close()
    assert show("hien-web", "Result") == "success"
    return current()


def scenario_sick_release_goes_back() -> str:
    """Its web room never answers: the house returns by itself, and does not try it again."""
    before, version = current(), health()["version"]
    code, said = install("9.0.0")
    assert code == 1 and "runs again" in said, said
    assert current() == before and not Path("/var/lib/hien-box/pending.json").exists()
    took_s = well()
    assert health()["version"] == version
    code, said = install("9.0.0")
    assert code == 1 and "was tried here" in said, said
    return f"well {took_s:.1f} s after the return"


def scenario_release_before_uses_the_newer_table() -> None:
    """Power cut amid a trial: at the next start the old release runs, on the new one's table."""
    old = next(n for n in os.listdir("/opt/hien/releases") if n.startswith("0."))
    new = os.path.basename(current())
    must("systemctl", "stop", "hien-web", "hien-devices", "hien-sync")
    Path("/var/lib/hien-box/pending.json").write_text(f'{{"from": "{old}", "to": "{new}"}}')
    must("systemctl", "start", "hien-update-recover")
    assert os.path.basename(current()) == old
    # A machine that was cut off counts its starts anew; this one went on, and had many in a row.
    must("systemctl", "reset-failed", "hien-web", "hien-devices", "hien-sync")
    must("systemctl", "start", "hien-web", "hien-devices", "hien-sync")
    well()
    assert health()["version"] == old.split("+")[0]
