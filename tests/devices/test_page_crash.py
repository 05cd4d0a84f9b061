"""This file proves that a crash in the midst of a page costs that photo and nothing else.

The page maker's child is stopped in its work, as by a hang in native code, while the room goes on
to print, to show the live picture and to pulse; then it dies as native code dies.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.devices.room import Room
from appliance.service import capture as captures
from tests.devices.house_for_tests import SmallHouse
from tests.devices.printers_for_tests import quick

STUCK_ONCE = """
import os, sys, time
from pathlib import Path
from appliance.devices import page_child
begun = Path(sys.argv[1])
real = page_child.OPERATIONS["page"]
def page(head, jpeg):
    if not begun.exists():
        begun.write_text(str(os.getpid()))
        time.sleep(600)
    return real(head, jpeg)
page_child.OPERATIONS["page"] = page
page_child.main()
"""


def wait_for(what: Callable[[], object], timeout_s: float = 60) -> None:
    end_s = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end_s, "it did not come to pass"
        time.sleep(0.02)


class Table:
    """A room at work whose first page gets stuck."""

    def __init__(self, folder: Path, limit_s: float) -> None:
        self.house = SmallHouse(
            folder,
            camera="virtual:?size=1152x648",
            printer=quick("virtual:"),
            panel=f"virtual:?dir={folder / 'panel'}",
        )
        self.begun = folder / "begun"
        self.room = Room(self.house.parts)
        self.room._maker._argv = ("-c", STUCK_ONCE, str(self.begun))
        self.room._maker._limit_s = limit_s
        self.visit = self.house.open_visit(self.house.take().id)["id"]

    def tap(self, key: str) -> int:
        return captures.ask_page(
            self.house.store, self.house.now(), key=key, visit_id=self.visit,
            paper_id=self.house.paper_id(), catalogue=self.house.parts.catalogue,
        )  # fmt: skip

    def outcome(self, number: int) -> tuple[str, str]:
        row = self.house.capture(number)
        return row["state"], row["code"] or ""

    def goes_on(self) -> None:
        """A slip is printed, the live picture is there, the others take their turns."""
        taken = self.house.take()
        ram = self.house.parts.ram
        wait_for(lambda: self.house.job(taken.id)["state"] == "printed")
        ram.want_preview()
        wait_for(lambda: ram.preview() is not None)
        others = [duty for duty in self.room.duties if duty.name in ("print", "panel", "preview")]
        beats = {duty.name: duty._beat_s for duty in others}
        wait_for(lambda: all(duty._beat_s > beats[duty.name] for duty in others))
        assert "không trả lời" not in self.room.pulse()
        state = ram.room("devices")
        assert state is not None and state["ok"] is True


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Callable[[float], Table]]:
    opened: list[Table] = []

    def lay(limit_s: float) -> Table:
        opened.append(Table(tmp_path, limit_s))
        opened[-1].room.start()
        return opened[-1]

    yield lay
    for one in opened:
        one.room.close()


@pytest.mark.parametrize(
    "ending",
    [signal.SIGSEGV, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)],
    ids=lambda sign: sign.name,
)
def test_a_native_crash_costs_one_photo(table: Callable[[float], Table], ending: int) -> None:
    """Segmentation fault, the kernel's OOM kill: said plainly, and the next tap is a page."""
    desk = table(120)
    first = desk.tap("tap-1")
    wait_for(lambda: desk.begun.exists() and desk.begun.read_text())
    desk.goes_on()
    assert desk.outcome(first)[0] == "working"
    os.kill(int(desk.begun.read_text()), ending)
    wait_for(lambda: desk.outcome(first)[0] == "failed")
    assert desk.outcome(first) == ("failed", "page_failed")
    desk.goes_on()
    again = desk.tap("tap-2")
    wait_for(lambda: desk.outcome(again)[0] in ("done", "failed"))
    assert desk.outcome(again)[0] == "done"


@pytest.mark.slow
def test_a_page_that_hangs_is_ended_after_its_limit(table: Callable[[float], Table]) -> None:
    """Nobody kills it: the limit does, and the next tap is a page."""
    desk = table(10)
    first = desk.tap("tap-1")
    wait_for(lambda: desk.outcome(first)[0] == "failed")
    desk.room._maker._limit_s = 120
    assert desk.begun.exists() and desk.outcome(first)[1] == "page_failed"
    again = desk.tap("tap-2")
    wait_for(lambda: desk.outcome(again)[0] in ("done", "failed"))
    assert desk.outcome(again)[0] == "done"


def test_the_child_is_the_first_to_go_and_the_last_to_run(table: Callable[[float], Table]) -> None:
    """When memory runs out the kernel takes the child, not the room; printing goes before it."""
    desk = table(120)
    desk.tap("tap-1")
    wait_for(lambda: desk.begun.exists() and desk.begun.read_text())
    child = int(desk.begun.read_text())
    own = int(Path("/proc/self/oom_score_adj").read_text())
    assert int(Path(f"/proc/{child}/oom_score_adj").read_text()) >= max(own, 500)
    assert os.getpriority(os.PRIO_PROCESS, child) >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)
    os.kill(child, signal.SIGKILL)
