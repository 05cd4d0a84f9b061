"""This file proves what a really full card does to slips and pages: nothing lost or doubled."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.devices.camera import open_camera
from appliance.devices.capture_worker import CaptureWorker
from appliance.devices.page_maker import PageMaker
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import open_printer
from appliance.devices.printer.virtual import VirtualPrinter
from appliance.devices.watch import room_check
from appliance.errors import StoreError
from appliance.service import capture as captures
from tests.devices.house_for_tests import SmallHouse, turn_until
from tests.devices.printers_for_tests import quick

SIZE_MIB = 6


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MiB, as small as a full card."""
    place = tmp_path / "card"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system of its own takes the right to mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def house(card: Path) -> Iterator[SmallHouse]:
    house = SmallHouse(card)
    yield house
    house.store.close()


def fill(card: Path) -> Path:
    """Take all the room that is left."""
    filler = card / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


def turned(turn: Callable[[], float]) -> bool:
    """One turn as the duty gives it: a refusal of the table is for the next turn."""
    try:
        turn()
    except StoreError as error:
        assert error.code == "disk_full"
        return False
    return True


def test_a_slip_waits_until_there_is_room(house: SmallHouse, card: Path) -> None:
    """`sending` cannot be written, so not one byte goes out; then it comes out once."""
    printer = open_printer(quick("virtual:"))
    assert isinstance(printer, VirtualPrinter)
    worker = PrintWorker(house.parts, printer)
    taken = house.take()
    filler = fill(card)
    assert room_check("disk", card).code == "disk_full"
    refused = [turned(worker.turn) for _ in range(3)]
    assert not all(refused) or house.job(taken.id)["state"] == "printed"
    assert len(printer.slips) == int(house.job(taken.id)["state"] == "printed")
    filler.unlink()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "printed")
    assert len(printer.slips) == 1


def test_a_page_that_does_not_fit_is_said_and_the_next_one_works(
    house: SmallHouse, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card fills up while the photo is taken: no half file, and a plain code once there is
    room to write it down."""
    camera, maker = open_camera("virtual:?size=1152x648"), PageMaker()
    worker = CaptureWorker(house.parts, camera, maker)
    visit = house.open_visit(house.take().id)["id"]

    def ask(key: str) -> int:
        return captures.ask_page(
            house.store,
            house.now(),
            key=key,
            visit_id=visit,
            paper_id=house.paper_id(),
            catalogue=house.parts.catalogue,
        )

    first = ask("tap-1")
    real = maker.make
    fillers: list[Path] = []

    def make_and_fill(jpeg: bytes) -> object:
        made = real(jpeg)
        fillers.append(fill(card))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(maker, "make", make_and_fill)
        worker.turn()
    assert not list(house.parts.sealed_dir.rglob("*.age"))
    assert not list(house.parts.sealed_dir.rglob(".*.part"))
    fillers[0].unlink()
    turn_until(worker.turn, lambda: house.capture(first)["state"] == "failed")
    assert house.capture(first)["code"] == "disk_full"
    second = ask("tap-2")
    turn_until(worker.turn, lambda: house.capture(second)["state"] == "done")
    maker.close()
