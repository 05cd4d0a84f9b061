"""This file proves the way of a page: photographed, sealed, on the card, and then a fact."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from appliance import seal
from appliance.devices import capture_worker
from appliance.devices.camera import open_camera
from appliance.devices.camera.sample_paper import table_jpeg
from appliance.devices.camera.virtual import VirtualCamera
from appliance.devices.capture_worker import CaptureWorker
from appliance.devices.page_maker import PageMaker
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import open_printer
from appliance.devices.printer.virtual import VirtualPrinter
from appliance.devices.recovery import recover
from appliance.errors import StoreError
from appliance.service import capture as service
from appliance.service import visits as visit_service
from appliance.service.unseal import open_pages
from appliance.store import visits
from tests.devices.house_for_tests import SmallHouse, on_a_table, turn_until
from tests.devices.printers_for_tests import quick


class Desk:
    """A visit with a camera above it; the scene is what lies under the camera."""

    def __init__(self, folder: Path, maker: PageMaker) -> None:
        self.house = SmallHouse(folder)
        self.scene = folder / "scene.jpg"
        self.scene.write_bytes(table_jpeg((2304, 1296), paper=True))
        camera = open_camera(f"virtual:?scene={self.scene}")
        assert isinstance(camera, VirtualCamera)
        self.camera = camera
        self.ticket = self.house.take()
        secret = self.house.parts.ram.secret(self.ticket.id)
        assert secret is not None
        self.secret = secret
        self.visit = self.house.open_visit(self.ticket.id)["id"]
        self.worker = CaptureWorker(self.house.parts, camera, maker)

    def ask(self, key: str = "tap-1") -> int:
        return service.ask_page(
            self.house.store,
            self.house.now(),
            key=key,
            visit_id=self.visit,
            paper_id=self.house.paper_id(),
            catalogue=self.house.parts.catalogue,
        )

    def done(self, capture_id: int) -> dict[str, object]:
        """The capture's row once the worker has ended it."""
        turn_until(
            self.worker.turn,
            lambda: self.house.capture(capture_id)["state"] in ("done", "failed"),
        )
        return self.house.capture(capture_id)

    def sealed_files(self) -> list[Path]:
        return [p for p in self.house.parts.sealed_dir.rglob("*") if p.is_file()]


@pytest.fixture(scope="module")
def maker() -> Iterator[PageMaker]:
    maker = PageMaker()
    yield maker
    maker.close()


@pytest.fixture
def desk(tmp_path: Path, maker: PageMaker) -> Desk:
    return Desk(tmp_path, maker)


def test_a_page_is_sealed_on_the_card_and_clear_only_in_ram(desk: Desk) -> None:
    """The ticket's secret opens the file; no JPEG is anywhere in the data folder."""
    row = desk.done(desk.ask())
    assert row["state"] == "done"
    clear = desk.house.parts.ram.page(desk.visit, str(row["page_id"]))
    assert clear is not None
    Image.open(io.BytesIO(clear)).load()
    [(page_id, opened)] = open_pages(
        desk.house.store, desk.house.parts.sealed_dir, desk.visit, desk.secret
    )
    assert (page_id, opened) == (row["page_id"], clear)
    needle = clear[len(clear) // 2 :][:64]
    for file in (desk.house.folder / "data").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert b"\xff\xd8\xff" not in data
            assert needle not in data
            assert desk.secret.encode() not in data


def test_the_wards_key_opens_it_too(tmp_path: Path, maker: PageMaker) -> None:
    ward_secret, ward = seal.new_identity()
    desk = Desk(tmp_path, maker)
    values = dict(desk.house.parts.config.values) | {"sync.ward_recipient": ward}
    object.__setattr__(desk.house.parts, "config", type(desk.house.parts.config)(values))
    desk.done(desk.ask())
    [file] = desk.sealed_files()
    assert seal.unseal(file.read_bytes(), ward_secret) == seal.unseal(
        file.read_bytes(), desk.secret
    )


def test_the_slip_under_the_camera_opens_the_pages_again(desk: Desk) -> None:
    """A power cut emptied RAM; the printed slip itself is photographed and is the key."""
    page_id = desk.done(desk.ask())["page_id"]
    clear = desk.house.parts.ram.page(desk.visit, str(page_id))
    printer = open_printer(quick("virtual:"))
    assert isinstance(printer, VirtualPrinter)
    printing = PrintWorker(desk.house.parts, printer)
    turn_until(printing.turn, lambda: len(printer.slips) == 1)
    visit_service.park(desk.house.store, desk.house.parts.ram, desk.house.now(), desk.visit)
    assert desk.house.parts.ram.page(desk.visit, str(page_id)) is None
    desk.scene.write_bytes(on_a_table(Image.open(io.BytesIO(printer.slips[0].png()))))
    row = desk.done(
        service.ask_key(desk.house.store, desk.house.now(), key="key-1", visit_id=desk.visit)
    )
    assert (row["state"], row["code"]) == ("done", "opened_1")
    assert desk.house.parts.ram.page(desk.visit, str(page_id)) == clear
    visit = visits.get(desk.house.store, desk.visit)
    assert visit is not None and visit["state"] == "open"


def test_no_slip_under_the_camera(desk: Desk) -> None:
    desk.done(desk.ask())
    row = desk.done(
        service.ask_key(desk.house.store, desk.house.now(), key="key-1", visit_id=desk.visit)
    )
    assert (row["state"], row["code"]) == ("failed", "no_key_in_photo")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("unplugged", "camera_none"),
        ("busy", "camera_busy"),
        ("stall", "camera_stalled"),
        ("disk_full", "disk_full"),
    ],
)
def test_a_camera_that_fails_ends_the_capture_and_the_next_one_works(
    desk: Desk, fault: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture_worker, "CAPTURE_S", 0.1)
    desk.camera.faults.set(fault, "1")
    row = desk.done(desk.ask())
    assert (row["state"], row["code"]) == ("failed", code)
    desk.camera.faults.set(fault, "")
    assert desk.done(desk.ask("tap-2"))["state"] == "done"


def test_a_scene_that_is_no_photo(desk: Desk) -> None:
    for number, junk in enumerate((b"hello", desk.scene.read_bytes()[:5000])):
        desk.scene.write_bytes(junk)
        row = desk.done(desk.ask(f"junk-{number}"))
        assert (row["state"], row["code"]) == ("failed", "camera_bad_photo")
    assert desk.sealed_files() == []


def test_a_page_maker_that_dies_costs_one_photo(tmp_path: Path) -> None:
    dying = PageMaker(limit_s=5, argv=("-c", "import os; os._exit(1)"))
    desk = Desk(tmp_path, dying)
    row = desk.done(desk.ask())
    assert (row["state"], row["code"]) == ("failed", "page_failed")


def test_a_full_card_leaves_no_trace_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the file or the row does not fit: no half file, no clear picture, a plain code."""

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(capture_worker.durable, "create", full)
        row = desk.done(desk.ask())
        assert (row["state"], row["code"]) == ("failed", "disk_full")
    with monkeypatch.context() as patch:
        patch.setattr(service, "page_done", _refuse)
        row = desk.done(desk.ask("tap-2"))
        assert (row["state"], row["code"]) == ("failed", "disk_full")
    assert desk.sealed_files() == []
    assert list((desk.house.folder / "ram" / "pages").rglob("*.jpg")) == []


def _refuse(*args: object) -> list[str]:
    raise StoreError("the card is full", code="disk_full")


def test_a_page_of_a_visit_closed_meanwhile_is_not_left_in_ram(
    desk: Desk, maker: PageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture_id = desk.ask()
    real = maker.make

    def close_then_make(jpeg: bytes) -> object:
        visit_service.finish(
            desk.house.store,
            desk.house.parts.ram,
            desk.house.now(),
            desk.visit,
            catalogue=desk.house.parts.catalogue,
        )
        return real(jpeg)

    monkeypatch.setattr(maker, "make", close_then_make)
    row = desk.done(capture_id)
    assert (row["state"], row["code"]) == ("failed", "visit_closed")
    assert list((desk.house.folder / "ram" / "pages").rglob("*.jpg")) == []


def test_recovery_takes_the_capture_again_and_clears_what_the_cut_left(desk: Desk) -> None:
    """A capture half done, a sealed file without its row, clear pages of a visit not open."""
    capture_id = desk.ask()
    assert service.next_capture(desk.house.store, desk.house.now())
    stray = desk.house.parts.sealed_dir / desk.visit / "deadbeef.age"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"sealed")
    desk.house.parts.ram.put_page("0" * 16, "1" * 16, b"clear")
    recover(desk.house.parts)
    assert desk.sealed_files() == []
    assert desk.house.parts.ram.page("0" * 16, "1" * 16) is None
    assert desk.done(capture_id)["state"] == "done"
    recover(desk.house.parts)
    assert len(desk.sealed_files()) == 1
