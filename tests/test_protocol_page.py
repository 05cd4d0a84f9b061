"""This file holds docs/protocol.md to the code: every type a house tells and command it takes."""

from __future__ import annotations

import re
from pathlib import Path

from appliance.service.ward_commands import OPS
from tests.emitted import types
from ward.web.event_words import ANYWHERE, TYPES

PAGE = (Path(__file__).resolve().parents[1] / "docs/protocol.md").read_text("utf-8")


def table_under(heading: str, column: int) -> set[str]:
    """The words in backticks in one column of the first table below a heading."""
    rows = PAGE.split(f"{heading}\n", 1)[1].split("|---", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return {w for row in rows for w in re.findall(r"`([a-z_]+)`", row.split("|")[column])}


def test_every_type_that_is_told_is_on_the_page_and_no_other() -> None:
    assert table_under("### What is told", 2) == types()


def test_every_command_is_on_the_page_and_no_other() -> None:
    assert table_under("## Commands", 1) == set(OPS)


def test_the_console_has_words_for_every_type() -> None:
    """An officer never meets a type's own name."""
    known = {kind for _, kind in TYPES} | set(ANYWHERE)
    assert types() - known == set()
    assert known - types() == set()


def test_the_scan_sees_the_types_of_every_way_they_are_made() -> None:
    """Constants, words put together, and words passed along: one of each."""
    assert {"taken", "appointment_missed", "brought_back", "withdrawn", "proof_lapsed"} <= types()
