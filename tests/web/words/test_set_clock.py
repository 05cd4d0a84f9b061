"""This file proves that a house whose clock was set by hand says so on every screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from appliance.clock import SetClock
from appliance.web.notices import notices
from tests.web.conftest import House


def test_a_set_clock_is_said(make_house: Callable[..., House], tmp_path: Path) -> None:
    """As loudly as a virtual printer; a right clock is not mentioned."""
    house = make_house()
    now = house.clock.now()
    assert [n for n in notices(house.parts, now) if n["code"] == "virtual"] == []
    parts = replace(house.parts, clock=SetClock(tmp_path / "clock.json"))
    (said,) = [n for n in notices(parts, now) if n["code"] == "virtual"]
    assert said["kinds"] == ["clock"]
