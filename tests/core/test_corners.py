"""This file proves which four points are taken for a sheet, and in which order."""

from __future__ import annotations

from itertools import permutations

import pytest

from appliance.core.corners import checked_corners
from appliance.errors import BadInput

SHEET = [(0.1, 0.2), (0.8, 0.15), (0.9, 0.9), (0.05, 0.85)]


def test_any_order_is_put_right() -> None:
    for order in permutations(SHEET):
        assert checked_corners(order) == [list(point) for point in SHEET]


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        SHEET[:3],
        [*SHEET, (0.5, 0.5)],
        [(0.1, 0.2), (0.8, 0.15), (0.9, 1.2), (0.05, 0.85)],
        [(-0.1, 0.2), (0.8, 0.15), (0.9, 0.9), (0.05, 0.85)],
        [(0.1, 0.1)] * 4,
        [(0.1, 0.1), (0.1, 0.1), (0.9, 0.9), (0.1, 0.9)],
        [(0.1, 0.1), (0.5, 0.5), (0.9, 0.9), (0.3, 0.3)],
        [(0.1, 0.1), (0.9, 0.1), (0.5, 0.3), (0.5, 0.9)],
        [(0.1, 0.1), (0.15, 0.1), (0.15, 0.15), (0.1, 0.15)],
        [(float("nan"), 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)],
    ],
)
def test_what_is_no_sheet(wrong: list[tuple[float, float]]) -> None:
    with pytest.raises(BadInput) as refused:
        checked_corners(wrong)
    assert refused.value.code == "bad_corners"
