"""This file holds docs/security.md to its word: every row names tests, and all of them exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_row_names_a_test_that_exists() -> None:
    """A renamed or removed test makes its row red."""
    table = (ROOT / "docs/security.md").read_text("utf-8").split("## Row by row")[1]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 15
    for row in rows:
        named = NAMED.findall(row)
        assert named, row[:60]
        for path, name in named:
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.M), name


def test_there_is_somebody_to_tell() -> None:
    """SECURITY.md says where, how fast, and what is supported."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for word in ("privately", "within five working days", "supported"):
        assert word in text
