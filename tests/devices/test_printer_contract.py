"""This file is the contract every printer keeps, run over each adapter or over `--printer URL`."""

from __future__ import annotations

import threading

from appliance.devices.printer import Outcome, Printer
from tests.devices.printers_for_tests import job


def test_a_job_is_printed_and_the_printer_said_so(any_printer: Printer) -> None:
    """The outcome is "printed" only because an answer came back from behind the last byte."""
    data = job()
    outcome = any_printer.print_job(data)
    assert outcome == Outcome("printed", len(data), "")


def test_two_jobs_one_after_the_other(any_printer: Printer) -> None:
    """Nothing of the first job is left in the way of the second."""
    first, second = any_printer.print_job(job(100)), any_printer.print_job(job(200))
    assert (first.state, second.state) == ("printed", "printed")


def test_check_names_the_printer_and_finds_it_well(any_printer: Printer) -> None:
    """A look at a well printer is "ok", before and after a job."""
    before = any_printer.check()
    any_printer.print_job(job(64))
    after = any_printer.check()
    assert {before.name, after.name} == {"printer"}
    assert (before.state, after.state) == ("ok", "ok")


def test_jobs_from_many_threads_do_not_mix(any_printer: Printer) -> None:
    """One printer, one job at a time: each of four jobs arrives whole."""
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(any_printer.print_job(job(64))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [outcome.state for outcome in outcomes] == ["printed"] * 4


def test_close_twice_is_no_error(any_printer: Printer) -> None:
    any_printer.close()
    any_printer.close()
