"""This file proves what the ward may see and do of the box: masked, once, and nothing of people."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.service import from_afar, ward_commands
from appliance.service.call_next import call_next
from appliance.service.report import tell
from appliance.service.set_aside import set_report_aside
from appliance.store.database import Row

from .conftest import House


class Machine:
    """A box with a log, that can be started anew or not."""

    def __init__(self, lines: list[str], can: bool = True) -> None:
        self._lines, self._can = lines, can

    def log_lines(self, lines: int) -> list[str]:
        return self._lines[-lines:]

    def can_restart(self) -> bool:
        return self._can


def call(house: House) -> Row:
    lan = house.volunteer()
    return call_next(house.store, house.clock.now(), key="call-1", volunteer=lan)


def run(house: House, op: str, box: Machine | None = None, **args: Any) -> tuple[str, str, Any]:
    job = f"{op}-{len(house.told('ops'))}"
    state, code = ward_commands.run_command(
        house.store, house.clock.now(), job_id=job, op=op, args=args, box=box
    )
    told = house.told("ops")[-1]
    assert (told["job"], told["state"]) == (job, state)
    return state, code, told.get("answer")


def test_log_lines_go_masked_and_fit_one_message(house: House) -> None:
    """What could be of somebody, or open something, is left out; the newest lines come first."""
    lines = [
        "2026 web INFO ok 12", "2026 call of 0905123456 and 079123456789", "mail to lan@vidu.vn",
        "key AGE-SECRET-KEY-1ABCDEFGHIJKLMNOPQRSTUVWXYZ", "tab\tand \x1b[31mred",
    ]  # fmt: skip
    state, _, answer = run(house, "logs", Machine(lines))
    assert state == "done"
    assert answer["lines"] == [
        "2026 web INFO ok 12", "2026 call of ••• and •••", "mail to •••", "key •••",
        "taband [31mred",
    ]  # fmt: skip
    long = from_afar.masked([f"{n} " + "ằ " * 500 for n in range(900)])
    assert long[-1].startswith("899 ")
    assert sum(len(line.encode()) for line in long) < 25_000


@pytest.mark.parametrize(
    ("box", "args", "code"),
    [
        (None, {}, "no_box"),
        (Machine([], can=False), {}, "cannot_restart"),
        (Machine([]), {}, "busy"),
        (Machine([]), {"even_if_busy": 1}, ""),
    ],
)
def test_a_box_restarts_only_where_that_can_be_and_nobody_is_served(
    house: House, box: Machine | None, args: dict[str, Any], code: str
) -> None:
    house.take()
    call(house)
    assert run(house, "reboot", box, **args)[:2] == ("rejected" if code else "done", code)


def test_the_wall_is_numbers_only(house: House) -> None:
    house.take()
    house.take()
    called = call(house)
    _, _, answer = run(house, "wall")
    assert answer["called"] == [[1, called["desk"] or 0]] and answer["next"] == [2]
    assert set(answer) == {"at", "called", "next", "waiting", "help", "notice", "notices"}


def test_the_ward_decides_about_what_was_set_aside(house: House) -> None:
    """It sees which items there are and why, never what is in them; a retry goes as a new row."""
    with house.store.write():
        tell(house.store, house.clock.now(), "queue", {"n": "secret text"})
    set_report_aside(
        house.store, house.clock.now(), epoch="boot-1", stream="queue", seq=1, reason="too_large"
    )
    items = run(house, "aside_list")[2]["items"]
    assert [(i["kind"], i["reason"]) for i in items] == [("report", "too_large")]
    assert "secret" not in str(items)
    assert run(house, "aside_retry", item=items[0]["id"])[0] == "done"
    assert house.told("queue")[-1]["again"] == {"epoch": "boot-1", "seq": 1}
    assert run(house, "aside_discard", item=items[0]["id"])[:2] == ("rejected", "already_decided")
    assert run(house, "aside_discard", item=99)[:2] == ("rejected", "unknown_item")
    assert run(house, "aside_retry")[:2] == ("rejected", "bad_args")
