"""This file proves the bytes: python-escpos sends the same, and cheap firmware survives them."""

from __future__ import annotations

import io
import random
import re

import pytest
from escpos.printer import Dummy
from PIL import Image

from appliance.core.slip_texts import test_slip
from appliance.demo.escpos_decode import Cut, Decoder, Feed, Initialise, Raster
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.metrics import WIDTHS, WidthDots
from appliance.paper.slip.raster import pack_rows, to_escpos, to_png

REAL_TIME = re.compile(rb"\x10\x04[\x01-\x08]|\x10\x05[\x00-\x02]|\x10\x14[\x01-\x08]")


def slip_image(width: WidthDots) -> Image.Image:
    return draw_slip(test_slip("Nhà văn hóa", "http://192.168.1.20:8080/"), width)


def strips(job: bytes) -> list[tuple[int, int]]:
    """(bytes a row, rows) of each strip, read from the headers."""
    found, at = [], 2
    while job[at : at + 4] == b"\x1dv0\x00":
        row_bytes = int.from_bytes(job[at + 4 : at + 6], "little")
        rows = int.from_bytes(job[at + 6 : at + 8], "little")
        found.append((row_bytes, rows))
        at += 8 + row_bytes * rows
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_python_escpos_sends_the_same_bytes(width: WidthDots) -> None:
    """Byte for byte, given the same black-and-white picture."""
    image = slip_image(width)
    if image.height % 128 in (48, 96):  # python-escpos knows nothing of this firmware fault
        image = image.crop((0, 0, width, image.height - 1))
    other = Dummy()
    other.hw("INIT")
    other.image(image, impl="bitImageRaster", fragment_height=128, center=False)
    other.print_and_feed(3)
    other.cut(feed=False)
    assert to_escpos(image) == other.output


@pytest.mark.parametrize("width", WIDTHS)
def test_no_strip_has_a_height_that_upsets_cheap_firmware(width: WidthDots) -> None:
    """Any height: strips of one width, at most 128 rows, never a multiple of 48, all rows there."""
    for height in (*range(1, 300), 1191, 1192, 1200):
        found = strips(to_escpos(Image.new("L", (width, height), 255)))
        assert {row_bytes for row_bytes, _ in found} == {width // 8}
        assert all(0 < rows <= 128 and rows % 48 for _, rows in found)
        assert 0 <= sum(rows for _, rows in found) - height <= 8


def test_no_real_time_command_hides_in_a_picture() -> None:
    """Pictures made of such bytes, and noise: none is left, and only single dots were added."""
    rng = random.Random(5)
    seeds = [b"\x10\x04\x01", b"\x10\x05\x02", b"\x10\x14\x08", b"\x10\x10\x04\x04\x10\x05\x00"]
    for seed in (*seeds, rng.randbytes(9), bytes(rng.choices(b"\x10\x04\x05\x14\x01\x02", k=997))):
        packed = (seed * (72 * 300))[: 72 * 256]
        image = Image.frombytes("1", (576, 256), packed.translate(bytes(range(255, -1, -1))))
        guarded = pack_rows(image)
        assert not REAL_TIME.search(to_escpos(image))
        added = int.from_bytes(packed, "big") ^ int.from_bytes(guarded, "big")
        assert added & int.from_bytes(packed, "big") == 0
        assert added.bit_count() == len(REAL_TIME.findall(packed))


def test_grey_is_cut_at_one_level_never_dithered() -> None:
    """A grey ramp becomes one white and one black field."""
    ramp = Image.linear_gradient("L").resize((576, 256))
    rows = [pack_rows(ramp)[start : start + 72] for start in range(0, 72 * 256, 72)]
    assert set(rows) == {b"\xff" * 72, b"\x00" * 72}
    assert rows == sorted(rows, reverse=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_png_shows_exactly_the_dots_that_are_sent(width: WidthDots) -> None:
    """Even where the guard added one."""
    image = slip_image(width)
    hostile = Image.frombytes("1", (24, 1), bytes(255 - byte for byte in b"\x10\x04\x01"))
    image.paste(hostile.convert("L"), (0, 3))
    ops = list(Decoder().feed(to_escpos(image)))
    sent = b"".join(op.rows for op in ops if isinstance(op, Raster))
    shown = Image.open(io.BytesIO(to_png(image)))
    assert shown.mode == "1"
    row_bytes = width // 8
    assert shown.point([1, 0] * 128).tobytes() == sent[: row_bytes * image.height]
    assert sent[3 * row_bytes : 3 * row_bytes + 3] == b"\x18\x04\x01"


def test_the_job_starts_clean_and_ends_with_feed_and_cut() -> None:
    image = Image.new("L", (384, 10), 255)
    with_knife = list(Decoder().feed(to_escpos(image)))
    assert isinstance(with_knife[0], Initialise)
    assert [type(op) for op in with_knife[-2:]] == [Feed, Cut]
    without = list(Decoder().feed(to_escpos(image, cut=False)))
    assert isinstance(without[-1], Feed)
    assert not any(isinstance(op, Cut) for op in without)


def test_a_width_that_is_no_whole_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 8"):
        to_escpos(Image.new("L", (571, 10)))


def test_without_numpy_the_bytes_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow alone packs too, slower; a box without NumPy prints the very same slip."""
    import sys

    image = draw_slip(test_slip("Nhà văn hóa", "http://192.168.1.20:8080/"), 384)
    fast = to_escpos(image)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert to_escpos(image) == fast
