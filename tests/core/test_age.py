"""This file proves the age of a row: never more than it surely has, whatever the clocks said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.age import age_s, dated_now, made_under
from appliance.core.moment import Moment, Sync

THEN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MADE = Moment(THEN, "boot-1", 600_000, "run", "none")
HOUR_S = 3600


def row(sync: Sync = "none") -> dict[str, object]:
    made = replace(MADE, sync=sync)
    return {**made_under(made), "made_at": made.at_text}


def later(epoch: str, up_s: float, ahead: timedelta, sync: Sync) -> Moment:
    return Moment(THEN + ahead, epoch, int(up_s * 1000), "run-2", sync)


@pytest.mark.parametrize(
    ("made_sync", "now", "expected_s"),
    [
        # The same boot: the wall clock was set three days ahead, and ten minutes went by.
        ("none", later("boot-1", 1200, timedelta(days=3), "ntp"), 600),
        ("none", later("boot-1", 1200, -timedelta(days=3), "ntp"), 600),
        # Another boot, and the clock was right both times.
        ("ntp", later("boot-2", 60, timedelta(hours=5), "ntp"), 5 * HOUR_S),
        # Written before anybody had set the clock: as old as this boot, no more.
        ("none", later("boot-2", 60, timedelta(days=3), "ntp"), 60),
        # A clock that lags behind: at least as old as this boot.
        ("ntp", later("boot-2", 10 * HOUR_S, -timedelta(days=2), "none"), 10 * HOUR_S),
        # A house that never has the network: its clock goes on from what it wrote last.
        ("none", later("boot-2", 60, timedelta(hours=50), "none"), 50 * HOUR_S),
    ],
)
def test_a_row_is_no_older_than_it_surely_is(
    made_sync: Sync, now: Moment, expected_s: float
) -> None:
    assert age_s(row(made_sync), now, "made_at") == expected_s


def test_a_row_of_a_release_before_has_its_wall_time_only() -> None:
    old = {"epoch": "", "mono_ms": 0, "sync": "", "made_at": MADE.at_text}
    assert age_s(old, later("boot-2", 60, timedelta(hours=5), "ntp"), "made_at") == 5 * HOUR_S


def test_once_dated_a_row_keeps_its_age_over_the_next_start() -> None:
    """What only this boot's clock could tell is in its wall time from then on."""
    set_now = later("boot-1", 1200, timedelta(days=3), "ntp")
    dated = {**row(), **dated_now(row(), set_now, "made_at")}
    assert age_s(dated, set_now, "made_at") == 600
    assert age_s(dated, later("boot-2", 5, timedelta(days=3, hours=1), "ntp"), "made_at") == 4200
