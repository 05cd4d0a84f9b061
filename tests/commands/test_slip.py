"""This file proves that `hien slip` writes the same dots as a picture and as bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from appliance.commands.slip import slip
from appliance.demo.escpos_decode import Decoder, Raster


@pytest.mark.parametrize("width", [576, 384])
@pytest.mark.parametrize("kind", ["ticket", "visit", "test"])
def test_picture_and_bytes_show_the_same_dots(kind: str, width: int, tmp_path: Path) -> None:
    png, escpos = tmp_path / "slip.png", tmp_path / "slip.bin"
    call = ["--kind", kind, "--png", str(png), "--escpos", str(escpos), "--width", str(width)]
    result = CliRunner().invoke(slip, call)
    assert result.exit_code == 0, result.output
    image = Image.open(io.BytesIO(png.read_bytes()))
    assert image.mode == "1"
    assert image.width == width
    assert image.height <= 1200
    ops = Decoder().feed(escpos.read_bytes())
    rows = b"".join(op.rows for op in ops if isinstance(op, Raster))
    sent = Image.frombytes("1", (width, len(rows) * 8 // width), rows)
    shown = image.point([1, 0] * 128)
    assert sent.crop((0, 0, *image.size)).tobytes() == shown.tobytes()


def test_without_a_file_to_write_it_says_so() -> None:
    result = CliRunner().invoke(slip, [])
    assert result.exit_code == 2
    assert "--png" in result.output


def test_a_reprint_can_be_tried(tmp_path: Path) -> None:
    first, again = tmp_path / "1.png", tmp_path / "2.png"
    for path, copy_no in ((first, "0"), (again, "1")):
        assert CliRunner().invoke(slip, ["--png", str(path), "--copy-no", copy_no]).exit_code == 0
    assert first.read_bytes() != again.read_bytes()
