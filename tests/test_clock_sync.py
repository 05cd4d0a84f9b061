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


@pytest.mark.parametrize(
    ("hctosys", "since_s", "expected"),
    [
        ("1", "1795392000", "rtc"),  # November 2026: a battery kept it
        ("1", "42", "none"),  # a Pi 5 without a battery, just plugged in
        ("1", "946684830", "none"),  # one that fell back to the year 2000
        ("0", "1795392000", "none"),  # the kernel did not take the time from it
        ("1", "", "none"),
        (None, None, "none"),
    ],
)
def test_a_clock_chip_counts_only_where_it_kept_the_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hctosys: str | None,
    since_s: str | None,
    expected: str,
) -> None:
    """That there is one says nothing: without a battery it begins anew with the power."""
    monkeypatch.setattr(ctypes, "CDLL", lambda name: NotAllowed())
    monkeypatch.setattr(clock, "SYNCHRONISED", tmp_path / "synchronized")
    monkeypatch.setattr(clock, "RTC", tmp_path / "rtc0")
    if hctosys is not None and since_s is not None:
        (tmp_path / "rtc0").mkdir()
        (tmp_path / "rtc0" / "hctosys").write_text(f"{hctosys}\n")
        (tmp_path / "rtc0" / "since_epoch").write_text(f"{since_s}\n")
    assert clock.sync() == expected
