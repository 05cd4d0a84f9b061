"""This file prints what the fault tests did, one line for each seed, when they are over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

NAME = "fault row"
COLUMNS = (
    "scenario", "seed", "kills", "wire faults", "committed", "stored", "effects", "sent", "seconds",
)  # fmt: skip
Row = Callable[..., None]


@pytest.fixture
def fault_row(record_property: Callable[[str, object], None]) -> Row:
    """Call it with some of COLUMNS by name (spaces as _) for the line of this test."""

    def note(**columns: Any) -> None:
        record_property(NAME, {k.replace("_", " "): v for k, v in columns.items()})

    return note


def print_table(terminal: Any, reports: Iterable[Any]) -> None:
    """The lines of all tests that made one, with how each ended; nothing when none did."""
    lines = [
        [*(str(row.get(c, "")) for c in COLUMNS), report.outcome]
        for report in reports
        for name, row in report.user_properties
        if name == NAME and isinstance(row, dict)
    ]
    if not lines:
        return
    lines.sort(key=lambda line: (line[0], int(line[1] or 0)))
    head = [*COLUMNS, "outcome"]
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    terminal.section("faults by seed")
    for line in [head, *lines]:
        terminal.write_line("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)))
