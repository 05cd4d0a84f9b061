"""This file proves that a room that may not ask the kernel knows whether the clock is set."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from appliance import clock


class NotAllowed:
    """A C library whose adjtimex is refused, as under ProtectClock=yes."""

    def adjtimex(self, buffer: object) -> int:
        return -1


def test_a_refused_question_is_answered_by_timesyncds_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No mark: not by the network. With the mark: by the network."""
    mark = tmp_path / "synchronized"
    monkeypatch.setattr(ctypes, "CDLL", lambda name: NotAllowed())
    monkeypatch.setattr(clock, "SYNCHRONISED", mark)
    assert clock.sync() in ("rtc", "none")
    mark.touch()
    assert clock.sync() == "ntp"
