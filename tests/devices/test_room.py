"""This file proves the room as a process: ready, alive, ended in time, and back after kill -9."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.devices.duty import Duty
from appliance.devices.room import Room
from appliance.service import capture as captures
from tests.devices.house_for_tests import SmallHouse
from tests.devices.printers_for_tests import TcpPrinterServer, quick


class Process:
    """`hien devices` with a notify socket of ours, as systemd would run it."""

    def __init__(self, house: SmallHouse) -> None:
        self.house = house
        self.said: list[str] = []
        settings = house.folder / "hien.toml"
        settings.write_text(
            "\n".join(f"{name} = {json.dumps(value)}" for name, value in house.settings.items())
        )
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = str(house.folder / f"notify-{time.monotonic_ns()}")
        self._ear.bind(address)
        self._ear.settimeout(30)
        env = os.environ | {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "10000000"}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "appliance", "devices", "--config", str(settings)],
            env=env,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def hears(self, word: str) -> str:
        """Wait until the room has said a line that begins with `word`."""
        while True:
            for line in self.said:
                if line.startswith(word):
                    self.said.remove(line)
                    return line
            self.said += self._ear.recv(4096).decode().splitlines()

    def state(self) -> dict[str, Any]:
        state = self.house.parts.ram.room("devices")
        assert state is not None
        return state

    def end(self) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        if self.child.stderr is not None:
            self.child.stderr.close()
        self._ear.close()


Start = Callable[[SmallHouse], Process]


@pytest.fixture
def start() -> Iterator[Start]:
    begun: list[Process] = []

    def start(house: SmallHouse) -> Process:
        begun.append(Process(house))
        return begun[-1]

    yield start
    for process in begun:
        process.end()


def virtual_house(folder: Path, **devices: str) -> SmallHouse:
    usual = {
        "camera": "virtual:?size=1152x648",
        "printer": quick("virtual:"),
        "panel": f"virtual:?dir={folder / 'panel'}",
    }
    return SmallHouse(folder, **(usual | devices))


def wait_for(what: Callable[[], bool], timeout_s: float = 60) -> None:
    end_s = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end_s, "it did not come to pass"
        time.sleep(0.02)


def test_a_morning_in_the_room(tmp_path: Path, start: Start) -> None:
    """Ready, then a slip, a page, a press and a preview; then SIGTERM ends it in order."""
    house = virtual_house(tmp_path)
    process = start(house)
    process.hears("READY=1")
    process.hears("WATCHDOG=1")
    process.hears("STATUS=")
    taken = house.take()
    wait_for(lambda: house.job(taken.id)["state"] == "printed")
    visit = house.open_visit(taken.id)["id"]
    house.parts.ram.want_preview()
    wait_for(lambda: house.parts.ram.preview() is not None)
    capture_id = captures.ask_page(
        house.store,
        house.now(),
        key="tap",
        visit_id=visit,
        paper_id=house.paper_id(),
        catalogue=house.parts.catalogue,
    )
    wait_for(lambda: house.capture(capture_id)["state"] == "done")
    (tmp_path / "panel" / "button").write_text("1")
    wait_for(lambda: house.store.value("SELECT count(*) FROM help_calls") == 1)
    (tmp_path / "panel" / "button").write_text("0")
    wait_for(lambda: (tmp_path / "panel" / "lamp").read_text() == "blink")
    wait_for(lambda: {c["name"]: c["state"] for c in process.state()["checks"]}["printer"] == "ok")
    state = process.state()
    assert state["pid"] == process.child.pid
    assert state["virtual"] == ["camera", "printer", "panel"]
    assert state["health"]["disk_free_mib"] > 0
    os.kill(process.child.pid, signal.SIGTERM)
    process.hears("STOPPING=1")
    assert process.child.wait(20) == 0
    assert list((tmp_path / "ram" / "pages").rglob("*.jpg"))  # the visit is still open


def test_nobody_looks_and_the_preview_is_gone(tmp_path: Path) -> None:
    """The live picture is in RAM only while somebody asks for it."""
    house = virtual_house(tmp_path)
    room = Room(house.parts)
    room.start()
    try:
        house.parts.ram.want_preview()
        wait_for(lambda: house.parts.ram.preview() is not None)
        wanted = tmp_path / "ram" / "preview" / "wanted"
        os.utime(wanted, (time.time() - 60, time.time() - 60))
        wait_for(lambda: house.parts.ram.preview() is None)
    finally:
        room.close()


def test_sigterm_in_the_midst_of_a_stalled_print(tmp_path: Path, start: Start) -> None:
    """A printer that stands still does not hold the room: it ends, and asks a person after."""
    with TcpPrinterServer(stall_at=2000) as printer:
        house = virtual_house(tmp_path, printer=f"{printer.url}?stall_s=60")
        process = start(house)
        process.hears("READY=1")
        taken = house.take()
        wait_for(lambda: len(printer.received) >= 2000)
        os.kill(process.child.pid, signal.SIGTERM)
        assert process.child.wait(20) == 0
        assert house.job(taken.id)["state"] == "sending"
        again = start(house)
        again.hears("READY=1")
        assert house.job(taken.id)["state"] == "needs_operator"


def test_kill_9_at_any_point_prints_nothing_twice(tmp_path: Path, start: Start) -> None:
    """The room is killed a little later each time, around one slip; whatever the point, no slip
    comes out twice, and each is on paper, in question, or still asked for."""
    with TcpPrinterServer() as printer:
        house = virtual_house(tmp_path, printer=quick(printer.url))
        taken = []
        for round_number in range(4):
            process = start(house)
            process.hears("READY=1")
            taken.append(house.take())
            time.sleep(0.03 + 0.05 * round_number)
            os.killpg(process.child.pid, signal.SIGKILL)
            process.child.wait()
        last = start(house)
        last.hears("READY=1")
        settled = ("printed", "needs_operator")
        wait_for(lambda: all(house.job(one.id)["state"] in settled for one in taken))
        printed = [house.job(one.id)["state"] for one in taken].count("printed")
        # a slip in question may be on paper too, once; none may be there twice
        assert printed <= len(printer.mechanism.slips) <= len(taken)
        os.kill(last.child.pid, signal.SIGTERM)
        last.child.wait(20)


def test_a_panel_without_pins_is_told_and_the_rest_works(tmp_path: Path) -> None:
    """This machine has no lgpio: slips are printed all the same, and the panel is bad, not fake."""
    pytest.importorskip("gpiozero")
    house = virtual_house(tmp_path, panel="gpio:?button=17")
    room = Room(house.parts)
    room.start()
    try:
        taken = house.take()
        wait_for(lambda: house.job(taken.id)["state"] == "printed")
        room.pulse()
        state = house.parts.ram.room("devices")
        assert state is not None
        panel = next(check for check in state["checks"] if check["name"] == "panel")
        assert (panel["state"], panel["code"]) == ("bad", "panel_no_pins")
        assert "panel" not in state["virtual"]
    finally:
        room.close()


def test_a_hung_duty_stops_the_pulse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The watchdog is petted only while every duty makes progress."""
    from appliance import notify

    petted: list[str | None] = []
    monkeypatch.setattr(notify, "alive", petted.append)
    room = Room(virtual_house(tmp_path).parts)
    room.start()
    try:
        room.pulse()
        assert len(petted) == 1
        stop, entered = threading.Event(), threading.Event()

        def hang() -> float:
            entered.set()
            stop.wait(60)
            return 0.0

        hung = Duty("hung", lambda: hang, threading.Event(), silent_s=0.05)
        hung.start()
        room.duties.append(hung)
        assert entered.wait(10)
        time.sleep(0.1)
        assert "hung" in room.pulse()
        assert len(petted) == 1
        stop.set()
    finally:
        room.duties.pop()
        room.close()


def test_a_duty_that_fails_goes_on(tmp_path: Path) -> None:
    """A turn that raises anything is tried again; so is a duty that cannot even begin."""
    made: list[int] = []
    done = threading.Event()

    def make() -> Callable[[], float]:
        made.append(1)
        if len(made) == 1:
            raise OSError("not yet")

        def turn() -> float:
            made.append(2)
            if made.count(2) == 1:
                raise RuntimeError("a fault of ours")
            done.set()
            return 0.05

        return turn

    stop = threading.Event()
    duty = Duty("test", make, stop, silent_s=60)
    duty.start()
    assert done.wait(20)
    stop.set()
    duty.join(5)
    assert not duty.is_alive()


def test_a_card_that_refuses_recovery_leaves_the_button_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is printed before recovery; help can be called all the while."""
    from appliance.devices import room as module
    from appliance.errors import StoreError

    full = threading.Event()
    full.set()
    real = module.recover

    def recover(parts: Any) -> int:
        if full.is_set():
            raise StoreError("the card is full", code="disk_full")
        return real(parts)

    monkeypatch.setattr(module, "recover", recover)
    house = virtual_house(tmp_path)
    room = Room(house.parts)
    room.start()
    try:
        taken = house.take()
        (tmp_path / "panel" / "button").write_text("1")
        wait_for(lambda: house.store.value("SELECT count(*) FROM help_calls") == 1)
        (tmp_path / "panel" / "button").write_text("0")
        assert house.job(taken.id)["state"] == "queued"
        full.clear()
        wait_for(lambda: house.job(taken.id)["state"] == "printed")
    finally:
        room.close()
