"""This file proves that another reader gets the QR code back, even from bad photos of it."""

from __future__ import annotations

import io
import random

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFilter

from appliance.core.slip import Qr, Slip, Text
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.metrics import WIDTHS, WidthDots
from appliance.paper.slip.slip_qr import MODULE_DOTS, QUIET_MODULES, draw_qr

KEY = "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2
CONTENTS = [
    "http://h/",
    f"http://192.168.1.20:8080/t#{KEY[:74]}",
    f"http://diem-khu-pho-3.local:8080/t#{KEY[:74]}",
    f"http://[fe80::1234:5678:9abc:def0]:8080/tickets/2026-11-24/12/t#{KEY[:74]}",
    KEY[:74],
    "H29.18-251124-0012",
]


def read(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image) if code.text]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("content", CONTENTS)
def test_the_code_on_the_slip_is_read_back(content: str, width: WidthDots) -> None:
    image = draw_slip(Slip("ticket", (Text("Số của bác"), Qr(content, "Bác giữ phiếu."))), width)
    assert read(image) == [content]


@pytest.mark.parametrize("width", WIDTHS)
def test_modules_and_quiet_zone_are_as_measured_to_be_safe(width: WidthDots) -> None:
    """6 dots a module at 80 mm, 5 at 58 mm, four modules of white all around."""
    dots = MODULE_DOTS[width]
    code = draw_qr(CONTENTS[1], dots)
    quiet = QUIET_MODULES * dots
    ink = code.point([255] * 128 + [0] * 128).getbbox()
    assert ink == (quiet, quiet, code.width - quiet, code.height - quiet)
    # The finder's dark bar is seven modules.
    row = [code.getpixel((x, quiet)) for x in range(quiet, quiet + 8 * dots)]
    assert row.index(255) == 7 * dots
    assert code.width <= width


def test_the_key_in_a_segment_of_its_own_makes_a_smaller_code() -> None:
    import segno

    plain = segno.make(CONTENTS[1], error="m", boost_error=False, micro=False)
    assert draw_qr(CONTENTS[1], 1).width < plain.symbol_size(border=QUIET_MODULES)[0]


def photographed(paper: Image.Image, seed: int) -> Image.Image:
    """What a camera makes of a worn print: dots that run, dead dots, blur, tilt, noise, JPEG.

    12 megapixels over an A4 page are about 13 pixels a millimetre: 1.5 for each of our dots.
    """
    rng = random.Random(seed)
    bad = paper.copy()
    if seed % 2:  # every black dot runs into its neighbours to the right and below
        run = Image.new("L", bad.size, 255)
        run.paste(bad, (1, 1))
        bad = ImageChops.darker(bad, run)
    for _ in range(2):  # heating elements that are dead
        x = rng.randrange(bad.width)
        bad.paste(255, (x, 0, x + 1, bad.height))
    bad = bad.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    bad = bad.resize((bad.width * 3 // 2, bad.height * 3 // 2), Image.Resampling.BILINEAR)
    bad = bad.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.0)))
    bad = Image.blend(bad, Image.effect_noise(bad.size, 40), 0.25)
    jpeg = io.BytesIO()
    bad.save(jpeg, "JPEG", quality=40)
    return Image.open(jpeg)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_bad_photo_of_the_slip_still_opens_the_pages(width: WidthDots) -> None:
    """Fifty different bad photos of a worn print: at least 98 in 100 are read."""
    paper = draw_slip(Slip("ticket", (Qr(CONTENTS[1], "Bác giữ phiếu."),)), width)
    seen = [read(photographed(paper, seed)) for seed in range(50)]
    assert seen.count([CONTENTS[1]]) >= 49
