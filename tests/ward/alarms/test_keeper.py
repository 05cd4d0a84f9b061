"""This file proves who is told what and when: once each, along the list, and never for nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ward.alarms.bench import HOUSE, PEOPLE, Bench, Power
from ward.store import alarms


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def state(bench: Bench) -> list[tuple[str, str]]:
    rows = bench.store.all("SELECT kind, state FROM alarms ORDER BY id")
    return [(r["kind"], r["state"]) for r in rows]


def test_a_call_nobody_answers_goes_along_the_list(bench: Bench) -> None:
    """Nobody before two minutes; then one after the other; each once; then nobody is left."""
    bench.tell("called")
    bench.pass_s(110, heard=[HOUSE])
    assert bench.ear.take() == []
    bench.pass_s(20, heard=[HOUSE])
    ((person, message),) = bench.ear.take()
    assert person == "Chị Hạnh" and "gọi giúp từ 09:00" in message.body and message.urgent
    bench.pass_s(160, heard=[HOUSE])
    assert bench.ear.take() == []
    bench.pass_s(30, heard=[HOUSE])
    assert bench.ear.who() == ["Anh Minh"]
    bench.pass_s(180, heard=[HOUSE])
    assert bench.ear.who() == ["Bác Tư"]
    bench.pass_s(3600, every_s=60, heard=[HOUSE])
    assert bench.ear.take() == []


def test_somebody_answers_and_whoever_was_called_hears_that(bench: Bench) -> None:
    bench.tell("called")
    bench.pass_s(330, heard=[HOUSE])
    assert bench.ear.who() == ["Chị Hạnh", "Anh Minh"]
    bench.tell("answered", who="Cô Hạnh", eta_min=10)
    bench.pass_s(600, heard=[HOUSE])
    heard = bench.ear.take()
    assert sorted(p for p, _ in heard) == ["Anh Minh", "Chị Hạnh"]
    assert all("Cô Hạnh đã nhận" in m.body and not m.urgent for _, m in heard)
    bench.tell("closed")
    bench.pass_s(60, heard=[HOUSE])
    assert bench.ear.take() == [] and state(bench) == [("help", "over")]


def test_a_withdrawn_call_is_withdrawn(bench: Bench) -> None:
    bench.tell("called")
    bench.pass_s(130, heard=[HOUSE])
    assert bench.ear.who() == ["Chị Hạnh"]
    bench.tell("withdrawn")
    bench.pass_s(600, heard=[HOUSE])
    ((person, message),) = bench.ear.take()
    assert person == "Chị Hạnh" and "đã rút lại" in message.body


@pytest.mark.parametrize("ends", ["withdrawn", "closed", "answered"])
def test_what_ends_in_time_is_told_to_nobody(bench: Bench, ends: str) -> None:
    bench.tell("called")
    bench.pass_s(100, heard=[HOUSE])
    bench.tell(ends)
    bench.pass_s(600, heard=[HOUSE])
    assert bench.ear.take() == [] and state(bench) == []


def test_an_old_call_from_a_backlog_waits_for_its_end(bench: Bench) -> None:
    """After three weeks without a network the call comes first and its end a moment later."""
    bench.tell("called")
    bench.now += 3 * 7 * (bench.now - bench.now.replace(day=23))
    bench.house()
    bench.keeper.turn()
    bench.tell("closed")
    bench.pass_s(60, every_s=5, heard=[HOUSE])
    assert bench.ear.take() == []


def test_a_restart_tells_nobody_twice_and_forgets_nobody(bench: Bench) -> None:
    bench.tell("called")
    bench.pass_s(130, heard=[HOUSE])
    assert bench.ear.who() == ["Chị Hạnh"]
    bench.restart()
    bench.pass_s(150, heard=[HOUSE])
    assert bench.ear.take() == []
    bench.restart()
    bench.pass_s(40, heard=[HOUSE])
    assert bench.ear.who() == ["Anh Minh"]
    bench.tell("withdrawn")
    bench.restart()
    bench.pass_s(10, heard=[HOUSE])
    assert sorted(bench.ear.who()) == ["Anh Minh", "Chị Hạnh"]


def test_power_goes_in_the_middle_of_a_message(bench: Bench) -> None:
    """Nobody knows whether it left: it is not said again; the next on the list is called."""
    bench.tell("called")
    bench.ear.cut = True
    with pytest.raises(Power):
        bench.pass_s(130, heard=[HOUSE])
    bench.ear.cut = False
    bench.restart()
    bench.pass_s(10, heard=[HOUSE])
    assert bench.ear.who() == ["Anh Minh"]
    bench.tell("withdrawn")
    bench.pass_s(10, heard=[HOUSE])
    assert sorted(bench.ear.who()) == ["Anh Minh", "Chị Hạnh"]  # both may have heard of it


def test_who_cannot_be_reached_is_tried_again_and_the_next_is_called_at_once(bench: Bench) -> None:
    bench.tell("called")
    bench.ear.deaf = {"Chị Hạnh"}
    bench.pass_s(140, heard=[HOUSE])
    assert bench.ear.who() == ["Anh Minh"]
    bench.ear.deaf = set()
    bench.pass_s(70, heard=[HOUSE])
    assert bench.ear.who() == ["Chị Hạnh"]
    bench.ear.deaf = set(PEOPLE)
    bench.tell("called", "c2")
    bench.pass_s(1200, heard=[HOUSE])
    tries = bench.store.all(
        "SELECT t.tries FROM tellings t JOIN alarms a ON a.id = t.alarm WHERE a.ref = 'c2'"
    )
    assert [t["tries"] for t in tries] == [alarms.TRIES_MOST] * 3


def test_taken_at_the_console(bench: Bench) -> None:
    """Whoever was called before hears who sees to it; nobody else is called."""
    bench.house(printer_ok=0, printer_code="paper_out")
    bench.pass_s(80, heard=[HOUSE])
    assert bench.ear.who() == ["Chị Hạnh"]
    with bench.store.write() as db:
        assert alarms.take(db, 1, "minh", bench.now)
        assert not alarms.take(db, 1, "tu", bench.now)
    bench.pass_s(600, heard=[HOUSE])
    ((person, message),) = bench.ear.take()
    assert person == "Chị Hạnh" and "minh đã nhận" in message.body
    bench.house(printer_code="")
    bench.pass_s(10)
    assert bench.ear.take() == [] and state(bench) == [("paper_out", "over")]


def test_paper_out_and_in_again(bench: Bench) -> None:
    """A moment without paper is nobody's business; the second time is a new alarm."""
    for _ in range(2):
        bench.house(printer_ok=0, printer_code="paper_out")
        bench.pass_s(40, heard=[HOUSE])
        bench.house(printer_code="")
        bench.pass_s(40, heard=[HOUSE])
    assert bench.ear.take() == []
    for _ in range(2):
        bench.house(printer_ok=0, printer_code="paper_out")
        bench.pass_s(80, heard=[HOUSE])
        bench.house(printer_code="")
        bench.pass_s(10, heard=[HOUSE])
        said = bench.ear.take()
        assert [m.urgent for _, m in said] == [True, False]


def test_under_voltage_flickers_and_is_one_alarm(bench: Bench) -> None:
    bench.house(undervolt_now=1)
    bench.pass_s(70, heard=[HOUSE])
    assert bench.ear.who() == ["Chị Hạnh"]
    with bench.store.write() as db:
        alarms.take(db, 1, "minh", bench.now)
    bench.keeper.turn()
    assert len(bench.ear.take()) == 1
    for n in range(20):
        bench.house(undervolt_now=n % 2)
        bench.pass_s(60, heard=[HOUSE])
    assert bench.ear.take() == [] and state(bench) == [("under_voltage", "taken")]
    bench.house(undervolt_now=0)
    bench.pass_s(700, heard=[HOUSE])
    assert state(bench) == [("under_voltage", "over")]


def test_silent_in_opening_hours(bench: Bench) -> None:
    """Fifteen minutes; and when it is heard again whoever was called hears that."""
    bench.pass_s(880)
    assert bench.ear.take() == []
    bench.pass_s(40)
    assert bench.ear.who() == ["Chị Hạnh"]
    bench.house()
    bench.pass_s(10)
    ((_, message),) = bench.ear.take()
    assert "Đã nối lại" in message.body


def test_silent_while_closed_is_nobodys_alarm(bench: Bench) -> None:
    """Not at noon, nor at night; in the morning a house has its fifteen minutes again."""
    bench.now = bench.now.replace(hour=4, minute=25)  # 11:25
    bench.house()
    bench.pass_s(2 * 3600, every_s=30)  # to 13:25, five minutes before it opens again
    assert bench.ear.take() == []
    bench.pass_s(15 * 60, every_s=30)
    assert bench.ear.take() == []
    bench.pass_s(6 * 60, every_s=30)
    assert bench.ear.who() == ["Chị Hạnh"]


def test_while_the_ward_itself_hears_nothing_no_house_is_silent(bench: Bench) -> None:
    """And when the line is back, every house has its time to be heard."""
    bench.board.link(False)
    bench.pass_s(3600, every_s=30)
    bench.board.link(True)
    bench.pass_s(600, every_s=30)
    assert bench.ear.take() == []
    bench.pass_s(330, every_s=30)
    assert bench.ear.who() == ["Chị Hạnh"]


def test_a_silent_house_has_not_got_paper_by_that(bench: Bench) -> None:
    bench.house(printer_ok=0, printer_code="paper_out")
    bench.pass_s(70, heard=[HOUSE])
    bench.pass_s(600)
    assert ("paper_out", "over") not in state(bench)


def test_a_district_without_power_is_one_message(tmp_path: Path) -> None:
    """Three hundred houses at once: one message for each person, with the rest counted."""
    bench = Bench(tmp_path)
    for n in range(300):
        bench.house(f"ben-{n:03d}")
    bench.pass_s(920, every_s=30)
    ((person, message),) = bench.ear.take()
    assert person == "Chị Hạnh" and "Còn 281 việc nữa" in message.body
    assert len(message.body) < 4000


def test_each_hears_only_of_his_own(tmp_path: Path) -> None:
    """By ward, by kind; quiet houses and houses of no ward are nobody's."""
    to = {name: [f"json://{n}"] for n, name in enumerate(PEOPLE)}
    table: dict[str, Any] = {"ward": [
        {"houses": ["nha-*"], "quiet": ["nha-99"], "on_call": [
            {"name": "Chị Hạnh", "to": to["Chị Hạnh"], "kinds": ["silent"]},
            {"name": "Anh Minh", "to": to["Anh Minh"]}]},
        {"houses": ["ben-*"], "on_call": [{"name": "Bác Tư", "to": to["Bác Tư"]}]},
    ]}  # fmt: skip
    bench = Bench(tmp_path, table)
    everywhere = [HOUSE, "nha-99", "ben-01", "no-ward"]
    for house in everywhere:
        bench.house(house)
        bench.tell("called", f"at-{house}", house)
    bench.pass_s(130, heard=everywhere)
    assert sorted(bench.ear.who()) == ["Anh Minh", "Bác Tư"]


def test_without_a_list_alarms_are_kept_all_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {})
    bench.tell("called")
    bench.pass_s(300, heard=[HOUSE])
    assert bench.ear.take() == [] and state(bench) == [("help", "open")]


def test_two_consoles_over_one_table_tell_once(bench: Bench) -> None:
    """Whoever claims a message says it; the other finds nothing to say."""
    bench.tell("called")
    bench.pass_s(110, heard=[HOUSE])
    first = bench.keeper
    bench.restart()
    bench.keeper.turn()
    bench.now += timedelta(seconds=30)
    bench.board.heard(HOUSE)
    errors: list[Exception] = []

    def turn(keeper: Any) -> None:
        try:
            keeper.turn()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=turn, args=(k,)) for k in (first, bench.keeper)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(20)
    assert errors == [] and bench.ear.who() == ["Chị Hạnh"]
