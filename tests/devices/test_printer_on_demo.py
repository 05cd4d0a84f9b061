"""This file proves the TCP printer against the demo's printer, which keeps a real one's limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.check import Check
from appliance.demo.printer import VirtualPrinter as DemoPrinter
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Outcome, open_printer
from tests.devices.house_for_tests import SmallHouse, turn_until
from tests.devices.printers_for_tests import job, quick


@pytest.fixture
def demo() -> Iterator[DemoPrinter]:
    with DemoPrinter(port=0, speed_mm_s=2000.0) as demo:
        yield demo


def url(demo: DemoPrinter) -> str:
    return quick(f"tcp://127.0.0.1:{demo.port}")


def test_a_long_job_through_a_small_buffer(demo: DemoPrinter) -> None:
    """The printer takes bytes only as fast as it prints; the job waits, and is confirmed. (It is
    thought to be slow, so that a busy machine may take its time over it.)"""
    data = job(2400)
    printer = open_printer(quick(f"tcp://127.0.0.1:{demo.port}", slow_mm_s=10, stall_s=10))
    assert printer.print_job(data) == Outcome("printed", len(data), "")
    assert demo.wait_for_papers(1)


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("off", "failed_clean", "off"),
        ("cover_open", "failed_clean", "cover_open"),
        ("silent", "sent_unconfirmed", "silent"),
    ],
)
def test_its_faults(demo: DemoPrinter, fault: str, state: str, code: str) -> None:
    demo.set_faults({fault: "1"})
    outcome = open_printer(url(demo)).print_job(job())
    assert (outcome.state, outcome.code) == (state, code)


def test_the_roll_is_taken_out_midway_and_put_back(tmp_path: Path) -> None:
    """Half a slip hangs out and the printer's buffer is full: a person is asked. The next slip is
    not risked while the printer says nothing; with a new roll it comes out by itself and whole."""
    with DemoPrinter(port=0, speed_mm_s=200.0, buffer_bytes=4096) as demo:
        house = SmallHouse(tmp_path)
        printer = open_printer(quick(f"tcp://127.0.0.1:{demo.port}", slow_mm_s=100))
        worker = PrintWorker(house.parts, printer)
        first = house.take()
        real = printer.print_job

        def print_and_take_out(data: bytes) -> Outcome:
            import threading

            def take_out() -> None:
                demo.wait_until(lambda: demo.received_bytes > 8000)
                demo.take_out_paper()

            thread = threading.Thread(target=take_out)
            thread.start()
            outcome = real(data)
            thread.join(10)
            return outcome

        printer.print_job = print_and_take_out  # type: ignore[method-assign]
        turn_until(worker.turn, lambda: house.job(first.id)["state"] == "needs_operator")
        assert house.job(first.id)["code"] == "paper_out"
        assert printer.check() == Check("printer", "bad", "paper_out")
        printer.print_job = real  # type: ignore[method-assign]
        second = house.take()
        turn_until(worker.turn, lambda: house.job(second.id)["code"] != "")
        assert house.job(second.id)["state"] == "queued"
        demo.put_in_paper()
        before = demo.papers_made
        turn_until(worker.turn, lambda: house.job(second.id)["state"] == "printed")
        assert demo.wait_until(lambda: demo.papers_made > before)
        assert house.job(first.id)["state"] == "needs_operator"
