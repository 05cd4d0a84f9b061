"""This file proves that the virtual printer prints, answers, refuses and fails as real ones do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image, ImageChops

from appliance.core.slip import Qr, Slip, Text
from appliance.demo.paper_roll import HEAD_TO_KNIFE_DOTS, Paper
from appliance.demo.printer import VirtualPrinter
from appliance.errors import BadInput
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.raster import to_escpos

SLIP = draw_slip(Slip("ticket", (Text("Số của bác"), Qr("http://192.168.1.20/t#KEY", "Mã"))), 576)
JOB = to_escpos(SLIP)
ASK_IN_ORDER = b"\x1dr\x01"
FAST = float("inf")


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(port=0, speed_mm_s=FAST) as running:
        yield running


def connect(printer: VirtualPrinter) -> socket.socket:
    return socket.create_connection(("127.0.0.1", printer.port), timeout=10)


def read(line: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes."""
    got = b""
    while len(got) < count:
        more = line.recv(count - len(got))
        if not more:
            break
        got += more
    return got


def stays_quiet(line: socket.socket) -> bool:
    """Nothing comes back for a while; only for states in which nothing may."""
    line.settimeout(0.3)
    try:
        return not line.recv(1)
    except TimeoutError:
        return True


def test_the_paper_shows_the_slip(printer: VirtualPrinter) -> None:
    """Dot for dot, 12 mm down; nothing was printed as letters; the QR code can be read."""
    with connect(printer) as line:
        line.sendall(JOB)
        assert printer.wait_for_papers(1)
    paper = printer.papers[0]
    box = (0, HEAD_TO_KNIFE_DOTS, 576, HEAD_TO_KNIFE_DOTS + SLIP.height)
    assert ImageChops.difference(paper.image.crop(box), SLIP).getbbox() is None
    assert not paper.torn
    assert paper.text == ""
    assert [code.text for code in zxingcpp.read_barcodes(paper.image)] == [
        "http://192.168.1.20/t#KEY"
    ]


def test_it_answers_real_time_questions_at_once_and_in_order_ones_after_printing() -> None:
    """Paper takes time: DLE EOT is answered while it moves, GS r when it has stopped."""
    with VirtualPrinter(port=0, speed_mm_s=400) as printer, connect(printer) as line:
        line.sendall(JOB + ASK_IN_ORDER + b"\x10\x04\x01")
        assert read(line, 1) == b"\x12"
        assert printer.papers_made == 0
        assert read(line, 1) == b"\x00"
        assert printer.papers_made == 1


def test_a_question_divided_by_the_network_is_answered_once(printer: VirtualPrinter) -> None:
    with connect(printer) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, byte in enumerate(b"\x10\x04\x01\x10\x04\x04", 1):
            line.sendall(bytes([byte]))
            printer.wait_until(lambda count=number: printer.received_bytes >= count)  # type: ignore[misc]
        line.sendall(ASK_IN_ORDER)
        assert read(line, 3) == b"\x12\x12\x00"


def test_a_question_inside_a_picture_is_answered_too(printer: VirtualPrinter) -> None:
    """The trap our guard exists for: the printer obeys it, picture or not."""
    with connect(printer) as line:
        line.sendall(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01" + ASK_IN_ORDER)
        assert read(line, 2) == b"\x12\x00"


def test_paper_runs_out_in_the_middle_and_goes_on_when_refilled() -> None:
    """It says so, prints nothing more, does not answer in order; a new roll brings the rest."""
    with VirtualPrinter(port=0, speed_mm_s=FAST, paper_mm=20) as printer, connect(printer) as line:
        line.sendall(JOB + ASK_IN_ORDER)
        assert printer.wait_until(lambda: printer.state.paper_out)
        line.sendall(b"\x10\x04\x01\x10\x04\x02\x10\x04\x04")
        assert read(line, 3) == bytes([0x1A, 0x32, 0x7E])
        assert stays_quiet(line)
        line.settimeout(10)
        printer.put_in_paper()
        assert read(line, 1) == b"\x00"
        torn, rest = printer.papers
        assert torn.torn
        assert not rest.torn
        printed_mm = torn.length_mm - HEAD_TO_KNIFE_DOTS / 8
        assert printed_mm == 20
        box = (0, HEAD_TO_KNIFE_DOTS, 576, torn.height_dots)
        whole = Image.new("L", (576, 2000), 255)
        whole.paste(torn.image.crop(box), (0, 0))
        whole.paste(rest.image.crop((0, HEAD_TO_KNIFE_DOTS, 576, rest.height_dots)), (0, 160))
        assert ImageChops.difference(whole.crop((0, 0, *SLIP.size)), SLIP).getbbox() is None


def test_an_open_cover_is_told_and_stops_the_paper(printer: VirtualPrinter) -> None:
    printer.open_cover()
    with connect(printer) as line:
        line.sendall(b"\x10\x04\x01\x10\x04\x02" + JOB + ASK_IN_ORDER)
        assert read(line, 2) == bytes([0x1A, 0x16])
        assert printer.papers_made == 0
        printer.close_cover()
        assert read(line, 1) == b"\x00"
        assert printer.papers_made == 1


def test_turned_off_it_resets_the_sender_and_refuses_the_next(printer: VirtualPrinter) -> None:
    """And turned on again it has forgotten half a picture: the next slip is clean."""
    with connect(printer) as line:
        line.sendall(JOB[:5000])
        assert printer.wait_until(lambda: printer.received_bytes == 5000)
        printer.turn_off()
        with pytest.raises(ConnectionResetError):
            read(line, 1)
        with pytest.raises(ConnectionRefusedError):
            connect(printer)
    printer.turn_on()
    printer.tear_off()
    with connect(printer) as line:
        line.sendall(JOB + ASK_IN_ORDER)
        assert read(line, 1) == b"\x00"
    assert printer.papers[-1].text == ""
    assert printer.papers[-1].image.crop((0, 96, 576, 96 + SLIP.height)).tobytes() == SLIP.tobytes()


def test_it_can_reset_in_the_middle_of_a_job(printer: VirtualPrinter) -> None:
    """What had arrived before is on the paper, the rest is not; afterwards it works again."""
    printer.set_faults({"reset_after_bytes": "9232"})
    with connect(printer) as line, pytest.raises(OSError, match=r"reset|pipe"):
        for _ in range(200):
            line.sendall(JOB)
            if not line.recv(1):
                raise ConnectionResetError("reset, seen as the end of the stream")
    printer.tear_off()
    assert printer.papers[0].height_dots == HEAD_TO_KNIFE_DOTS + 128
    with connect(printer) as line:
        line.sendall(ASK_IN_ORDER)
        assert read(line, 1) == b"\x00"


@pytest.mark.parametrize("fault", ["stalled", "cover_open"])
def test_a_full_buffer_stops_the_sender(fault: str) -> None:
    """Only so many bytes are taken; when it prints again, all of the rest goes through."""
    with VirtualPrinter(port=0, speed_mm_s=FAST, buffer_bytes=8192, faults={fault: "1"}) as printer:
        many = JOB * 40
        with connect(printer) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
            sender = threading.Thread(target=line.sendall, args=(many,))
            sender.start()
            room = 0 if fault == "stalled" else 8192
            assert printer.wait_until(lambda: printer.buffered_bytes == room)
            sender.join(0.3)
            assert sender.is_alive()
            assert printer.received_bytes == room
            printer.set_faults({fault: "0"})
            sender.join(20)
            assert not sender.is_alive()
            assert printer.wait_for_papers(40)


def test_silent_it_prints_and_never_answers(printer: VirtualPrinter) -> None:
    printer.set_faults({"silent": "1"})
    with connect(printer) as line:
        line.sendall(b"\x10\x04\x01" + JOB + ASK_IN_ORDER)
        assert printer.wait_for_papers(1)
        assert stays_quiet(line)


def test_chatty_it_mixes_status_blocks_into_its_answers(printer: VirtualPrinter) -> None:
    """Four bytes on connecting and four before each answer, as automatic status does."""
    printer.set_faults({"chatty": "1"})
    with connect(printer) as line:
        assert read(line, 4) == b"\x10\x00\x00\x00"
        line.sendall(b"\x10\x04\x01")
        assert read(line, 5) == b"\x10\x00\x00\x00\x12"


def test_automatic_status_tells_of_changes_to_who_asked(printer: VirtualPrinter) -> None:
    with connect(printer) as line:
        line.sendall(b"\x1da\xff")
        assert read(line, 4) == b"\x10\x00\x00\x00"
        printer.take_out_paper()
        assert read(line, 4) == b"\x18\x00\x0f\x00"


def test_a_second_sender_waits_for_the_first(printer: VirtualPrinter) -> None:
    with connect(printer) as first, connect(printer) as second:
        first.sendall(ASK_IN_ORDER)
        assert read(first, 1) == b"\x00"
        second.sendall(b"\x10\x04\x01")
        assert stays_quiet(second)
        second.settimeout(10)
        first.close()
        assert read(second, 1) == b"\x12"


def test_what_was_sent_is_printed_after_the_sender_has_gone() -> None:
    with VirtualPrinter(port=0, speed_mm_s=500) as printer:
        with connect(printer) as line:
            line.sendall(JOB)
        assert printer.wait_for_papers(1)


def test_slow_is_slower() -> None:
    """Not a matter of the clock: at 20 times the time a millimetre, nothing is cut yet."""
    slow = VirtualPrinter(port=0, speed_mm_s=100, faults={"slow": "1"})
    with slow, connect(slow) as line:
        line.sendall(JOB + b"\x10\x04\x01")
        assert read(line, 1) == b"\x12"
        assert slow.papers_made == 0


def test_the_newest_papers_are_kept_and_told_of() -> None:
    told: list[Paper] = []
    with VirtualPrinter(port=0, speed_mm_s=FAST, keep_papers=3, on_paper=told.append) as printer:
        with connect(printer) as line:
            line.sendall(b"\x1dVB\x00" * 5)
            assert printer.wait_for_papers(5)
        assert [paper.number for paper in printer.papers] == [3, 4, 5]
    assert [paper.number for paper in told] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("faults", [{"nonsense": "1"}, {"silent": "yes"}, {"paper_out": "-1"}])
def test_a_fault_nobody_knows_is_refused(faults: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        VirtualPrinter(port=0, faults=faults)


def test_a_taken_port_is_told_and_stopping_twice_is_harmless(printer: VirtualPrinter) -> None:
    with pytest.raises(OSError, match="in use"):
        VirtualPrinter(port=printer.port).start()
    other = VirtualPrinter(port=0)
    other.stop()
