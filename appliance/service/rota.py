"""This file plans duty: opening hours, closed days, shifts, swaps, who may be telephoned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from appliance.core import rota as rules
from appliance.core.day_time import Span, read_spans
from appliance.core.moment import Moment
from appliance.core.opening import MOST_CLOSED_DAYS, REASON_MOST
from appliance.core.texts import one_line
from appliance.errors import BadInput, Conflict, NotFound, TooMany
from appliance.service.report import tell
from appliance.store import rota, volunteers
from appliance.store.database import Row, Store

ON_CALL_MOST = 6
LONGEST_CLOSED_DAYS = 31
_PHONE = re.compile(r"\+?\d{8,12}", re.ASCII)


def set_hours(store: Store, now: Moment, weekly: Mapping[int, str]) -> None:
    """Weekday -> "7:30-11:30, 13:30-17:00"; a weekday left out or empty is closed.

    Raises BadInput whose code ends in the weekday (hours_day_3), whatever is wrong with it.
    """
    spans: dict[int, tuple[Span, ...]] = {}
    for weekday in range(7):
        try:
            spans[weekday] = read_spans(weekly.get(weekday, "")[:120])
        except BadInput as e:
            raise BadInput(str(e), code=f"hours_day_{weekday}") from e
    with store.write():
        store.run("DELETE FROM opening_hours")
        for weekday, parts in spans.items():
            for span in parts:
                store.insert(
                    "opening_hours",
                    {"weekday": weekday, "from_min": span.from_min, "to_min": span.to_min},
                )
        tell(
            store, now, "ops", {"type": "hours", "open_days": sum(bool(s) for s in spans.values())}
        )


def set_per_session(store: Store, most: int) -> None:
    """How many volunteers a session has at most. Raises BadInput (bad_number)."""
    if not 1 <= most <= rules.PER_SESSION_MOST:
        raise BadInput(f"1 to {rules.PER_SESSION_MOST}", code="bad_number")
    with store.write():
        store.run(
            "INSERT INTO facts (name, value) VALUES ('duty.per_session', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            str(most),
        )


def close_days(
    store: Store, now: Moment, first: date, last: date, reason: str, *, today: date
) -> int:
    """Nobody comes on these days. Raises BadInput (day_over, bad_span, too_far, too_long)."""
    why = one_line(reason, most=REASON_MOST, what="reason")
    if last < first:
        raise BadInput("the last day is before the first", code="bad_span")
    if first < today:
        raise BadInput("that day is over", code="day_over")
    days = (last - first).days + 1
    if days > LONGEST_CLOSED_DAYS or last > today + timedelta(days=rules.AHEAD_DAYS):
        raise BadInput(f"at most {LONGEST_CLOSED_DAYS} days, within a year", code="too_far")
    with store.write():
        coming = store.value(
            "SELECT count(*) FROM closed_days WHERE day_on >= ?", today.isoformat()
        )
        if coming + days > MOST_CLOSED_DAYS:
            raise TooMany(f"at most {MOST_CLOSED_DAYS} closed days", code="too_many_closed_days")
        for n in range(days):
            store.run(
                "INSERT INTO closed_days (day_on, reason) VALUES (?, ?)"
                " ON CONFLICT (day_on) DO UPDATE SET reason = excluded.reason",
                (first + timedelta(days=n)).isoformat(),
                why,
            )
        tell(store, now, "ops", {"type": "closed", "from": first.isoformat(), "days": days})
    return days


def open_again(store: Store, now: Moment, day: date) -> None:
    with store.write():
        if store.run("DELETE FROM closed_days WHERE day_on = ?", day.isoformat()):
            tell(store, now, "ops", {"type": "opened_again", "day": day.isoformat()})


def plan(
    store: Store,
    now: Moment,
    *,
    volunteer_id: int,
    days: Sequence[date],
    spans: Sequence[Span],
    today: date,
) -> list[int]:
    """Put shifts on the rota: all of them, or none.

    Raises BadInput (day_over, too_far, bad_length), Conflict (shift_overlaps, shift_full,
    shift_closed), NotFound (unknown_volunteer). The message names the day.
    """  # fmt: skip
    with store.write():
        if volunteers.get(store, volunteer_id) is None:
            raise NotFound("no such volunteer", code="unknown_volunteer")
        made = [_plan_one(store, now, volunteer_id, d, s, today) for d in days for s in spans]
        _tell_planned(store, now, len(made))
    return made


def plan_file(store: Store, now: Moment, data: bytes, *, today: date) -> int:
    """Put a whole roster file on the rota, all or nothing; how many shifts.

    Raises BadInput whose message begins with the line that is wrong.
    """
    planned = rules.read_file(data)
    with store.write():
        by_name = {row["name"].casefold(): row["id"] for row in volunteers.active(store)}
        for one in planned:
            who = by_name.get(one.name.casefold())
            try:
                if who is None:
                    raise BadInput(f"nobody here is called {one.name!r}", code="unknown_volunteer")
                _plan_one(store, now, who, one.day, one.span, today)
            except (BadInput, Conflict) as e:
                raise BadInput(f"line {one.line}: {e}", code=f"roster_line_{one.line}") from e
        _tell_planned(store, now, len(planned))
    return len(planned)


def offer(store: Store, now: Moment, shift_id: int, volunteer_id: int) -> None:
    """Its owner asks somebody to take it. Asking twice is asking once."""
    with store.write():
        row = _own(store, shift_id, volunteer_id)
        if row["offered_at"] is None:
            store.run("UPDATE shifts SET offered_at = ? WHERE id = ?", now.at_text, shift_id)
            tell(store, now, "ops", {"type": "shift_offered", "day": row["day_on"]})


def keep(store: Store, shift_id: int, volunteer_id: int) -> None:
    """Its owner comes after all."""
    with store.write():
        _own(store, shift_id, volunteer_id)
        store.run("UPDATE shifts SET offered_at = NULL WHERE id = ?", shift_id)


def take(store: Store, now: Moment, shift_id: int, volunteer_id: int) -> None:
    """Somebody takes an offered shift. The first one has it; a second tap finds it taken.

    Raises Conflict (shift_taken, shift_overlaps).
    """
    with store.write():
        row = _shift(store, shift_id)
        if row["volunteer_id"] == volunteer_id and row["offered_at"] is None:
            return
        if row["offered_at"] is None:
            raise Conflict("somebody has taken this shift", code="shift_taken")
        span = Span(row["from_min"], row["to_min"])
        _no_overlap(store, volunteer_id, row["day_on"], span, except_id=shift_id)
        store.run(
            "UPDATE shifts SET volunteer_id = ?, offered_at = NULL WHERE id = ?",
            volunteer_id,
            shift_id,
        )
        tell(store, now, "ops", {"type": "shift_taken", "day": row["day_on"]})


def drop(store: Store, now: Moment, shift_id: int) -> None:
    """Off the rota. Dropping twice is dropping once."""
    with store.write():
        row = store.one("SELECT * FROM shifts WHERE id = ?", shift_id)
        if row is None:
            raise NotFound("no such shift", code="unknown_shift")
        if row["state"] == "planned":
            store.run("UPDATE shifts SET state = 'dropped' WHERE id = ?", shift_id)
            tell(store, now, "ops", {"type": "shift_dropped", "day": row["day_on"]})


def put_on_call(store: Store, volunteer_id: int, phone: str) -> None:
    """A volunteer who may be telephoned by residents. The number is shown: that is the consent.

    Raises BadInput (bad_phone), NotFound, TooMany.
    """
    digits = re.sub(r"[\s.\-()]", "", phone[:40])
    if not _PHONE.fullmatch(digits):
        raise BadInput("a telephone number of 8 to 12 digits", code="bad_phone")
    number = f"{digits[:-6]} {digits[-6:-3]} {digits[-3:]}"  # as people read it out
    with store.write():
        if volunteers.get(store, volunteer_id) is None:
            raise NotFound("no such volunteer", code="unknown_volunteer")
        others = [row for row in rota.on_call(store) if row["volunteer_id"] != volunteer_id]
        if len(others) >= ON_CALL_MOST:
            raise TooMany(f"at most {ON_CALL_MOST} on call", code="too_many_on_call")
        place = max((row["place"] for row in others), default=0) + 1
        store.run(
            "INSERT INTO on_call (volunteer_id, phone, place) VALUES (?, ?, ?)"
            " ON CONFLICT (volunteer_id) DO UPDATE SET phone = excluded.phone",
            volunteer_id,
            number,
            place,
        )


def off_call(store: Store, volunteer_id: int) -> None:
    with store.write():
        store.run("DELETE FROM on_call WHERE volunteer_id = ?", volunteer_id)


def _plan_one(
    store: Store, now: Moment, volunteer_id: int, day: date, span: Span, today: date
) -> int:
    rules.check(day, span, today)
    day_on = day.isoformat()
    if store.value("SELECT count(*) FROM closed_days WHERE day_on = ?", day_on):
        raise Conflict(f"{day_on}: the house is closed that day", code="shift_closed")
    _no_overlap(store, volunteer_id, day_on, span)
    if sum(span.overlaps(one) for one in rota.spans_of_day(store, day)) >= rota.per_session(store):
        raise Conflict(f"{day_on}: this session has all its volunteers", code="shift_full")
    return store.insert(
        "shifts",
        {
            "day_on": day_on,
            "from_min": span.from_min,
            "to_min": span.to_min,
            "volunteer_id": volunteer_id,
            "planned_for": volunteer_id,
            "state": "planned",
            "made_at": now.at_text,
        },
    )


def _no_overlap(
    store: Store, volunteer_id: int, day_on: str, span: Span, except_id: int = 0
) -> None:
    for row in rota.shifts(store, day_on, day_on):
        if row["volunteer_id"] == volunteer_id and row["id"] != except_id:  # noqa: SIM102
            if span.overlaps(Span(row["from_min"], row["to_min"])):
                raise Conflict(f"{day_on}: on duty then already", code="shift_overlaps")


def _tell_planned(store: Store, now: Moment, count: int) -> None:
    tell(store, now, "ops", {"type": "shifts_planned", "count": count})


def _own(store: Store, shift_id: int, volunteer_id: int) -> Row:
    row = _shift(store, shift_id)
    if row["volunteer_id"] != volunteer_id:
        raise Conflict("this shift is somebody else's", code="shift_taken")
    return row


def _shift(store: Store, shift_id: int) -> Row:
    row = rota.shift(store, shift_id)
    if row is None:
        raise NotFound("no such shift", code="unknown_shift")
    return row
