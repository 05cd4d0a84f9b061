"""This file proves that nothing on the board is ever green on old data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ward.board import Board
from ward.web import rows

START = datetime(2026, 11, 22, 5, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def board(time: Time) -> Board:
    board = Board(time)
    board.link(True)
    return board


def presence(board: Board) -> tuple[str, datetime | None]:
    found = board.house("nha-17")
    assert found is not None
    return found[1], found[2]


def test_online_while_it_says_so_and_is_heard(board: Board, time: Time) -> None:
    """Every message keeps it fresh; 150 s of silence end that."""
    board.status("nha-17", "online")
    for _ in range(10):
        time.pass_s(60)
        board.heard("nha-17")
    assert presence(board) == ("online", START)
    last = time.now
    time.pass_s(149)
    assert presence(board)[0] == "online"
    time.pass_s(2)
    assert presence(board) == ("unknown", last)
    board.heard("nha-17")
    assert presence(board)[0] == "online"


def test_the_last_will_is_believed_at_once(board: Board, time: Time) -> None:
    board.status("nha-17", "online")
    time.pass_s(30)
    board.status("nha-17", "offline")
    assert presence(board) == ("offline", START + timedelta(seconds=30))


def test_no_house_is_green_while_the_ward_itself_hears_nothing(board: Board, time: Time) -> None:
    board.status("nha-17", "online")
    time.pass_s(10)
    board.link(False)
    assert presence(board) == ("unknown", START + timedelta(seconds=10))
    board.link(True)
    assert presence(board)[0] == "online"


def test_a_retained_copy_is_no_sign_of_life(board: Board, time: Time) -> None:
    """A broker that remembers "online" from last week does not make a house online."""
    board.status("nha-17", "online", retained=True)
    board.state("nha-17", "health", {"printer_ok": 1}, retained=True)
    assert presence(board)[0] == "unknown"
    board.heard("nha-17")
    assert presence(board)[0] == "online"


def test_a_restarted_ward_knows_what_it_knew(board: Board, time: Time) -> None:
    """Kept and loaded: fresh within its time, not a second longer, with the same since."""
    board.status("nha-17", "online")
    board.state("nha-17", "queue", {"waiting": 3}, retained=False)
    kept = board.take_dirty()
    again = Board(time)
    again.load(kept)
    again.link(True)
    time.pass_s(100)
    assert presence(again) == ("online", START)
    time.pass_s(51)
    assert presence(again)[0] == "unknown"
    assert board.take_dirty() == []


def test_a_house_that_reports_rarely_is_given_its_time(board: Board, time: Time) -> None:
    board.status("nha-17", "online")
    board.state("nha-17", "hello", {"health_s": 600}, retained=False)
    time.pass_s(1400)
    assert presence(board)[0] == "online"
    time.pass_s(200)
    assert presence(board)[0] == "unknown"


@pytest.mark.parametrize("how", ["silent", "offline", "ward"])
def test_no_cell_of_a_house_out_of_reach_shows_its_last_value(
    board: Board, time: Time, how: str
) -> None:
    """The printer that was fine an hour ago is not shown as fine."""
    board.status("nha-17", "online")
    board.state("nha-17", "queue", {"waiting": 0, "longest_wait_s": 0}, retained=False)
    good = {"printer_ok": 1, "camera_ok": 1, "disk_free_mib": 9000, "soc_temp_c": 50, "uptime_s": 9}
    board.state("nha-17", "health", good, retained=False)
    found = board.house("nha-17")
    assert found
    row = rows.house_row(rows.glance(*found, 0, time.now), time.now)
    assert {row.cells[k].tone for k in ("printer", "camera")} == {"good"}
    if how == "silent":
        time.pass_s(3600)
    elif how == "offline":
        board.status("nha-17", "offline")
    else:
        board.link(False)
    found = board.house("nha-17")
    assert found
    row = rows.house_row(rows.glance(*found, 0, time.now), time.now)
    assert {c.text for k, c in row.cells.items() if k != "version"} == {"không rõ"}
    assert "good" not in {c.tone for c in [row.said, *row.cells.values()]}


def test_waiting_goes_on_without_a_message(board: Board, time: Time) -> None:
    board.status("nha-17", "online")
    board.state("nha-17", "queue", {"waiting": 2, "longest_wait_s": 100}, retained=False)
    time.pass_s(140)
    found = board.house("nha-17")
    assert found
    assert (
        rows.house_row(rows.glance(*found, 0, time.now), time.now).cells["longest"].text == "4 phút"
    )


def test_made_up_houses_are_bounded(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ward.board.HOUSES_MOST", 2)
    board.heard("nha-01")
    board.heard("nha-02")
    assert board.full("nha-03")
    assert not board.full("nha-02")
