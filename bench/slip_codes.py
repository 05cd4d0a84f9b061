"""This file measures whether a slip's code is still read after what paper and print heads do it."""

from __future__ import annotations

import io
import random

DAMAGED = 100
# What a ticket's QR holds: an address and an age secret key.
CONTENT = "http://192.168.1.20:8080/t#AGE-SECRET-KEY-1"
CONTENT += ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2)[:58]


def measure_codes(count: int) -> None:
    """On slips as they are printed: 5 dots a module at 58 mm, 6 at 80 mm. A white line cuts the
    code's eyes, which no error correction mends: so the house's own reader fills such lines, and a
    telephone, which looks many times a second, is given five looks at the same paper."""
    from appliance.core.slip import Qr, Slip
    from appliance.paper.slip.layout import draw_slip
    from appliance.paper.slip.metrics import WIDTHS
    from appliance.paper.slip.slip_qr import MODULE_DOTS

    for width in WIDTHS:
        slip = draw_slip(Slip("ticket", (Qr(CONTENT, "Bác giữ phiếu."),)), width)
        for damage in ("worn", "worn, two rows lost", "worn, a white streak"):
            first = five = house = 0
            for seed in range(count):
                paper = _worn(slip, seed, damage)
                looks = [_looked(paper, 1000 * seed + n) for n in range(5)]
                read = [_plainly(look) for look in looks]
                first, five = first + read[0], five + any(read)
                house += _by_the_house(looks[0])
            goal = "kept" if house >= 0.98 * count else "MISSED"
            print(
                f"codes of {MODULE_DOTS[width]} dots a module, {damage}, of {count}: the house's"
                f" reader {house / count:.3f} (goal 0.98: {goal}); a plain reader, one look"
                f" {first / count:.3f}, one of five {five / count:.3f}"
            )


def _plainly(jpeg: bytes) -> bool:
    import zxingcpp
    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(jpeg)))
    return [one.text for one in found] == [CONTENT]


def _by_the_house(jpeg: bytes) -> bool:
    """As it reads a slip held under the camera."""
    from appliance.paper.scan.qr import read_codes_of_photo

    return read_codes_of_photo(jpeg) == [CONTENT]


def _worn(paper, seed: int, damage: str):  # type: ignore[no-untyped-def]
    """Ink that runs, two dead heating elements; rows that were lost on their way (the paper is
    shorter), or a white line across (the head had no power)."""
    from PIL import Image, ImageChops

    rng = random.Random(seed)
    bad = paper.copy()
    if seed % 2:
        run = Image.new("L", bad.size, 255)
        run.paste(bad, (1, 1))
        bad = ImageChops.darker(bad, run)
    for _ in range(2):
        x = rng.randrange(bad.width)
        bad.paste(255, (x, 0, x + 1, bad.height))
    y = rng.randrange(bad.height - 2)
    if "streak" in damage:
        bad.paste(255, (0, y, bad.width, y + 2))
    if "lost" in damage:
        bad.paste(bad.crop((0, y + 2, bad.width, bad.height)), (0, y))
    return bad


def _looked(paper, seed: int) -> bytes:  # type: ignore[no-untyped-def]
    """A photo of it: tilt, blur, noise, coarse JPEG."""
    from PIL import Image, ImageFilter

    rng = random.Random(seed)
    bad = paper.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    bad = bad.resize((bad.width * 3 // 2, bad.height * 3 // 2), Image.Resampling.BILINEAR)
    bad = bad.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.0)))
    bad = Image.blend(bad, Image.effect_noise(bad.size, 40), 0.25)
    jpeg = io.BytesIO()
    bad.save(jpeg, "JPEG", quality=40)
    return jpeg.getvalue()
