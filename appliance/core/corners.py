"""This file checks the four corners a person has placed on a photo."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2

from appliance.errors import BadInput

Point = tuple[float, float]

LEAST_AREA = 0.005
"""Of the photo: a card photographed from too far away is still larger."""
LEAST_TURN = 0.02
"""How far from a straight line three corners must be, as the sine of the angle."""


def checked_corners(corners: Sequence[Point]) -> list[list[float]]:
    """Four points as parts of the photo's width and height, clockwise, the top left one first.

    Raises BadInput (bad_corners): not four, outside the photo, too small, or with a corner that
    lies inside the others, as happens when one is placed twice.
    """
    if len(corners) != 4 or not all(0 <= n <= 1 for point in corners for n in point):
        raise BadInput("four corners inside the photo are needed", code="bad_corners")
    x = sum(point[0] for point in corners) / 4
    y = sum(point[1] for point in corners) / 4
    around = sorted(corners, key=lambda point: atan2(point[1] - y, point[0] - x))
    first = min(range(4), key=lambda i: sum(around[i]))
    placed = [around[(first + i) % 4] for i in range(4)]
    if _area(placed) < LEAST_AREA or any(_turn(placed, i) < LEAST_TURN for i in range(4)):
        raise BadInput("these four points are no sheet", code="bad_corners")
    return [[round(x, 5), round(y, 5)] for x, y in placed]


def _area(quad: Sequence[Point]) -> float:
    pairs = [(quad[i], quad[(i + 1) % 4]) for i in range(4)]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _turn(quad: Sequence[Point], i: int) -> float:
    """The sine of the bend at corner i; positive where the shape is convex."""
    before, here, after = quad[i - 1], quad[i], quad[(i + 1) % 4]
    ax, ay = here[0] - before[0], here[1] - before[1]
    bx, by = after[0] - here[0], after[1] - here[1]
    long = ((ax * ax + ay * ay) * (bx * bx + by * by)) ** 0.5
    return (ax * by - ay * bx) / long if long else 0.0
