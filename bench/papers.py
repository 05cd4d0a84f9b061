"""This file draws the papers that residents bring, made up: forms, certificates, an identity card.

No real person, form or card is copied: names and numbers are drawn by lot, the card says it is a
sample, and the layouts only resemble the real ones in what matters to a scanner.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from appliance.paper.font import face

SIZES_MM = {
    "A4": (210.0, 297.0),
    "A5": (148.0, 210.0),
    "A6": (105.0, 148.0),
    "certificate": (297.0, 210.0),
    "card": (85.6, 53.98),
    "receipt": (80.0, 190.0),
}
Pixels = NDArray[np.uint8]
Rng = np.random.Generator

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Ngô")
_MIDDLE = ("Thị", "Văn", "Hữu", "Ngọc", "Đức", "Minh", "Thu", "Quang", "Thanh", "Xuân")
_GIVEN = (
    "Hương",
    "Dũng",
    "Phượng",
    "Khánh",
    "Tuyết",
    "Bảo",
    "Lộc",
    "Nghĩa",
    "Quỳnh",
    "Vượng",
    "Diễm",
)
_PLACES = ("Phú Lương", "Vĩnh Thạnh", "Tân Hưng", "Đông Khê", "An Mỹ", "Hòa Bình", "Yên Nghĩa")
_TITLES = (
    "TỜ KHAI ĐĂNG KÝ KHAI SINH",
    "TỜ KHAI XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
    "ĐƠN ĐỀ NGHỊ TRỢ GIÚP XÃ HỘI",
    "GIẤY ĐỀ NGHỊ XÁC NHẬN CƯ TRÚ",
)
_CLAUSES = (
    "Tôi cam đoan những nội dung khai trên đây là đúng sự thật",
    "và chịu trách nhiệm trước pháp luật về lời khai của mình.",
    "Đề nghị quý cơ quan xem xét, giải quyết theo quy định.",
    "Hồ sơ gửi kèm gồm bản sao giấy chứng sinh và sổ hộ khẩu.",
    "Ghi rõ tên cơ quan đăng ký, số và ngày cấp của giấy tờ.",
    "Các nội dung không có thì để trống, không tẩy xóa.",
)


@dataclass
class Artwork:
    """`pixels`: H x W x 3 BGR, upright, `dots_per_mm`; `lines` its text; `qr` its code's text."""

    pixels: Pixels
    dots_per_mm: float
    kind: str
    lines: list[str] = field(default_factory=list)
    qr: str | None = None
    qr_module_mm: float = 0.0


def draw(kind: str, rng: Rng, dots_per_mm: float) -> Artwork:
    """Draw one paper of `kind`, a key of SIZES_MM, as print sees it: flat, sharp, evenly lit."""
    if kind == "card":
        return _card(rng, dots_per_mm)
    if kind == "receipt":
        return _receipt(rng, dots_per_mm)
    return _form(kind, rng, dots_per_mm)


class _Sheet:
    """A page being written from the top down; lengths in mm."""

    def __init__(self, kind: str, rng: Rng, dots_per_mm: float, ground: tuple[int, int, int]):
        self.kind, self.rng, self.scale = kind, rng, dots_per_mm
        self.width_mm, self.height_mm = SIZES_MM[kind]
        size = round(self.width_mm * dots_per_mm), round(self.height_mm * dots_per_mm)
        self.image = Image.new("RGB", size, ground)
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[str] = []
        self.y_mm = 0.0

    def dots(self, mm: float) -> int:
        return max(1, round(mm * self.scale))

    def write(
        self,
        text: str,
        size_mm: float,
        *,
        x_mm: float | None = None,
        bold: bool = False,
        ink: tuple[int, int, int] = (18, 18, 26),
        kept: bool = True,
    ) -> None:
        """Write one line at y_mm, centred when x_mm is None, and move on below it."""
        font = face("bold" if bold else "medium", max(6, self.dots(size_mm))).font
        width = font.getlength(text)
        left = (self.image.width - width) / 2 if x_mm is None else self.dots(x_mm)
        self.draw.text((left, self.dots(self.y_mm)), text, font=font, fill=ink)
        if kept:
            self.lines.append(text)
        self.y_mm += size_mm * 1.5

    def done(self, **more: Any) -> Artwork:
        pixels = np.ascontiguousarray(np.asarray(self.image)[:, :, ::-1])
        return Artwork(pixels, self.scale, self.kind, self.lines, **more)


def _person(rng: Rng) -> dict[str, str]:
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1945, 2010)
    return {
        "name": " ".join(str(rng.choice(part)) for part in (_FAMILY, _MIDDLE, _GIVEN)),
        "born": f"{day:02d}/{month:02d}/{year}",
        "born_digits": f"{day:02d}{month:02d}{year}",
        "number": "0" + "".join(str(d) for d in rng.integers(0, 10, 11)),
        "old": "".join(str(d) for d in rng.integers(0, 10, 9)),
        "sex": str(rng.choice(["Nam", "Nữ"])),
        "home": f"Thôn {rng.integers(1, 12)}, xã {rng.choice(_PLACES)}",
    }


def _form(kind: str, rng: Rng, dots_per_mm: float) -> Artwork:
    grounds = [(252, 252, 250), (247, 244, 236), (240, 246, 250), (250, 236, 236)]
    paper = _Sheet(kind, rng, dots_per_mm, grounds[int(rng.integers(0, 4))])
    size = {"A4": 3.9, "A5": 3.3, "A6": 2.7, "certificate": 4.4}[kind]
    margin = 0.09 * paper.width_mm
    paper.y_mm = 0.06 * paper.height_mm
    if kind == "certificate":
        _border(paper)
    paper.write("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size, bold=True)
    paper.write("Độc lập - Tự do - Hạnh phúc", size, bold=True)
    paper.y_mm += size
    paper.write(str(rng.choice(_TITLES)), 1.25 * size, bold=True)
    paper.y_mm += 0.6 * size
    first, second = _person(rng), _person(rng)
    written = [
        f"Kính gửi: Ủy ban nhân dân xã {rng.choice(_PLACES)}",
        f"Họ, chữ đệm, tên người yêu cầu: {first['name']}",
        f"Nơi cư trú: {first['home']}",
        f"Số định danh cá nhân: {first['number']}",
        f"Họ, chữ đệm, tên: {second['name']}",
        f"Ngày, tháng, năm sinh: {second['born']}",
        f"Giới tính: {second['sex']}    Dân tộc: Kinh    Quốc tịch: Việt Nam",
        f"Quê quán: {second['home']}",
    ]
    for line in written:
        paper.write(line, size, x_mm=margin)
    if kind == "A4":
        _ruled_table(paper, margin, size)
    for clause in _CLAUSES:
        if paper.y_mm < paper.height_mm * 0.70:
            paper.write(clause, size, x_mm=margin)
    _signed(paper, first["name"], size)
    return paper.done()


def _border(paper: _Sheet) -> None:
    for inset, width in ((6.0, 0.9), (8.0, 0.4)):
        corner = paper.dots(paper.width_mm - inset), paper.dots(paper.height_mm - inset)
        box = (paper.dots(inset), paper.dots(inset), *corner)
        paper.draw.rectangle(box, outline=(190, 60, 60), width=paper.dots(width))


def _ruled_table(paper: _Sheet, margin: float, size: float) -> None:
    paper.y_mm += 0.5 * size
    top, high = paper.y_mm, 2.1 * size
    edges = [margin + part * (paper.width_mm - 2 * margin) for part in (0, 0.12, 0.5, 0.75, 1)]
    rows = int(paper.rng.integers(3, 6))
    for row in range(rows + 1):
        y = paper.dots(top + row * high)
        ends = [(paper.dots(edges[0]), y), (paper.dots(edges[-1]), y)]
        paper.draw.line(ends, fill=(25, 25, 25), width=paper.dots(0.3))
    for x in edges:
        ends = [(paper.dots(x), paper.dots(top)), (paper.dots(x), paper.dots(top + rows * high))]
        paper.draw.line(ends, fill=(25, 25, 25), width=paper.dots(0.3))
    for row in range(rows):
        who = _person(paper.rng)
        cells = [str(row), who["name"], who["born"][-4:], "Con"]
        if row == 0:
            cells = ["STT", "Họ và tên", "Năm sinh", "Quan hệ"]
        for x, cell in zip(edges, cells, strict=False):
            paper.y_mm = top + row * high + 0.4 * size
            paper.write(cell, 0.9 * size, x_mm=x + 1.5, kept=False)
        paper.lines.append(" ".join(cells))
    paper.y_mm = top + rows * high + size


def _signed(paper: _Sheet, name: str, size: float) -> None:
    """Date, name, a red round stamp and a blue signature over them, as on every paper."""
    paper.y_mm = min(max(paper.y_mm + size, 0.72 * paper.height_mm), 0.78 * paper.height_mm)
    left = 0.55 * paper.width_mm
    paper.write("Người yêu cầu", size, x_mm=left, bold=True)
    middle = paper.dots(left + 0.1 * paper.width_mm), paper.dots(paper.y_mm + 3.2 * size)
    layer = Image.new("RGBA", paper.image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for radius, width in ((4.2, 0.26), (2.9, 0.13)):
        r = paper.dots(radius * size)
        box = (middle[0] - r, middle[1] - r, middle[0] + r, middle[1] + r)
        pen.ellipse(box, outline=(205, 30, 45, 190), width=paper.dots(width * size))
    steps = paper.rng.normal(0, 1.1 * size, (12, 2))
    steps[:, 0] += 0.9 * size
    path = np.cumsum(steps, 0) * paper.scale + middle - [4 * size * paper.scale, 0]
    pen.line([tuple(p) for p in path], fill=(30, 45, 160, 230), width=paper.dots(0.12 * size))
    paper.image.paste(layer, (0, 0), layer)
    paper.y_mm += 5.0 * size
    paper.write(name, size, x_mm=left)


def _receipt(rng: Rng, dots_per_mm: float) -> Artwork:
    paper = _Sheet("receipt", rng, dots_per_mm, (246, 246, 244))
    paper.y_mm = 8.0
    paper.write("BIÊN LAI THU PHÍ", 4.6, bold=True)
    for _ in range(14):
        paper.write(f"{rng.choice(_CLAUSES)[:24]}  {rng.integers(5, 900)}.000", 2.7, x_mm=5)
        paper.y_mm += 2
    paper.write("MIỄN PHÍ", 6.0, bold=True)
    return paper.done()


def _card(rng: Rng, dots_per_mm: float) -> Artwork:
    import segno

    who = _person(rng)
    paper = _Sheet("card", rng, dots_per_mm, (236, 240, 226))
    height, width = paper.image.height, paper.image.width
    y, x = np.mgrid[0:height, 0:width] / height
    waves = np.stack([8 * np.sin(9 * x + 7 * y), 6 * np.sin(15 * y - 6 * x), 9 * np.cos(11 * x)], 2)
    ground = np.clip(np.array([224.0, 234.0, 214.0]) + waves, 0, 255).astype(np.uint8)
    paper.image.paste(Image.fromarray(ground))
    red = (180, 20, 30)
    paper.y_mm = 2.5
    paper.write("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 2.2, x_mm=25, bold=True)
    paper.write("CĂN CƯỚC (MẪU THỬ)", 2.8, x_mm=25, bold=True, ink=red)
    box = (paper.dots(3), paper.dots(18), paper.dots(22), paper.dots(44))
    paper.draw.rectangle(box, fill=(186, 196, 202), outline=(60, 70, 80))
    paper.y_mm = 13
    fields = ("number", "name", "born", "sex", "home")
    for label, key in zip(
        ("Số", "Họ và tên", "Ngày sinh", "Giới tính", "Nơi ở"), fields, strict=True
    ):
        paper.write(label, 1.8, x_mm=25, kept=False)
        paper.write(who[key], 2.6, x_mm=25, bold=True)
    keys = ("number", "old", "name", "born_digits", "sex", "home")
    text = "|".join([*(who[key] for key in keys), "01062023"])
    code = segno.make(text, error="l", micro=False, boost_error=False)
    side_mm = 17.0
    out = io.BytesIO()
    code.save(out, kind="png", scale=8, border=2)
    picture = Image.open(out).convert("RGB")
    side = paper.dots(side_mm)
    paper.image.paste(
        picture.resize((side, side), Image.Resampling.BOX),
        (width - side - paper.dots(2), paper.dots(3)),
    )
    module = side_mm / (code.symbol_size(border=2)[0])
    return paper.done(qr=text, qr_module_mm=module)
