"""This file is the rota's rules: what a shift is, how it repeats, who may have it at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from appliance.core.day_time import Span, read_clock, read_day
from appliance.core.texts import one_line
from appliance.errors import BadInput

AHEAD_DAYS = 366
MOST_WEEKS = 52
SHORTEST_MIN, LONGEST_MIN = 30, 14 * 60
PER_SESSION_DEFAULT, PER_SESSION_MOST = 2, 9
MOST_LINES = 500
FILE_MOST_BYTES = 64 * 1024

# What a tap means when the house has named no hours of its own.
SESSIONS: dict[str, Span] = {
    "morning": Span(7 * 60 + 30, 11 * 60 + 30),
    "afternoon": Span(13 * 60 + 30, 17 * 60),
    "evening": Span(18 * 60, 20 * 60),
}
NOON_MIN, EVENING_MIN = 12 * 60, 17 * 60 + 30


@dataclass(frozen=True)
class Planned:
    """One shift as asked for; `name` as in the list of volunteers, `line` of the file."""

    day: date
    span: Span
    name: str
    line: int


def session_of(span: Span) -> str:
    """morning, afternoon or evening, by when it begins."""
    if span.from_min < NOON_MIN:
        return "morning"
    return "afternoon" if span.from_min < EVENING_MIN else "evening"


def session_spans(session: str, hours: Iterable[Span]) -> list[Span]:
    """The times a session stands for on a day with these opening `hours`.

    `session` is morning, afternoon, evening or day (all of them). Raises BadInput (bad_session).
    """
    if session != "day" and session not in SESSIONS:
        raise BadInput("session: morning, afternoon, evening or day", code="bad_session")
    open_hours = list(hours)
    if session == "day":
        return open_hours or [SESSIONS["morning"], SESSIONS["afternoon"]]
    return [s for s in open_hours if session_of(s) == session] or [SESSIONS[session]]


def check(day: date, span: Span, today: date) -> None:
    """Raises BadInput (day_over, too_far, bad_length)."""
    if day < today:
        raise BadInput("that day is over", code="day_over")
    if day > today + timedelta(days=AHEAD_DAYS):
        raise BadInput(f"at most {AHEAD_DAYS} days ahead", code="too_far")
    if not SHORTEST_MIN <= span.to_min - span.from_min <= LONGEST_MIN:
        raise BadInput("a shift is half an hour to 14 hours", code="bad_length")


def weekly(first: date, weeks: int) -> list[date]:
    """`first` and the same weekday of the weeks after it, `weeks` days in all."""
    if not 1 <= weeks <= MOST_WEEKS:
        raise BadInput(f"1 to {MOST_WEEKS} weeks", code="bad_weeks")
    return [first + timedelta(weeks=n) for n in range(weeks)]


def read_file(data: bytes) -> list[Planned]:
    """A roster file: lines `day, from, to, name`, comma or semicolon, UTF-8, a heading allowed.

    All or nothing: the first line that is wrong raises BadInput with its number (roster_line_<n>).
    """
    if len(data) > FILE_MOST_BYTES:
        raise BadInput("the file is larger than 64 KiB", code="roster_too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data[: e.start].count(b"\n") + 1
        raise BadInput(f"line {line}: not UTF-8", code=f"roster_line_{line}") from e
    mark = ";" if text.split("\n", 1)[0].count(";") >= 3 else ","
    found: list[Planned] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for fields in reader:
            line = reader.line_num
            if not any(f.strip() for f in fields) or (not found and _is_heading(fields)):
                continue
            if len(found) >= MOST_LINES:
                raise BadInput(f"at most {MOST_LINES} shifts", code="roster_too_long")
            found.append(_line(fields, line))
    except csv.Error as e:
        raise BadInput(f"line {reader.line_num}: {e}", code=f"roster_line_{reader.line_num}") from e
    if not found:
        raise BadInput("the file has no shift in it", code="roster_empty")
    return found


def _is_heading(fields: list[str]) -> bool:
    return not any(c.isdigit() for c in "".join(fields[:3]))


def _line(fields: list[str], line: int) -> Planned:
    try:
        if len(fields) != 4:
            raise BadInput("four fields: day, from, to, name", code="roster_fields")
        span = Span(read_clock(fields[1]), read_clock(fields[2]))
        name = one_line(fields[3], most=40, least=1, what="name")
        return Planned(read_day(fields[0]), span, name, line)
    except BadInput as e:
        raise BadInput(f"line {line}: {e}", code=f"roster_line_{line}") from e
