"""This file prints figures as a table: what was measured, what it must be, what the goal is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. `ok`: the must is met; None where the figure only informs."""

    measure: str
    value: str
    must: str = ""
    goal: str = ""
    ok: bool | None = None


def at_most(
    measure: str, value: float, must: float, goal: float | None = None, unit: str = ""
) -> Row:
    """Return the row of a figure that should be small."""
    wanted = "" if goal is None else f"<= {goal:g}{unit}"
    return Row(measure, f"{value:.3g}{unit}", f"<= {must:g}{unit}", wanted, value <= must)


def at_least(
    measure: str, value: float, must: float, goal: float | None = None, note: str = ""
) -> Row:
    """Return the row of a share (0 to 1) or index that should be large."""
    wanted = "" if goal is None else f">= {goal:g}"
    return Row(measure, f"{value:.4f}{note}", f">= {must:g}", wanted, value >= must)


def show(rows: list[Row], title: str) -> None:
    """Print rows under a title, the missed ones marked."""
    print(f"\n{title}")
    for row in rows:
        mark = {True: "ok  ", False: "MISS", None: "    "}[row.ok]
        print(f"  {mark} {row.measure:<58} {row.value:<26} must {row.must:<10} goal {row.goal}")
