"""This file proves that a chart shows what was seen: in its frame, with its gaps, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ward.web import charts
from ward.web.charts import KINDS, chart

END = datetime(2026, 11, 24, 2, tzinfo=UTC)
START = END - timedelta(days=1)
FIRST_MIN = int(START.timestamp() // 60)
WAITING = KINDS[0]


def step(after_min: int, value: float | None) -> dict[str, Any]:
    return {"at_min": FIRST_MIN + after_min, **{k.key: value for k in KINDS}}


def test_nothing_seen_is_no_chart() -> None:
    assert chart(WAITING, [], START, END) is None
    assert chart(WAITING, [step(5, None)], START, END) is None


def test_a_gap_breaks_the_line() -> None:
    """Two hours nobody heard the house are not a straight line across them."""
    rows = [step(n, 3) for n in range(0, 300, 5)] + [step(n, 4) for n in range(420, 700, 5)]
    drawn = chart(WAITING, rows, START, END)
    assert drawn is not None and len(drawn.lines) == 2
    assert "nhiều nhất 4 người" in drawn.said


def test_one_point_is_a_dot() -> None:
    drawn = chart(WAITING, [step(10, 2)], START, END)
    assert drawn is not None and drawn.lines == [] and len(drawn.dots) == 1


def test_a_peak_survives_putting_points_together() -> None:
    rows = [step(n, 90 if n == 777 else 1) for n in range(24 * 60)]
    drawn = chart(WAITING, rows, START, END)
    assert drawn is not None and "nhiều nhất 90 người" in drawn.said
    highest = min(float(p.split(",")[1]) for line in drawn.lines for p in line.split())
    assert highest < charts.TOP + charts.HEIGHT * 0.2
    assert sum(len(line.split()) for line in drawn.lines) <= charts.COLUMNS_MOST + 1


@given(st.lists(st.tuples(st.integers(-500, 2000), st.floats(-1e6, 1e12) | st.none()), max_size=60))
def test_everything_lies_in_its_frame(points: list[tuple[int, float | None]]) -> None:
    """Whatever was kept: no point outside, no number that is none."""
    rows = [step(at, value) for at, value in sorted(points, key=lambda p: p[0])]
    for kind in KINDS:
        drawn = chart(kind, rows, START, END)
        if drawn is None:
            continue
        spots = [tuple(map(float, p.split(","))) for line in drawn.lines for p in line.split()]
        for x, y in spots + drawn.dots:
            assert charts.LEFT <= x <= charts.LEFT + charts.WIDTH
            assert charts.TOP <= y <= charts.TOP + charts.HEIGHT


def test_hours_are_those_of_the_wall_there() -> None:
    drawn = chart(WAITING, [step(1, 1)], START, END)
    assert drawn is not None
    assert [text for _, text in drawn.x_marks][:2] == ["9 giờ", "12 giờ"]
