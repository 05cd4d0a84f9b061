"""This file goes through the faults of machines one by one: what does the person then read?

Each fault is made in a device, goes through the worker and the table, and ends in the sentence the
desk or the visit shows.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from appliance.devices.camera import open_camera
from appliance.devices.capture_worker import CaptureWorker
from appliance.devices.page_maker import PageMaker
from appliance.devices.panel import on_pins, open_panel
from appliance.devices.panel.virtual import VirtualPanel
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Printer, open_printer
from appliance.devices.printer.virtual import VirtualPrinter
from appliance.service import capture as captures
from appliance.store.database import Row
from appliance.web.words.check import of_check
from appliance.web.words.page import judged, why_no_picture
from appliance.web.words.slip import SlipWords, slip_words
from appliance.web.words.wording import of_notice
from tests.devices.house_for_tests import SmallHouse, turn_until
from tests.devices.printers_for_tests import PtyPrinter, quick

SETTLED = ("printed", "sent_unconfirmed", "needs_operator", "failed_clean")


class Slip:
    """A number taken while the printer has a fault."""

    def __init__(self, folder: Path, printer: Printer) -> None:
        self.house = SmallHouse(folder)
        self.worker = PrintWorker(self.house.parts, printer)
        self.id = self.house.take().id

    def job(self) -> Row:
        return self.house.job(self.id)

    def read(self) -> SlipWords:
        """What the desk says once there is something to say."""
        turn_until(self.worker.turn, lambda: self.job()["state"] in SETTLED or self.job()["code"])
        return slip_words(self.job())


@pytest.mark.parametrize(
    ("fault", "says", "does"),
    [
        ("off=1", "Phiếu đang đợi máy in.", "đang tắt hoặc chưa cắm dây. Bật máy in lên."),
        ("reset=1", "Phiếu đang đợi máy in.", "Mất nối với máy in. Xem lại dây"),
        ("cover_open=1", "Phiếu đang đợi máy in.", "Đóng nắp lại"),
        ("paper_out=1", "Phiếu đang đợi máy in.", "Máy in hết giấy. Mở nắp"),
        ("die_after=9000", "dừng giữa chừng", "Mất nối với máy in."),
        ("paper_out_rows=64", "dừng giữa chừng", "Máy in hết giấy."),
        ("stall=4096", "dừng giữa chừng", "Máy in đứng giữa chừng. Tắt máy in rồi bật lại."),
        ("silent=1", "Bạn nhìn xem phiếu ra chưa.", ""),
        ("asb=1", "Phiếu đã in xong.", ""),
    ],
)
def test_a_printer_fault_in_the_words_of_the_desk(
    tmp_path: Path, fault: str, says: str, does: str
) -> None:
    """What happened and the one thing to do; "stopped midway" always asks, and never repeats."""
    slip = Slip(tmp_path, open_printer(quick(f"virtual:?{fault}")))
    read = slip.read()
    assert says in read.text and does in read.remedy
    assert not (read.mood == "ask" and read.again)


def test_paper_that_ended_midway_and_was_refilled(tmp_path: Path) -> None:
    """The half slip stays a question; the next number comes out by itself, whole and once."""
    printer = open_printer(quick("virtual:?paper_out_rows=64"))
    assert isinstance(printer, VirtualPrinter)
    slip = Slip(tmp_path, printer)
    assert "hết giấy" in slip.read().remedy
    printer.reload_paper()
    second = slip.house.take().id
    turn_until(slip.worker.turn, lambda: slip.house.job(second)["state"] == "printed")
    assert slip.job()["state"] == "needs_operator"


def test_a_printer_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cable to check, no switch to press: the ward is who can help."""
    real = os.open

    def refuse(path: Any, *rest: Any, **more: Any) -> int:
        if str(path) == "/dev/usb/lp0":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    read = Slip(tmp_path, open_printer("usblp:/dev/usb/lp0")).read()
    assert read.remedy == "Máy chưa được phép dùng máy in. Báo phường giúp."


def test_a_wrong_device_that_swallows_everything(tmp_path: Path) -> None:
    """It is not claimed to be printed: somebody is asked to look."""
    read = Slip(tmp_path, open_printer(quick("usblp:/dev/null"))).read()
    assert "Bạn nhìn xem phiếu ra chưa." in read.text


def test_a_wrong_device_that_is_a_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear all")
    read = Slip(tmp_path / "house", open_printer(f"usblp:{tmp_path}/letter.txt")).read()
    assert "Bật máy in lên." in read.remedy
    assert (tmp_path / "letter.txt").read_text() == "dear all"


def test_unplugged_and_back_the_slip_comes_by_itself(tmp_path: Path) -> None:
    """While it is gone the desk says so; nobody has to tap anything once it is back."""
    with PtyPrinter() as pty:
        slip = Slip(tmp_path, open_printer(quick(f"usblp:{tmp_path}/lp0")))
        assert "chưa cắm dây" in slip.read().remedy
        (tmp_path / "lp0").symlink_to(pty.node)
        turn_until(slip.worker.turn, lambda: slip.job()["state"] == "printed")
        assert len(pty.mechanism.slips) == 1


class Page:
    """A page asked for while the camera has a fault."""

    def __init__(self, folder: Path, fault: str) -> None:
        self.house = SmallHouse(folder)
        visit = self.house.open_visit(self.house.take().id)
        self.camera = open_camera(f"virtual:?size=1600x1200&{fault}")
        self.maker = PageMaker()
        worker = CaptureWorker(self.house.parts, self.camera, self.maker)
        self.id = captures.ask_page(
            self.house.store, self.house.now(), key="tap", visit_id=visit["id"],
            paper_id=self.house.paper_id(), catalogue=self.house.parts.catalogue,
        )  # fmt: skip
        try:
            turn_until(worker.turn, lambda: self.row()["state"] in ("done", "failed"))
        finally:
            self.maker.close()

    def row(self) -> Row:
        return self.house.capture(self.id)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("unplugged=1", "Chưa nối máy ảnh. Xem lại dây máy ảnh"),
        ("stall=1", "Máy ảnh không trả lời. Đợi vài giây"),
        ("busy=1", "Máy ảnh đang chụp trang trước."),
        ("truncated=1", "Ảnh bị hỏng giữa chừng. Bạn bấm chụp lại."),
        ("disk_full=1", "Thẻ nhớ đã đầy"),
    ],
)
def test_a_camera_fault_in_the_words_of_the_visit(tmp_path: Path, fault: str, says: str) -> None:
    page = Page(tmp_path, fault)
    assert page.row()["state"] == "failed"
    assert says in why_no_picture(page.row()["code"])
    assert not list((tmp_path / "data").rglob("*.age")), "nothing half done is left on the card"


@pytest.mark.parametrize("fault", ["black=1", "blur=1"])
def test_a_black_or_blurred_picture_is_never_called_good(tmp_path: Path, fault: str) -> None:
    """A page may come of it; what the person reads asks to look or to take it again."""
    import json

    page = Page(tmp_path, fault)
    row = page.row()
    if row["state"] == "failed":
        assert "chụp lại" in why_no_picture(row["code"])
        return
    kept = page.house.store.one("SELECT checks FROM pages WHERE id = ?", row["page_id"])
    assert kept is not None
    words = judged(json.loads(kept["checks"]))
    assert words.verdict != "good" and words.advice


def test_ram_that_is_full_is_not_called_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person at the table can help: visits that are over are still holding pages."""
    from appliance.store.ram import Ram

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Ram, "put_page", full)
    page = Page(tmp_path, "")
    assert page.row()["code"] == "ram_full"
    assert why_no_picture("ram_full").startswith("Bộ nhớ tạm đã đầy.")
    assert not list((tmp_path / "data").rglob("*.age"))


def test_a_stuck_button_on_every_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said to residents and to the desk; both learn that the screen's button works."""
    monkeypatch.setattr(on_pins, "STUCK_S", 0.0)
    panel = open_panel("virtual:")
    assert isinstance(panel, VirtualPanel)
    panel.press()
    check = panel.check()
    panel.close()
    assert (check.state, check.code) == ("bad", "button_stuck")
    assert "Gọi giúp trên màn hình" in of_notice({"code": f"panel_{check.code}"})
    assert "bị kẹt" in str(of_check("panel", check.state, check.code))
