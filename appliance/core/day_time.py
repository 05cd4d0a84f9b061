"""This file is the time of day as people write it: minutes after midnight, spans, whole days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from appliance.errors import BadInput

DAY_MIN = 24 * 60
MOST_SPANS = 4  # in one day: morning, afternoon, evening and one more
_CLOCK = re.compile(r"(\d{1,2})(?:[:hHg.](\d{2})?)?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)


@dataclass(frozen=True, order=True)
class Span:
    """Part of a day, [from_min, to_min) in minutes after local midnight."""

    from_min: int
    to_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.from_min < self.to_min <= DAY_MIN:
            raise BadInput("a time that ends before it begins", code="bad_span")

    def overlaps(self, other: Span) -> bool:
        return self.from_min < other.to_min and other.from_min < self.to_min

    def holds(self, minute: int) -> bool:
        return self.from_min <= minute < self.to_min

    def covers(self, other: Span) -> bool:
        return self.from_min <= other.from_min and other.to_min <= self.to_min


def read_clock(text: str) -> int:
    """Minutes after midnight from "7:30", "7h30", "7g30", "7". Raises BadInput (bad_time)."""
    match = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if hour > 24 or minute > 59 or hour * 60 + minute > DAY_MIN:
        raise BadInput(f"not a time of day: {text[:20]!r}", code="bad_time")
    return hour * 60 + minute


def read_spans(text: str) -> tuple[Span, ...]:
    """ "7:30-11:30, 13:30-17:00" in order; () for an empty text.

    Raises BadInput: bad_time, bad_span, spans_overlap, too_many_spans.
    """
    spans = []
    for part in filter(None, (p.strip() for p in re.split(r"[,;]", text))):
        ends = re.split(r"\s*[-–—]\s*", part)
        if len(ends) != 2:
            raise BadInput(f"from-to, as 7:30-11:30, not {part[:30]!r}", code="bad_time")
        spans.append(Span(read_clock(ends[0]), read_clock(ends[1])))
    if len(spans) > MOST_SPANS:
        raise BadInput(f"at most {MOST_SPANS} times a day", code="too_many_spans")
    spans.sort()
    if any(a.overlaps(b) for a, b in pairwise(spans)):
        raise BadInput("two times of the same day overlap", code="spans_overlap")
    return tuple(spans)


def read_day(text: str) -> date:
    """2026-11-26 or 26/11/2026. Raises BadInput (bad_date)."""
    clean = text.strip()
    try:
        if _ISO.fullmatch(clean):
            return date.fromisoformat(clean)
        if match := _LOCAL.fullmatch(clean):
            return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        pass
    raise BadInput(f"not a date: {clean[:20]!r}", code="bad_date")


def clock_text(minute: int) -> str:
    """ "07:30"; 24:00 for the end of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def spans_text(spans: Iterable[Span]) -> str:
    """What `read_spans` reads: "7:30-11:30, 13:30-17:00"."""
    return ", ".join(
        f"{s.from_min // 60}:{s.from_min % 60:02d}-{s.to_min // 60}:{s.to_min % 60:02d}"
        for s in spans
    )


def minute_of(at: datetime) -> int:
    return at.hour * 60 + at.minute
