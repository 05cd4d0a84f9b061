"""This file proves what a job's outcome says for each way a printer can fail."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from appliance.devices.printer import Outcome, open_printer
from appliance.devices.printer.virtual import VirtualPrinter
from tests.devices.printers_for_tests import PtyPrinter, TcpPrinterServer, job, quick


def printed_by(server: TcpPrinterServer, data: bytes) -> Outcome:
    return open_printer(quick(server.url)).print_job(data)


def test_a_printer_that_is_off_fails_clean() -> None:
    """Nobody listens on the port: nothing went out, the job may be tried again."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        printer = open_printer(quick(f"tcp://127.0.0.1:{unused.getsockname()[1]}"))
        assert printer.print_job(job()) == Outcome("failed_clean", 0, "off")
        assert (printer.check().state, printer.check().code) == ("bad", "off")


def test_a_silent_printer_gives_sent_unconfirmed() -> None:
    """All went out, no answer ever came, none was expected: neither printed nor failed."""
    data = job()
    with TcpPrinterServer(silent=True) as server:
        assert printed_by(server, data) == Outcome("sent_unconfirmed", len(data), "silent")
        assert open_printer(quick(server.url)).check().state == "unknown"
    assert bytes(server.received).startswith(data)


def test_a_reset_right_after_accept_fails_clean() -> None:
    """The question before the job meets the reset, so no byte of the job was risked."""
    with TcpPrinterServer(reset=True) as server:
        outcome = printed_by(server, job())
    assert (outcome.state, outcome.bytes_sent) == ("failed_clean", 0)


def test_a_stall_midway_needs_a_person() -> None:
    """The printer stops taking bytes: the wait ends by lack of progress, and nothing is resent."""
    data = job(6000)
    with TcpPrinterServer(stall_at=20_000) as server:
        outcome = printed_by(server, data)
    assert (outcome.state, outcome.code) == ("needs_operator", "stalled")
    assert 0 < outcome.bytes_sent < len(data)


def test_dying_within_a_strip_needs_a_person() -> None:
    """The connection breaks in the middle of a picture."""
    with TcpPrinterServer(die_at=5_000) as server:
        outcome = printed_by(server, job(6000))
    assert outcome.state == "needs_operator"
    assert outcome.bytes_sent > 0


def test_dying_after_the_last_byte_needs_a_person() -> None:
    """All bytes were taken and then the way broke: the paper may be in the tray or not."""
    data = job(64)
    with TcpPrinterServer(die_at=len(data)) as server:
        outcome = printed_by(server, data)
    assert (outcome.state, outcome.bytes_sent) == ("needs_operator", len(data))


def test_status_noise_around_the_answers_does_not_mislead() -> None:
    """A printer that pushes status blocks before and after every answer is read right."""
    data = job()
    with TcpPrinterServer(asb=True) as server:
        assert printed_by(server, data) == Outcome("printed", len(data), "")


def test_no_paper_before_the_job_fails_clean() -> None:
    with TcpPrinterServer(out_at_row=0) as server:
        assert printed_by(server, job()) == Outcome("failed_clean", 0, "paper_out")
    assert not server.received


def test_paper_that_ends_midway_needs_a_person_and_says_why() -> None:
    """All bytes fit the printer's buffer, the roll ended within them: half a slip is out."""
    data = job(256)
    with TcpPrinterServer(out_at_row=100) as server:
        outcome = printed_by(server, data)
    assert outcome == Outcome("needs_operator", len(data), "paper_out")


def test_a_well_printer_without_barrier_is_unconfirmed_not_lost() -> None:
    """It answers DLE EOT before and after, but does not know GS r."""
    data = job(64)
    with TcpPrinterServer(no_barrier=True) as server:
        assert printed_by(server, data) == Outcome("sent_unconfirmed", len(data), "no_barrier")


def test_after_a_cut_off_job_the_next_begins_with_a_flush() -> None:
    """The half-sent strip is filled with white before the next slip, which then comes out whole."""
    printer = open_printer(quick("virtual:?die_after=3000"))
    assert isinstance(printer, VirtualPrinter)
    assert printer.print_job(job()).state == "needs_operator"
    assert printer.needs_flush
    printer.faults.set("die_after", "")
    data = job(64)
    assert printer.print_job(data) == Outcome("printed", len(data), "")
    assert not printer.needs_flush
    assert bytes(printer.slips[-1].data).endswith(data[2:])


def test_virtual_paper_ends_after_so_many_slips_and_goes_on_after_reload(tmp_path: Path) -> None:
    """The fault the demo and the tests share: three slips, then no paper, then a new roll."""
    printer = open_printer(quick(f"virtual:?paper_out_after=3&dir={tmp_path}"))
    assert isinstance(printer, VirtualPrinter)
    states = [printer.print_job(job(64)).state for _ in range(4)]
    assert states == ["printed"] * 3 + ["failed_clean"]
    assert (printer.check().state, printer.check().code) == ("bad", "paper_out")
    printer.reload_paper()
    assert printer.print_job(job(64)).state == "printed"
    assert len(list(tmp_path.glob("slip-*.png"))) == 4


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("off=1", "failed_clean", "off"),
        ("reset=1", "failed_clean", "lost"),
        ("cover_open=1", "failed_clean", "cover_open"),
        ("paper_out=1", "failed_clean", "paper_out"),
        ("silent=1", "sent_unconfirmed", "silent"),
        ("asb=1", "printed", ""),
        ("stall=1", "needs_operator", "stalled"),
        ("die_after=5000", "needs_operator", "lost"),
        ("paper_out_rows=64", "needs_operator", "paper_out"),
    ],
)
def test_virtual_faults(fault: str, state: str, code: str) -> None:
    """Each fault of the virtual printer ends as the same fault of a real one does."""
    outcome = open_printer(quick(f"virtual:?{fault}")).print_job(job())
    assert (outcome.state, outcome.code) == (state, code)


def test_faults_come_and_go_by_file(tmp_path: Path) -> None:
    """The virtual room takes the paper out and puts it back while the printer runs."""
    faults = tmp_path / "faults"
    printer = open_printer(quick(f"virtual:?faults={faults}"))
    assert printer.check().state == "ok"
    faults.write_text("paper_out=1\n")
    assert printer.check().code == "paper_out"
    faults.write_text("")
    assert printer.print_job(job(64)).state == "printed"


def test_usblp_stall_is_noticed_by_lack_of_progress() -> None:
    """The far end stops reading after the status questions; the exact count is kept."""
    with PtyPrinter() as pty:
        pty.reading.clear()
        printer = open_printer(quick(f"usblp:{pty.node}"))
        data = job(6000)
        outcome = printer.print_job(data)
    assert (outcome.state, outcome.code) == ("needs_operator", "stalled")
    assert 0 < outcome.bytes_sent < len(data)


def test_usblp_without_a_node_is_off(tmp_path: Path) -> None:
    printer = open_printer(quick(f"usblp:{tmp_path / 'lp0'}"))
    assert printer.print_job(job()) == Outcome("failed_clean", 0, "off")


def test_none_takes_no_job() -> None:
    """A house without printer: nothing is counted as handed out."""
    printer = open_printer("none:")
    assert printer.print_job(job()) == Outcome("failed_clean", 0, "none")
    assert printer.check().state == "unknown"


def test_a_printer_that_falls_silent_is_not_sent_a_slip_until_it_is_known_to_be_dumb() -> None:
    """Answered before and silent now: wait. Silent three times in a row: it prints, unconfirmed."""
    printer = open_printer(quick("virtual:"))
    assert isinstance(printer, VirtualPrinter)
    assert printer.print_job(job(64)).state == "printed"
    printer.faults.set("silent", "1")
    assert (printer.check().state, printer.check().code) == ("bad", "silent")
    assert printer.print_job(job(64)) == Outcome("failed_clean", 0, "silent")
    assert printer.check().state == "unknown"
    assert printer.print_job(job(64)).state == "sent_unconfirmed"
    assert len(printer.slips) == 2
    printer.faults.set("silent", "")
    assert printer.print_job(job(64)).state == "printed"


def test_a_printer_that_is_full_tells_by_itself_that_its_paper_ended() -> None:
    """It hears no question any more; it was asked before the first strip to tell, and told."""
    data = job(6000)
    with TcpPrinterServer(out_at_row=50, full_at=3000) as server:
        printer = open_printer(quick(server.url))
        outcome = printer.print_job(data)
        assert (outcome.state, outcome.code) == ("needs_operator", "paper_out")
        assert 0 < outcome.bytes_sent < len(data)
        # It still hears nothing; what it said last is what the screen goes on to say.
        assert (printer.check().state, printer.check().code) == ("bad", "paper_out")


def test_a_printer_that_never_answers_is_not_asked_to_tell() -> None:
    """Not one byte but the slip's own reaches a printer that may print what it does not know."""
    data = job(64)
    with TcpPrinterServer(silent=True) as server:
        printed_by(server, data)
    assert bytes(server.received).startswith(data)
