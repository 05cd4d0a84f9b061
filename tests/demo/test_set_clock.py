"""This file proves that a demo's clock goes where it is set, moves on, and is said to be set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.clock import SET_BY, Clock, SetClock, clock
from appliance.demo.set_clock import DemoClock, ahead_s
from appliance.errors import BadInput

ZONE = "Asia/Ho_Chi_Minh"
SATURDAY = datetime(2026, 11, 28, 19, 20)


def test_set_and_moved_on(tmp_path: Path) -> None:
    """Saturday 19:20 on the wall; an hour later both clocks have moved by an hour."""
    file = tmp_path / "clock.json"
    demo = DemoClock(file, ahead_s(SATURDAY, ZONE, datetime.now(UTC)))
    moved, real = SetClock(file), Clock()
    first = moved.now()
    assert abs(first.local(ZONE).replace(tzinfo=None) - SATURDAY) < timedelta(seconds=30)
    assert abs(first.mono_ms - real.now().mono_ms) < 5_000
    demo.let_pass(60)
    second = moved.now()
    assert timedelta(minutes=59) < second.at - first.at < timedelta(minutes=62)
    assert 59 * 60_000 < second.mono_ms - first.mono_ms < 62 * 60_000
    assert abs(demo.now(ZONE) - second.local(ZONE)) < timedelta(seconds=5)
    with pytest.raises(BadInput):
        demo.let_pass(7)


def test_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the environment's word it is the machine's own; a broken file changes nothing."""
    monkeypatch.delenv(SET_BY, raising=False)
    assert type(clock()) is Clock and not clock().is_set
    file = tmp_path / "clock.json"
    monkeypatch.setenv(SET_BY, str(file))
    here = clock()
    assert here.is_set
    for text in ("", "{}", '{"ahead_s": "x", "passed_s": 1}'):
        file.write_text(text)
        assert abs(here.now().at - datetime.now(UTC)) < timedelta(seconds=10)
