"""This file proves what is kept of a printer: which questions it answers, over a restart."""

from __future__ import annotations

from pathlib import Path

from appliance.core.slip import Text
from appliance.core.slip_texts import test_slip as calibration_slip
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Capabilities, Printer, open_printer
from appliance.devices.printer.virtual import VirtualPrinter
from appliance.devices.printer_memory import on_the_test_slip
from appliance.service import printer_facts, slips
from tests.devices.house_for_tests import SmallHouse, turn_until
from tests.devices.printers_for_tests import TcpPrinterServer, quick


def print_one(house: SmallHouse, printer: Printer) -> str:
    worker = PrintWorker(house.parts, printer)
    taken = house.take()
    done = ("printed", "sent_unconfirmed", "needs_operator")
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] in done)
    return str(house.job(taken.id)["state"])


def test_what_a_printer_answers_is_known_after_a_restart(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path)
    with TcpPrinterServer(no_barrier=True) as server:
        first = open_printer(quick(server.url))
        assert print_one(house, first) == "sent_unconfirmed"
        assert first.capabilities == Capabilities(status=True, barrier=False)
        again = open_printer(quick(server.url))
        PrintWorker(house.parts, again)
        assert again.capabilities == first.capabilities


def test_a_printer_that_answered_before_the_restart_is_not_printed_on_blindly(
    tmp_path: Path,
) -> None:
    """It is silent from the first look on: the slip waits, as it would have without the restart."""
    house = SmallHouse(tmp_path)
    printer = open_printer(quick("virtual:"))
    assert print_one(house, printer) == "printed"
    again = open_printer(quick("virtual:?silent=1"))
    assert isinstance(again, VirtualPrinter)
    worker = PrintWorker(house.parts, again)
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["code"] == "silent")
    assert (house.job(taken.id)["state"], again.slips) == ("queued", [])


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    """An idle card stays idle: the same facts again are no write."""
    house = SmallHouse(tmp_path)
    facts = {"status": True, "barrier": True, "port": None}
    printer_facts.remember(house.store, "virtual:", facts)
    other = house.parts.store()
    other.changed()
    printer_facts.remember(house.store, "virtual:", facts)
    assert not other.changed()
    assert printer_facts.known(other, "virtual:") == facts
    assert printer_facts.known(other, "usblp:/dev/usb/lp0") == {}


def test_limits_do_not_make_another_printer_of_it_and_a_serial_number_does() -> None:
    names = [
        open_printer(url).identity
        for url in ("usblp:/dev/usb/lp0?stall_s=20", "usblp:?serial=A1&stall_s=5", "none:")
    ]
    assert names == ["usblp:/dev/usb/lp0", "usblp:?serial=A1", "none:"]


def test_the_calibration_slip_names_the_printer_and_what_it_answers(tmp_path: Path) -> None:
    """Asked for like any slip; it goes through the worker and is drawn with what is known."""
    printer = open_printer(quick("virtual:"))
    printer.recall(Capabilities(status=True, barrier=False))
    slip = on_the_test_slip(calibration_slip("Nhà văn hóa", "http://127.0.0.1/"), printer)
    texts = [block.text for block in slip.blocks if isinstance(block, Text)]
    assert "Máy in: virtual:" in texts
    assert "hỏi trạng thái: có trả lời" in texts
    assert "hỏi in xong chưa: không trả lời" in texts
    house = SmallHouse(tmp_path)
    worker = PrintWorker(house.parts, printer)
    number = slips.ask_test_slip(house.store, house.now(), "one", {})
    turn_until(
        worker.turn,
        lambda: house.store.value("SELECT state FROM print_jobs WHERE id = ?", number) == "printed",
    )
    assert isinstance(printer, VirtualPrinter) and len(printer.slips) == 1
