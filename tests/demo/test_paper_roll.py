"""This file proves that the paper has a length, a knife 12 mm on, and shows what was typed."""

from __future__ import annotations

import io

from PIL import Image

from appliance.demo.paper_roll import HEAD_TO_KNIFE_DOTS, Paper, Roll

ROW = b"\xff" * 72


def piece(rows: bytes) -> Paper:
    return Paper(1, 576, rows, "2026-01-01T00:00:00Z")


def test_what_is_between_head_and_knife_stays_for_the_next_piece() -> None:
    """A cut without feed cuts into what was printed last, as real ones do."""
    roll = Roll(576)
    roll.burn(ROW * 200)
    first, _ = roll.cut()
    assert first == bytes(72 * HEAD_TO_KNIFE_DOTS) + ROW * (200 - HEAD_TO_KNIFE_DOTS)
    roll.burn(bytes(72 * HEAD_TO_KNIFE_DOTS))
    second, _ = roll.cut()
    assert second == ROW * HEAD_TO_KNIFE_DOTS


def test_tearing_takes_all_of_it_and_leaves_a_clean_start() -> None:
    roll = Roll(576)
    roll.burn(ROW)
    assert roll.tear()[0].endswith(ROW)
    assert not roll.has_ink


def test_letters_wrap_and_are_noted() -> None:
    """48 letters fill a line of 80 mm paper; the text is kept so that a test can see garbage."""
    roll = Roll(576)
    full = roll.type_letters(b"x" * 50)
    assert len(full) == 1
    assert any(full[0])
    roll.burn(roll.feed_rows(30))
    roll.burn(bytes(72 * 200))
    _, text = roll.cut()
    assert text == "x" * 48 + "\nxx\n"


def test_a_picture_too_wide_is_lost_at_the_right_edge() -> None:
    roll = Roll(384)
    assert roll.raster_rows(72, b"\x80" * 72, 1, 1) == b"\x80" * 48
    assert roll.raster_rows(1, b"\x80", 2, 2) == (b"\xc0" + bytes(47)) * 2


def test_an_endless_piece_does_not_fill_the_memory() -> None:
    roll = Roll(384)
    for _ in range(60):
        roll.burn(bytes(48 * 1000))
    roll.burn(b"\xff" * 48)
    rows, _ = roll.tear()
    assert len(rows) == 48 * 40_000
    assert rows.endswith(b"\xff" * 48)


def test_a_paper_is_a_picture_with_a_length() -> None:
    paper = piece(ROW * 80 + bytes(72 * 80))
    assert paper.length_mm == 20
    image = Image.open(io.BytesIO(paper.png)).convert("L")
    assert image.size == (576, 160)
    assert image.getpixel((5, 5)) == 0
    assert image.getpixel((5, 155)) == 255
    assert piece(b"").image.size == (576, 1)
