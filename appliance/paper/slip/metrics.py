"""This file holds the sizes a slip is set in, from roomy to close, for both widths of paper.

203 dots an inch are 8 dots a millimetre. Nothing is ever set below 24 dots (3 mm): readers are old.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

WidthDots = Literal[576, 384]
WIDTHS: tuple[WidthDots, ...] = get_args(WidthDots)
DOTS_PER_MM = 8
MAX_HEIGHT_DOTS = 1192  # 15 cm, less the rows that packing may add


@dataclass(frozen=True)
class Metrics:
    """Letter sizes and gaps, all in dots. `code`: a module of a QR code, 0 the usual size."""

    margin: int
    gap: int
    body: int
    quiet: int
    title: int
    big: int
    value: int
    close: bool = False
    code: int = 0

    @property
    def mark(self) -> int:
        """Side of the square before a list line."""
        return round(self.body * 0.72)


# Tried in order until the slip is short enough.
METRICS: dict[WidthDots, tuple[Metrics, ...]] = {
    576: (
        Metrics(margin=12, gap=16, body=30, quiet=26, title=46, big=210, value=44),
        Metrics(margin=12, gap=12, body=28, quiet=24, title=44, big=180, value=40),
        Metrics(margin=12, gap=9, body=26, quiet=24, title=40, big=150, value=36),
        Metrics(margin=12, gap=7, body=24, quiet=24, title=38, big=130, value=34, close=True),
    ),
    384: (
        Metrics(margin=6, gap=14, body=28, quiet=24, title=40, big=180, value=38),
        Metrics(margin=6, gap=10, body=26, quiet=24, title=36, big=150, value=34),
        Metrics(margin=6, gap=7, body=24, quiet=24, title=34, big=130, value=30),
        Metrics(margin=4, gap=5, body=24, quiet=24, title=32, big=110, value=28, close=True),
    ),
}
