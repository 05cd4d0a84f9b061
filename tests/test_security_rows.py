"""This file holds docs/security.md to its word: every row names tests, and all of them exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


ATTACKERS = ("guest on the LAN", "curious resident", "thief of the box", "thief of the card",
             "clone", "evil USB stick", "broker", "DNS rebinding")  # fmt: skip


def _tests_exist(row: str) -> None:
    named = NAMED.findall(row)
    assert named, row[:60]
    for path, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.M), name


def test_every_attacker_has_a_row_that_names_tests() -> None:
    """The eight of the plan, each in a row of its own, each with tests that exist."""
    text = (ROOT / "docs/security.md").read_text("utf-8")
    table = text.split("## Threats")[1].split("## Row by row")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    for who in ATTACKERS:
        [row] = [row for row in rows if who in row.split("|")[1]]
        _tests_exist(row)


def test_every_row_names_a_test_that_exists() -> None:
    """A renamed or removed test makes its row red."""
    table = (ROOT / "docs/security.md").read_text("utf-8").split("## Row by row")[1]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 15
    for row in rows:
        _tests_exist(row)


def test_there_is_somebody_to_tell() -> None:
    """SECURITY.md says where, how fast, and what is supported."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for word in ("privately", "within five working days", "supported"):
        assert word in text
