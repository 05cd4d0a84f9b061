"""This file says when the house keeps quiet: the lamp still calls, the buzzer does not."""

from __future__ import annotations

import re
from datetime import datetime

from appliance.errors import BadInput

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def parse_span(text: str) -> tuple[int, int] | None:
    """Minutes of the day from and to of "21:00-06:00"; None for "". Raises BadInput."""
    if not text:
        return None
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadInput("hours such as 21:00-06:00, or empty", code="bad_hours")
    from_h, from_min, to_h, to_min = (int(part) for part in match.groups())
    return from_h * 60 + from_min, to_h * 60 + to_min


def is_quiet(text: str, local: datetime) -> bool:
    """Whether `local` lies within the hours; they may run past midnight. Their end is not in."""
    span = parse_span(text)
    if span is None:
        return False
    begin, end = span
    minute = local.hour * 60 + local.minute
    if begin <= end:
        return begin <= minute < end
    return minute >= begin or minute < end
