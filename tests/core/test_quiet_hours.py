"""This file proves when the buzzer keeps quiet, also across midnight."""

from __future__ import annotations

from datetime import datetime

import pytest

from appliance import config
from appliance.core.quiet_hours import is_quiet, parse_span
from appliance.errors import BadInput, ConfigError


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ("21:00-06:00", "20:59", False),
        ("21:00-06:00", "21:00", True),
        ("21:00-06:00", "03:30", True),
        ("21:00-06:00", "06:00", False),
        ("12:00-13:30", "13:29", True),
        ("12:00-13:30", "13:30", False),
        ("12:00-12:00", "12:00", False),
        ("", "03:30", False),
    ],
)
def test_quiet_or_not(hours: str, at: str, quiet: bool) -> None:
    assert is_quiet(hours, datetime.fromisoformat(f"2026-11-24T{at}")) is quiet


@pytest.mark.parametrize("hours", ["21-6", "24:00-06:00", "21:00-6:00", "21:00 - 06:00", "nights"])
def test_what_are_no_hours_is_refused(hours: str) -> None:
    """Neither by the rule nor by the settings, which know the same form."""
    with pytest.raises(BadInput):
        parse_span(hours)
    with pytest.raises(ConfigError, match="quiet_hours"):
        config.load(overrides={"devices.quiet_hours": hours})
