"""This file proves that answers are told apart by their bits, whatever stands between them."""

from __future__ import annotations

import itertools

from appliance.devices.printer.status import (
    ASK_OFFLINE,
    ASK_PAPER,
    ASK_PRINTER,
    Answer,
    Classifier,
    PrinterStatus,
    with_automatic,
    with_realtime,
)

BLOCK = b"\x14\x00\x0c\x0f"


def kinds(data: bytes) -> list[str]:
    return [answer.kind for answer in Classifier().feed(data)]


def test_each_kind_of_answer() -> None:
    assert kinds(b"\x12") == kinds(b"\x16") == kinds(b"\x7e") == ["realtime"]
    assert kinds(b"\x00") == kinds(b"\x0c") == ["barrier"]
    assert kinds(BLOCK) == ["automatic"]
    assert kinds(b"\x11\x13") == ["xon", "xoff"]
    assert kinds(b"\xff") == ["other"]


def test_a_block_glued_in_front_of_an_answer() -> None:
    """The first byte alone would have said that the printer is well and out of paper at once."""
    assert Classifier().feed(BLOCK + b"\x12") == [
        Answer("automatic", BLOCK),
        Answer("realtime", b"\x12"),
    ]


def test_an_answer_that_cuts_a_block_in_two() -> None:
    """A real-time answer overtakes; the block's remaining bytes still belong to the block."""
    for cut in (1, 2, 3):
        found = Classifier().feed(BLOCK[:cut] + b"\x12" + BLOCK[cut:])
        assert found == [Answer("realtime", b"\x12"), Answer("automatic", BLOCK)]


def test_pieces_of_any_size_give_the_same() -> None:
    stream = BLOCK + b"\x12" + BLOCK + b"\x00" + b"\x11" + b"\x16"
    whole = Classifier().feed(stream)
    for size in range(1, len(stream)):
        ears = Classifier()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert list(itertools.chain.from_iterable(map(ears.feed, pieces))) == whole


def test_three_valued() -> None:
    """Silence is unknown, never "paper is fine"."""
    assert PrinterStatus().check().state == "unknown"
    well = with_realtime(PrinterStatus(), ASK_PRINTER, 0x12)
    assert well.check().state == "ok"
    assert with_realtime(well, ASK_PAPER, 0x12 | 0x0C).check().code == "paper_low"
    assert with_realtime(well, ASK_PAPER, 0x12 | 0x60).check().code == "paper_out"
    assert with_realtime(well, ASK_OFFLINE, 0x12 | 0x04).check().code == "cover_open"
    assert with_realtime(well, ASK_OFFLINE, 0x12 | 0x40).check().code == "printer_error"
    assert with_realtime(well, ASK_PRINTER, 0x12 | 0x08).check().code == "offline"


def test_status_blocks_say_the_same() -> None:
    assert with_automatic(PrinterStatus(), b"\x10\x00\x00\x00").check().state == "ok"
    assert with_automatic(PrinterStatus(), b"\x38\x00\x00\x00").check().code == "cover_open"
    assert with_automatic(PrinterStatus(), b"\x18\x00\x0c\x00").check().code == "paper_out"
    assert with_automatic(PrinterStatus(), b"\x18\x08\x00\x00").check().code == "printer_error"
