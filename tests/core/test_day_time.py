"""This file proves how times and days are read, and that what is read back is the same."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.core.day_time import Span, clock_text, read_clock, read_day, read_spans, spans_text
from appliance.errors import BadInput


@pytest.mark.parametrize(
    ("text", "minute"),
    [("7:30", 450), ("07:30", 450), ("7h30", 450), ("7g", 420), ("7", 420), (" 24:00 ", 1440)],
)
def test_a_clock_as_people_write_it(text: str, minute: int) -> None:
    assert read_clock(text) == minute


@pytest.mark.parametrize("text", ["", "25:00", "24:01", "7:60", "bảy giờ", "7:3", "-1", "7:30:00"])
def test_no_clock(text: str) -> None:
    with pytest.raises(BadInput) as e:
        read_clock(text)
    assert e.value.code == "bad_time"


def test_spans_of_a_day() -> None:
    """In order whatever the order typed; read back as written."""
    spans = read_spans("13:30–17:00, 7h30 - 11h30")
    assert spans == (Span(450, 690), Span(810, 1020))
    assert read_spans(spans_text(spans)) == spans
    assert read_spans("  ") == ()
    assert clock_text(450) == "07:30"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7:30", "bad_time"),
        ("11:30-7:30", "bad_span"),
        ("7:30-7:30", "bad_span"),
        ("7:00-9:00, 8:30-10:00", "spans_overlap"),
        ("1-2,3-4,5-6,7-8,9-10", "too_many_spans"),
    ],
)
def test_spans_that_cannot_be(text: str, code: str) -> None:
    with pytest.raises(BadInput) as e:
        read_spans(text)
    assert e.value.code == code


def test_neighbours_do_not_overlap() -> None:
    """A span ends where the next begins."""
    assert not Span(450, 690).overlaps(Span(690, 720))
    assert Span(450, 690).overlaps(Span(689, 720))
    assert Span(450, 690).covers(Span(450, 480))


@pytest.mark.parametrize(
    ("text", "day"), [("2026-11-26", date(2026, 11, 26)), ("26/11/2026", date(2026, 11, 26))]
)
def test_a_day(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "30/02/2026", "26/11/26", "hôm nay", "٢٠٢٦-١١-٢٦"]
)
def test_no_day(text: str) -> None:
    with pytest.raises(BadInput) as e:
        read_day(text)
    assert e.value.code == "bad_date"
