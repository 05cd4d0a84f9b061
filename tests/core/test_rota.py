"""This file proves the rota's rules: sessions, weeks, lengths, and a roster file all or nothing."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.core import rota
from appliance.core.day_time import Span
from appliance.errors import BadInput

THURSDAY = date(2026, 11, 26)
GOOD = """ngày,từ,đến,tên
2026-11-26,7:30,11:30,Chị Lan
03/12/2026,13h30,17h,Anh Minh
"""


def test_sessions_follow_the_opening_hours() -> None:
    """A house open on Thursday mornings only: a morning is those hours, a day as well."""
    hours = [Span(480, 660)]
    assert rota.session_spans("morning", hours) == [Span(480, 660)]
    assert rota.session_spans("day", hours) == [Span(480, 660)]
    assert rota.session_spans("evening", hours) == [rota.SESSIONS["evening"]]
    assert len(rota.session_spans("day", [])) == 2
    with pytest.raises(BadInput):
        rota.session_spans("night", hours)


def test_weekly() -> None:
    """Weekly Thursday mornings stay Thursdays, over the end of the year too."""
    days = rota.weekly(THURSDAY, 8)
    assert {day.weekday() for day in days} == {3}
    assert days[-1] == date(2027, 1, 14)
    for weeks in (0, 53):
        with pytest.raises(BadInput):
            rota.weekly(THURSDAY, weeks)


@pytest.mark.parametrize(
    ("day", "span", "code"),
    [
        (date(2026, 11, 25), Span(450, 690), "day_over"),
        (date(2028, 1, 1), Span(450, 690), "too_far"),
        (THURSDAY, Span(450, 460), "bad_length"),
        (THURSDAY, Span(0, 1440), "bad_length"),
    ],
)
def test_what_no_shift_can_be(day: date, span: Span, code: str) -> None:
    with pytest.raises(BadInput) as e:
        rota.check(day, span, THURSDAY)
    assert e.value.code == code


def test_a_roster_file() -> None:
    """Comma or semicolon, both ways to write a day, a heading, a BOM, Windows line ends."""
    found = rota.read_file(GOOD.encode())
    assert [(p.day.isoformat(), p.span, p.name, p.line) for p in found] == [
        ("2026-11-26", Span(450, 690), "Chị Lan", 2),
        ("2026-12-03", Span(810, 1020), "Anh Minh", 3),
    ]
    other = ("\ufeff" + GOOD.replace(",", ";").replace("\n", "\r\n")).encode()
    assert rota.read_file(other) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD + "2026-12-10,11:30,7:30,Chị Lan\n", "roster_line_4"),
        (GOOD + "2026-12-10,7:30,11:30\n", "roster_line_4"),
        (GOOD + "\n2026-02-30,7:30,11:30,Chị Lan\n", "roster_line_5"),
        (GOOD + "2026-12-10,7:30,11:30," + "ă" * 41 + "\n", "roster_line_4"),
        (GOOD + '2026-12-10,7:30,11:30,"Chị\n', "roster_line_4"),
        ("ngày,từ,đến,tên\n", "roster_empty"),
        ("", "roster_empty"),
        ("2026-12-10,7:30,11:30,Lan\n" * 501, "roster_too_long"),
    ],
)
def test_a_broken_roster_names_its_line(text: str, code: str) -> None:
    with pytest.raises(BadInput) as e:
        rota.read_file(text.encode())
    assert e.value.code == code


def test_a_roster_that_is_no_text() -> None:
    with pytest.raises(BadInput) as e:
        rota.read_file(GOOD.encode() + b"2026-12-10,7:30,11:30,L\xff\n")
    assert e.value.code == "roster_line_4"
    with pytest.raises(BadInput) as e:
        rota.read_file(b"x" * (rota.FILE_MOST_BYTES + 1))
    assert e.value.code == "roster_too_large"
