"""This file proves that history keeps the most of each step, leaves gaps, and forgets in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ward import recorder
from ward.board import Board
from ward.recorder import Recorder
from ward.store import history
from ward.store.database import Store

START = datetime(2026, 11, 24, 2, tzinfo=UTC)


class Day:
    def __init__(self, folder: Path) -> None:
        self.now = START
        self.store, self.board = Store(folder), Board(lambda: self.now)
        self.board.link(True)
        self.recorder = Recorder(self.store, self.board, lambda: self.now)

    def says(self, house: str = "nha-17", waiting: int = 0, **health: float) -> None:
        self.board.status(house, "online")
        self.board.state(house, "queue", {"waiting": waiting}, retained=False)
        self.board.state(house, "health", dict(health), retained=False)

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.recorder.look()

    def kept(self) -> list[dict[str, object]]:
        return history.of_house(self.store, "nha-17", START - timedelta(days=30))


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def test_a_rush_between_two_steps_is_kept(day: Day) -> None:
    for waiting, temp in ((1, 50), (9, 60), (2, 55)):
        day.says(waiting=waiting, soc_temp_c=temp, printer_ok=1, disk_free_mib=900 - temp)
        day.pass_s(15)
    day.pass_s(30)
    (step,) = day.kept()
    assert (step["waiting"], step["temp_c"], step["disk_free_mib"]) == (9, 60, 840)


def test_what_nobody_heard_is_a_gap(day: Day) -> None:
    day.says(waiting=1)
    for _ in range(20):
        day.pass_s(60)
    assert len(day.kept()) == 2  # 150 s it was believed, then nobody knows


def test_what_nobody_knows_is_not_a_number(day: Day) -> None:
    day.says(waiting=-1, printer_ok=-1, soc_temp_c=1e300)
    day.pass_s(10)
    day.pass_s(60)
    step = day.kept()[0]
    assert (step["waiting"], step["printer_ok"], step["temp_c"]) == (None, None, None)


def test_many_houses_are_written_less_often(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MANY", 1)
    day.says()
    day.says("nha-18")
    for _ in range(20):
        day.says()
        day.pass_s(60)
    assert len(day.kept()) == 2


def test_a_week_is_kept(day: Day) -> None:
    with day.store.write() as db:
        at = history.minutes(START)
        old = [history.Step("nha-17", at - n * 60) for n in range(24 * 10)]
        history.keep(db, old)
    day.pass_s(1)
    assert len(day.kept()) == 24 * 7 + 1


def test_the_last_step_is_not_lost_at_the_end(day: Day) -> None:
    day.says(waiting=4)
    day.recorder.look()
    day.recorder.keep()
    assert [s["waiting"] for s in day.kept()] == [4]
