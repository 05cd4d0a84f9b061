"""This file turns history into the points of a chart; the template draws them as SVG. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ward.web import words

WIDTH, HEIGHT = 640, 160  # the plot itself, in the units of the SVG
LEFT, TOP = 64, 24
COLUMNS_MOST = 320  # more points than this are put together, the largest of each column kept
GAP_STEPS = 2.5


@dataclass(frozen=True)
class Kind:
    """What a chart shows: which column of history, in which unit, scaled how."""

    key: str
    title: str
    unit: str
    least_top: float  # the axis reaches at least this far, so that 1 person does not look like 100
    scale: float = 1.0
    pick: Callable[[Sequence[float]], float] = max
    warn_above: float | None = None


KINDS = (
    Kind("waiting", "Người đang chờ", "người", 5),
    Kind("longest_s", "Chờ lâu nhất", "phút", 30, 1 / 60, warn_above=30),
    Kind("temp_c", "Nhiệt độ máy", "°C", 90, warn_above=80),
    Kind("disk_free_mib", "Thẻ nhớ còn trống", "GB", 4, 1 / 1024, pick=min),
)


@dataclass(frozen=True)
class Chart:
    """Ready to draw. Coordinates are in the SVG's units; `said` is the chart in words."""

    kind: Kind
    said: str
    lines: list[str] = field(default_factory=list)  # points of each unbroken piece
    dots: list[tuple[float, float]] = field(default_factory=list)  # pieces of one point
    y_marks: list[tuple[float, str]] = field(default_factory=list)
    x_marks: list[tuple[float, str]] = field(default_factory=list)
    warn_y: float | None = None


def chart(
    kind: Kind, rows: Sequence[Mapping[str, Any]], start: datetime, end: datetime
) -> Chart | None:
    """The chart of one column between two moments; None when nothing was ever said of it."""
    span_min = (end - start).total_seconds() / 60
    first_min = start.timestamp() / 60
    seen = [
        ((r["at_min"] - first_min) / span_min, float(r[kind.key]) * kind.scale)
        for r in rows
        if r[kind.key] is not None
    ]
    seen = [(x, y) for x, y in seen if 0 <= x <= 1]
    if not seen:
        return None
    top = _round_up(max(kind.least_top, max(y for _, y in seen)))
    steps = sorted(b["at_min"] - a["at_min"] for a, b in pairwise(rows))
    step = steps[len(steps) // 2] if steps else 1
    gap = max(GAP_STEPS * step / span_min, 1.5 / COLUMNS_MOST)
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in _columns(seen, kind):
        if pieces[-1] and x - pieces[-1][-1][0] > gap:
            pieces.append([])
        pieces[-1].append((x, y))
    placed = [[(_x(x), _y(y, top)) for x, y in piece] for piece in pieces]
    extreme = kind.pick([y for _, y in seen])
    extreme_x = next(x for x, y in seen if y == extreme)
    when = words.clock(start + (end - start) * extreme_x, end)
    worst = "ít nhất" if kind.pick is min else "nhiều nhất"
    return Chart(
        kind,
        f"{kind.title}: {worst} {number(extreme)} {kind.unit}, lúc {when};"
        f" gần đây nhất {number(seen[-1][1])} {kind.unit}.",
        [" ".join(f"{x:.1f},{y:.1f}" for x, y in piece) for piece in placed if len(piece) > 1],
        [piece[0] for piece in placed if len(piece) == 1],
        [(_y(v, top), number(v)) for v in (0.0, top / 2, top)],
        _hours(start, end),
        _y(kind.warn_above, top) if kind.warn_above and kind.warn_above < top else None,
    )


def number(value: float) -> str:
    """As people write it here: 1.250 and 3,5."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}".replace(",", ".")
    return f"{value:.1f}".replace(".", ",")


def _columns(seen: Sequence[tuple[float, float]], kind: Kind) -> list[tuple[float, float]]:
    if len(seen) <= COLUMNS_MOST:
        return list(seen)
    columns: dict[int, list[float]] = {}
    for x, y in seen:
        columns.setdefault(int(x * COLUMNS_MOST), []).append(y)
    return [((c + 0.5) / COLUMNS_MOST, kind.pick(ys)) for c, ys in sorted(columns.items())]


def _hours(start: datetime, end: datetime) -> list[tuple[float, str]]:
    """Marks at round hours of the day (or at midnights), 4 to 8 of them."""
    span_h = (end - start).total_seconds() / 3600
    every_h = next(h for h in (1, 2, 3, 6, 12, 24, 48, 24 * 365) if span_h / h <= 8)
    local = start.astimezone(words.ZONE)
    at = local.replace(minute=0, second=0, microsecond=0)
    at = at.replace(hour=0) if every_h >= 24 else at - timedelta(hours=at.hour % every_h)
    marks = []
    while at <= end:
        if at >= local:
            text = f"{at.day}/{at.month}" if every_h >= 24 else f"{at.hour} giờ"
            marks.append((_x((at - start) / (end - start)), text))
        at += timedelta(hours=every_h)
    return marks


def _round_up(value: float) -> float:
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10**4, 10**5, 10**7):
        if value <= step * 5:
            return -(-value // step) * step
    return value


def _x(part: float) -> float:
    return round(LEFT + part * WIDTH, 1)


def _y(value: float, top: float) -> float:
    return round(TOP + HEIGHT * (1 - min(max(value, 0.0), top) / top), 1)
