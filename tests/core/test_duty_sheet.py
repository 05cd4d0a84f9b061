"""This file proves the month of duty: minutes as printed add up, months follow each other."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from appliance.core.duty_sheet import Turn, add_up, month_before, month_of, next_month


def turn(day: int, begins: str, ends: str) -> Turn:
    clock = "2026-11-%02dT%s"
    return Turn(
        datetime.fromisoformat(clock % (day, begins)), datetime.fromisoformat(clock % (day, ends))
    )


def test_minutes_add_up_as_printed() -> None:
    """07:30:59 to 08:00:01 is printed 07:30–08:00 and counts 30 minutes; the sum is of those."""
    odd = turn(2, "07:30:59", "08:00:01")
    assert odd.minutes == 30
    two = [(1, "Lan", odd), (2, "Minh", turn(2, "08:00:00", "09:00:00")), (1, "Lan", odd)]
    served = add_up(two, {1: 3, 9: 2}, {1: "Lan", 2: "Minh", 3: "Hoa"})
    assert [(s.name, s.minutes, len(s.turns), s.helped) for s in served] == [
        ("Lan", 60, 2, 3),
        ("Minh", 60, 1, 0),
    ]


def test_a_clock_set_back_counts_nothing() -> None:
    assert turn(2, "08:00:00", "07:00:00").minutes == 0


def test_months() -> None:
    assert month_of("2026-11") == date(2026, 11, 1)
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    for text in ("2026-13", "11-2026", "x"):
        with pytest.raises(ValueError):
            month_of(text)
