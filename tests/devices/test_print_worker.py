"""This file proves the way of a slip: asked for, sent once, and an outcome for every fault."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from appliance import seal
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Outcome, open_printer
from appliance.devices.printer.virtual import VirtualPrinter
from appliance.devices.recovery import recover
from appliance.errors import StoreError
from appliance.service import slips
from appliance.web.words.slip import slip_words
from tests.devices.house_for_tests import SmallHouse, turn_until
from tests.devices.printers_for_tests import quick


def workshop(folder: Path, faults: str = "") -> tuple[SmallHouse, VirtualPrinter, PrintWorker]:
    house = SmallHouse(folder)
    printer = open_printer(quick(f"virtual:?{faults}"))
    assert isinstance(printer, VirtualPrinter)
    return house, printer, PrintWorker(house.parts, printer)


def test_a_ticket_comes_out_with_the_key_in_its_qr(tmp_path: Path) -> None:
    """What the paper's QR says opens what is sealed to the ticket, and the box forgot it."""
    house, printer, worker = workshop(tmp_path)
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "printed")
    paper = Image.open(io.BytesIO(printer.slips[0].png()))
    assert paper.width == 576
    codes = [code.text for code in zxingcpp.read_barcodes(paper.convert("L"))]
    secret = seal.find_secret(" ".join(codes))
    assert secret is not None
    assert seal.recipient_of(secret) == house.ticket(taken.id)["recipient"]
    assert house.parts.ram.secret(taken.id) is None
    assert house.job(taken.id)["bytes_sent"] == len(printer.slips[0].data)


def test_many_tickets_come_out_in_order_each_once(tmp_path: Path) -> None:
    house, printer, worker = workshop(tmp_path)
    taken = [house.take() for _ in range(5)]
    turn_until(worker.turn, lambda: house.job(taken[-1].id)["state"] == "printed")
    for _ in range(5):
        worker.turn()
    assert len(printer.slips) == 5


def test_a_look_that_failed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is busy just then: nobody else writes afterwards, and the slip comes out."""
    house, printer, worker = workshop(tmp_path)
    worker.turn()
    taken = house.take()
    with monkeypatch.context() as trouble:

        def busy(*_: object) -> None:
            raise StoreError("the table is busy", code="busy")

        trouble.setattr(slips, "next_job", busy)
        with pytest.raises(StoreError):
            worker.turn()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "printed")
    assert len(printer.slips) == 1


def test_without_paper_it_waits_and_goes_on_by_itself(tmp_path: Path) -> None:
    """The reason is in the row for the screen; a new roll is all it takes."""
    house, printer, worker = workshop(tmp_path, "paper_out=1")
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["code"] == "paper_out")
    assert house.job(taken.id)["state"] == "queued"
    printer.reload_paper()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "printed")
    assert len(printer.slips) == 1


def test_an_empty_roll_does_not_wear_the_card(tmp_path: Path) -> None:
    """While nothing changes, looking again and again writes nothing."""
    house, _, worker = workshop(tmp_path, "paper_out=1")
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["code"] == "paper_out")
    house.store.changed()
    for _ in range(10):
        worker._next_look_s = 0
        worker.turn()
    assert not house.store.changed()


@pytest.mark.parametrize("fault", ["die_after=9000", "stall=4096", "paper_out_rows=100"])
def test_a_slip_cut_off_midway_is_for_a_person_and_never_sent_again(
    tmp_path: Path, fault: str
) -> None:
    house, printer, worker = workshop(tmp_path, fault)
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "needs_operator")
    for name in ("die_after", "stall", "paper_out_rows"):
        printer.faults.set(name, "")
    before = bytes(printer.mechanism._slip.data)
    for _ in range(5):
        worker._next_look_s = 0
        worker.turn()
    assert house.job(taken.id)["state"] == "needs_operator"
    assert bytes(printer.mechanism._slip.data) == before
    again = slips.print_again(house.store, house.now(), house.job(taken.id)["id"])
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "printed")
    assert house.job(taken.id)["id"] == again


def test_a_printer_that_never_answers_leaves_it_unconfirmed(tmp_path: Path) -> None:
    house, _, worker = workshop(tmp_path, "silent=1")
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "sent_unconfirmed")
    assert house.parts.ram.secret(taken.id) is not None  # it may have to be shown on the screen


def test_a_house_without_printer_says_so_at_once(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path)
    worker = PrintWorker(house.parts, open_printer("none:"))
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "failed_clean")
    assert house.job(taken.id)["code"] == "none"


def test_why_it_stopped_is_told_when_the_printer_says_so_later(tmp_path: Path) -> None:
    """It broke off without a word; a minute later it answers that its paper is out: "hết giấy"
    is what the question then shows, not a guess about cables."""
    house, printer, worker = workshop(tmp_path, "stall=4096&silent=1")
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "needs_operator")
    assert house.job(taken.id)["code"] == "stalled"
    for fault, value in (("stall", ""), ("silent", ""), ("paper_out", "1")):
        printer.faults.set(fault, value)
    turn_until(worker.turn, lambda: house.job(taken.id)["code"] == "paper_out")
    assert "hết giấy" in slip_words(house.job(taken.id)).remedy
    printer.reload_paper()
    for _ in range(5):
        worker.turn()
    assert house.job(taken.id)["state"] == "needs_operator"


def test_a_crash_while_sending_asks_a_person(tmp_path: Path) -> None:
    """`sending` is on the card before the first byte: after a crash nothing is sent again."""
    house, printer, _ = workshop(tmp_path)
    taken = house.take()
    assert slips.begin_sending(house.store, house.job(taken.id)["id"])
    assert recover(house.parts) == 1
    worker = PrintWorker(house.parts, printer)
    for _ in range(5):
        worker.turn()
    assert house.job(taken.id)["state"] == "needs_operator"
    assert printer.slips == []


def test_sending_is_on_the_card_before_the_first_byte(tmp_path: Path) -> None:
    """Another connection sees it at the moment the printer is handed the job."""
    house, printer, worker = workshop(tmp_path)
    taken = house.take()
    seen: list[str] = []
    real = printer.print_job

    def look(data: bytes) -> Outcome:
        seen.append(house.job(taken.id)["state"])
        return real(data)

    printer.print_job = look  # type: ignore[method-assign]
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "printed")
    assert seen == ["sending"]


def test_an_outcome_the_full_card_refuses_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is printed meanwhile, and the slip is not printed twice."""
    house, printer, worker = workshop(tmp_path)
    first, second = house.take(), house.take()
    real, full = slips.finish, [True, True]

    def finish(*args: object, **more: object) -> None:
        if full:
            full.pop()
            raise StoreError("the card is full", code="disk_full")
        real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(slips, "finish", finish)
    worker.turn()
    assert house.job(first.id)["state"] == "sending"
    assert len(printer.slips) == 1
    worker.turn()
    assert len(printer.slips) == 1
    turn_until(worker.turn, lambda: house.job(second.id)["state"] == "printed")
    assert house.job(first.id)["state"] == "printed"
    assert len(printer.slips) == 2
