"""This file proves which half hours can be had: opening hours, others' appointments, helpers."""

from __future__ import annotations

from datetime import date

from appliance.core.appointment import days_ahead, places
from appliance.core.day_time import Span
from appliance.core.opening import Opening

MONDAY = date(2026, 11, 23)
HOUSE = Opening({0: (Span(480, 600),)}, {"2026-11-30": ""})
ALL = [Span(480, 510), Span(510, 540), Span(540, 570), Span(570, 600)]


def test_half_hours_of_a_morning() -> None:
    assert places(MONDAY, HOUSE, [], []) == ALL
    assert places(MONDAY, HOUSE, [], [], earliest_min=511) == ALL[2:]
    assert places(date(2026, 11, 24), HOUSE, [], []) == []


def test_one_at_a_time_or_as_many_as_help() -> None:
    """One appointment fills a place; two volunteers on the rota make two places."""
    taken = [Span(480, 510)]
    assert places(MONDAY, HOUSE, [], taken) == ALL[1:]
    two = [Span(480, 600), Span(480, 510)]
    assert places(MONDAY, HOUSE, two, taken) == ALL
    assert places(MONDAY, HOUSE, two, taken * 2) == ALL[1:]


def test_days_ahead() -> None:
    """Open days of a month, closed ones left out."""
    days = days_ahead(MONDAY, HOUSE)
    assert days[:2] == [MONDAY, date(2026, 12, 7)]
    assert len(days) == 4
