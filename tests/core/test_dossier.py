"""This file proves the ten statuses and whose turn each is, and the marks of a draft's day."""

from __future__ import annotations

import pytest

from appliance.core import dossier, proof_watch
from appliance.core.visit import code_groups, dossier_code
from appliance.errors import BadInput


def test_whose_turn() -> None:
    """As the portal's table has it; what is prepared here waits for the resident."""
    turns = {s: dossier.turn(s) for s in dossier.STATUSES}
    assert [s for s, t in turns.items() if t == "ward"] == [1, 2, 4]
    assert [s for s, t in turns.items() if t == "resident"] == [0, 3, 5, 6, 8, 9]
    assert [s for s, t in turns.items() if t == "nobody"] == [7, 10]


@pytest.mark.parametrize(
    ("hours", "level"), [(0, 0), (11.99, 0), (12, 50), (19.1, 50), (19.2, 80), (24, 100), (99, 100)]
)
def test_levels(hours: float, level: int) -> None:
    assert proof_watch.level_pct(hours * 3600) == level


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("h15.50.05.13-261008-0975", "H15.50.05.13-261008-0975"),
        ("H15.50.05.13 – 261008 – 0975", "H15.50.05.13-261008-0975"),
        ("G09.20-261008-0900123", "G09.20-261008-0900123"),
        ("000.00.16.H26-210715-0001", "000.00.16.H26-210715-0001"),
    ],
)
def test_codes(typed: str, code: str) -> None:
    assert dossier_code(typed) == code
    assert len(code_groups(code)) == 3


@pytest.mark.parametrize(
    "typed", ["H15", "H15-26108-0975", "X15-261008-0975", "H15-261008-097", "H15-٢٦١٠٠٨-0975"]
)
def test_no_code(typed: str) -> None:
    with pytest.raises(BadInput):
        dossier_code(typed)
