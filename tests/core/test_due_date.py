"""This file proves due dates against a table counted by hand on a paper calendar.

The days of rest come from the calendar package, so that its knowledge of 2025 to 2027 is proved
with it: Tết, compensation days, the swap of 31 August for 22 August 2026, and 24 November.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from appliance.core.due_date import Calendar, due, received_on
from appliance.service.working_days import KNOWN_UNTIL, names, national

# Handed in | how | due. How: same (15:00 rule), o3 (office, 3 working days), p7 (police of the
# ward, 7), c15 (15 days of any kind), now. Weekdays stand beside, for whoever counts again.
TABLE = """
2026-11-23 09:00 same 2026-11-23  Mon: the same Mon
2026-11-23 15:00 same 2026-11-23  on the stroke of three is in time
2026-11-23 15:01 same 2026-11-25  Tue 24 is a holiday: Wed
2026-11-24 10:00 same 2026-11-25  on the holiday itself
2026-11-27 14:59 same 2026-11-27  Fri
2026-11-27 16:40 same 2026-11-30  Fri after three: Mon
2026-11-28 09:00 same 2026-11-30  Sat: Mon
2026-11-22 09:06 same 2026-11-23  Sun: Mon
2026-08-22 10:00 same 2026-08-22  a Saturday worked
2026-08-22 15:30 same 2026-08-24  after three on it: Mon
2026-08-21 16:00 same 2026-08-22  Fri after three: the Saturday worked
2026-08-28 15:30 same 2026-09-03  Fri; Mon 31, Tue 1, Wed 2 off: Thu
2026-02-13 15:10 same 2026-02-23  Fri before Tết: Mon after it
2026-04-30 09:00 same 2026-05-04  Thu 30, Fri 1 off: Mon
2026-04-29 15:30 same 2026-05-04  Wed after three
2026-04-26 08:00 same 2026-04-28  Sun, Hùng kings; Mon in its place: Tue
2026-12-31 15:30 same 2027-01-04  Thu; Fri 1 off: Mon
2027-02-03 15:30 same 2027-02-11  Wed; Tết 4 to 10: Thu
2027-04-30 09:00 same 2027-05-04  Fri off, Mon 3 in place of Sat 1: Tue
2027-04-15 16:00 same 2027-04-19  Thu; Fri 16 off: Mon
2027-09-01 15:30 same 2027-09-06  Wed; Thu 2, Fri 3 off: Mon
2027-11-23 15:30 same 2027-11-25  Tue; Wed 24 off: Thu
2026-11-23 09:00 o1 2026-11-25    Mon; Tue off: Wed
2026-11-23 17:01 o1 2026-11-26    after closing: received Wed, due Thu
2026-11-27 10:00 o1 2026-11-30    Fri: Mon
2026-11-28 10:00 o1 2026-12-01    Sat: received Mon, due Tue
2026-11-20 09:00 o2 2026-11-25    Fri: Mon 23, Wed 25
2026-12-31 09:00 o2 2027-01-05    Thu: Mon 4, Tue 5
2026-11-22 19:20 o3 2026-11-27    Sun: received Mon; Wed, Thu, Fri
2026-11-23 08:05 o3 2026-11-27    Mon: Wed, Thu, Fri
2026-11-19 09:00 o3 2026-11-25    Thu: Fri 20, Mon 23, Wed 25
2026-11-18 09:00 o3 2026-11-23    Wed: Thu, Fri, Mon
2026-08-28 09:00 o3 2026-09-07    Fri: Thu 3, Fri 4, Mon 7
2026-08-20 09:00 o3 2026-08-24    Thu: Fri 21, Sat 22 worked, Mon 24
2026-04-24 09:00 o3 2026-05-04    Fri: Tue 28, Wed 29, Mon 4
2026-02-11 09:00 o3 2026-02-23    Wed: Thu 12, Fri 13, Mon 23
2027-04-30 09:00 o3 2027-05-07    holiday: received Tue 4; Wed, Thu, Fri
2027-02-01 09:00 o3 2027-02-11    Mon: Tue 2, Wed 3, Thu 11
2026-11-23 09:00 o5 2026-12-01    Mon: 25, 26, 27, 30, 1
2026-08-14 09:00 o5 2026-08-21    Fri: Mon to Fri
2026-08-17 09:00 o5 2026-08-22    Mon: Tue to Fri, and the Saturday worked
2026-08-25 09:00 o5 2026-09-04    Tue: 26, 27, 28, 3, 4
2026-04-20 09:00 o5 2026-04-28    Mon: 21, 22, 23, 24, 28
2026-12-30 09:00 o5 2027-01-07    Wed: 31, 4, 5, 6, 7
2027-08-30 09:00 o5 2027-09-08    Mon: 31, 1, 6, 7, 8
2026-11-23 09:00 p7 2026-12-03    Mon: 25, 26, 27, 30, 1, 2, 3
2026-11-28 09:00 p7 2026-12-08    Sat morning receives: 30, 1, 2, 3, 4, 7, 8
2026-11-28 11:31 p7 2026-12-09    after it: received Mon 30, then seven
2026-11-28 09:00 o7 2026-12-09    the office does not: received Mon 30
2026-11-27 18:00 p7 2026-12-08    Fri evening: received Sat 28
2026-11-27 18:00 o7 2026-12-09    Fri evening: received Mon 30
2026-11-24 10:00 p3 2026-11-30    holiday: received Wed 25; 26, 27, 30
2026-02-14 09:00 p3 2026-02-25    Sat before Tết; Mon 23, 24, 25
2026-05-02 10:00 p3 2026-05-06    Sat: Mon 4, 5, 6
2027-05-01 09:00 p3 2027-05-07    Sat and a holiday: received Tue 4; 5, 6, 7
2027-02-06 09:00 p3 2027-02-16    Sat, Tết: received Thu 11; 12, 15, 16
2026-08-22 10:00 p3 2026-08-26    Sat worked: Mon 24, 25, 26
2026-08-22 14:00 p3 2026-08-26    worked the whole day
2026-08-29 09:00 p3 2026-09-07    Sat: Thu 3, Fri 4, Mon 7
2026-11-23 09:00 o10 2026-12-08   25, 26, 27, 30, 1, 2, 3, 4, 7, 8
2026-02-09 09:00 o10 2026-03-02   Mon: 10 to 13, 23 to 27, Mon 2
2026-12-21 09:00 o10 2027-01-05   Mon: 22 to 25, 28 to 31, 4, 5; Christmas is worked
2026-11-23 09:00 o25 2026-12-29   3 in November's week, four weeks, Mon 28, Tue 29
2027-01-11 09:00 o25 2027-02-22   4 + 5 + 5 + 3, then 2 + 5 + Mon 22
2026-11-23 09:00 c15 2026-12-08   Tue
2026-11-27 09:00 c15 2026-12-14   Sat 12 moves to Mon
2026-08-18 09:00 c15 2026-09-03   Wed 2 is a holiday: Thu
2026-11-22 09:00 c15 2026-12-08   Sun: received Mon 23
2025-04-25 09:00 o1 2025-04-26    Fri: the Saturday worked for 2 May
2025-04-30 09:00 o1 2025-05-06    Wed; Thu, Fri off: received Mon 5
2025-08-29 09:00 o1 2025-09-03    Fri; Mon 1, Tue 2 off: Wed
2026-11-22 22:30 now 2026-11-22   told at once
"""
ROWS = [line.split(maxsplit=4) for line in TABLE.strip().splitlines()]


def count(at: datetime, how: str) -> tuple[date, bool]:
    if how == "same":
        found = due(at, 1, national(), same_day=True)
    elif how == "now":
        found = due(at, 0, national())
    else:
        found = due(
            at, int(how[1:]), national(), agency="police" if how[0] == "p" else "office",
            calendar_days=how[0] == "c",
        )  # fmt: skip
    return found.on, found.certain


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 60
    assert len({tuple(row[:3]) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_counted_by_hand(row: list[str]) -> None:
    """Each line of the table, and all of them are certain."""
    day, hour, how, expected = row[:4]
    at = datetime.fromisoformat(f"{day}T{hour}")
    assert count(at, how) == (date.fromisoformat(expected), True)


@pytest.mark.parametrize(
    ("at", "how", "expected"),
    [
        ("2027-12-27T09:00", "o10", "2028-01-11"),  # 28 to 31, 4 to 7, 10, 11: Mon 3 by rule
        ("2027-12-31T09:00", "o1", "2028-01-04"),
        ("2028-03-01T09:00", "o3", "2028-03-06"),
        ("2024-12-30T09:00", "same", "2024-12-30"),
    ],
)
def test_past_the_known_years_nothing_is_certain(at: str, how: str, expected: str) -> None:
    """The day is still counted, by rule, and said to be uncertain."""
    assert count(datetime.fromisoformat(at), how) == (date.fromisoformat(expected), False)


def test_the_last_known_day_is_certain() -> None:
    assert date(2027, 12, 31) == KNOWN_UNTIL
    assert count(datetime(2027, 12, 30, 9), "o1") == (date(2027, 12, 31), True)


def test_the_ward_puts_days_on_top() -> None:
    """A day of rest more, a Saturday worked, a holiday worked; the newest word of each counts."""
    storm, saturday = date(2026, 11, 26), date(2026, 11, 28)
    changed = national().changed({storm: False, saturday: True})
    assert due(datetime(2026, 11, 25, 9), 2, changed).on == saturday
    back = changed.changed({storm: True, saturday: False, date(2026, 11, 24): True})
    assert due(datetime(2026, 11, 23, 9), 3, back).on == date(2026, 11, 26)
    assert due(datetime(2026, 11, 27, 9), 1, back).on == date(2026, 11, 30)


def test_a_police_saturday_the_ward_closes() -> None:
    closed = national().changed({date(2026, 11, 28): False})
    assert received_on(datetime(2026, 11, 28, 9), closed, "police") == date(2026, 11, 30)


def test_an_empty_calendar_counts_weekdays() -> None:
    bare = Calendar(frozenset(), frozenset(), date(2026, 1, 1), date(2026, 12, 31))
    assert due(datetime(2026, 11, 23, 9), 1, bare).on == date(2026, 11, 24)


def test_names_of_the_days_are_vietnamese() -> None:
    assert names()[date(2026, 11, 24)] == "Ngày Văn hóa Việt Nam"
    assert date(2026, 8, 22) in national().working
