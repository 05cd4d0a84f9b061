"""This file draws what the virtual camera sees: a table, and on it a paper of nobody."""

from __future__ import annotations

import io
import random
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

TABLE_RGB = (92, 68, 50)
PAPER_RGB = (243, 241, 234)
INK_RGB = (28, 30, 42)

_LINES = (
    "MẪU – KHÔNG PHẢI GIẤY TỜ THẬT",
    "",
    "TỜ KHAI MINH HỌA",
    "(dùng để thử máy chụp)",
    "",
    "1. Nội dung cần giải quyết: thử máy chụp của nhà văn hóa",
    "2. Giấy tờ gửi kèm: một bản mẫu, không có tên người",
    "3. Nơi nhận: tổ dân phố điện tử",
    "",
    "Dòng chữ nhỏ để xem ảnh có rõ nét không: ă â đ ê ô ơ ư",
    "Ấ ầ ẩ ẫ ậ Ắ ằ ẳ ẵ ặ Ế ề ể ễ ệ Ố ồ ổ ỗ ộ Ớ ờ ở ỡ ợ Ứ ừ ử ữ ự",
    "0123456789 – 24/11/2026 – 1.250.000 đồng",
    "",
    "Phần còn lại của tờ giấy để trống.",
)


@lru_cache(maxsize=4)
def table_jpeg(size_px: tuple[int, int], *, paper: bool) -> bytes:
    """A photo of the table as the camera sees it, with the sample paper on it or bare."""
    image = _table(size_px)
    if paper:
        _lay_paper(image)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def _table(size_px: tuple[int, int]) -> Image.Image:
    """Brown wood with a grain and light that falls off to one side; the same on every call."""
    from PIL import Image

    grain = random.Random(7)  # noqa: S311 - a picture, no secret
    coarse = Image.new("RGB", (64, 36))
    for x in range(64):
        for y in range(36):
            shade = grain.uniform(0.9, 1.1) * (0.8 + 0.4 * (x + y) / 100)
            coarse.putpixel((x, y), tuple(int(channel * shade) for channel in TABLE_RGB))
    return coarse.resize(size_px, Image.Resampling.BICUBIC)


def _lay_paper(table: Image.Image) -> None:
    from PIL import Image, ImageDraw

    width, height = table.size
    tall = int(height * 0.84)
    wide = int(tall * 210 / 297)
    page = Image.new("RGB", (wide, tall), PAPER_RGB)
    pen = ImageDraw.Draw(page)
    body = max(10, tall // 52)
    y = tall // 14
    for number, line in enumerate(_LINES):
        font = _font(body * 3 // 2 if number in (0, 2) else body)
        if number < 4:
            pen.text(((wide - pen.textlength(line, font)) / 2, y), line, INK_RGB, font)
        else:
            pen.text((wide // 10, y), line, INK_RGB, font)
        y += body * 2
    mask = Image.new("L", page.size, 255).rotate(3.2, expand=True)
    turned = page.rotate(3.2, Image.Resampling.BICUBIC, expand=True)
    table.paste(turned, ((width - turned.width) // 2, (height - turned.height) // 2), mask)


def _font(size_px: int) -> Any:
    """Be Vietnam Pro from its package; its basic layout is enough for Vietnamese in NFC."""
    import fontpkg
    from PIL import ImageFont

    path = str(fontpkg.path("Be Vietnam Pro"))
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)
