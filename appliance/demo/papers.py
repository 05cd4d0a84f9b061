"""This file draws the papers a visitor of the demo can lay under the camera, all invented."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from appliance.paper.font import Weight, face

A4_PX = (1654, 2339)  # 200 dots per inch
WHITE = (250, 249, 245)
INK = (32, 34, 40)
PEN = (24, 44, 128)
STAMP = (214, 209, 200)
MARGIN_PX = 150
WATERMARK = "MẪU – KHÔNG CÓ GIÁ TRỊ"


@dataclass
class _Sheet:
    """A page being filled from the top down."""

    image: Image.Image = field(default_factory=lambda: Image.new("RGB", A4_PX, WHITE))
    y: int = 130

    def line(
        self,
        text: str,
        *,
        size: int = 34,
        weight: Weight = "medium",
        centred: bool = False,
        after: int = 18,
    ) -> None:
        """One line of printed text."""
        pen = ImageDraw.Draw(self.image)
        type_ = face(weight, size)
        x = (A4_PX[0] - type_.line_width_dots(text)) / 2 if centred else MARGIN_PX
        pen.text((x, self.y), text, INK, type_.font)
        self.y += type_.line_dots + after

    def field(self, label: str, value: str, *, after: int = 22) -> None:
        """A printed label, and what somebody wrote by hand after it on a dotted line."""
        pen = ImageDraw.Draw(self.image)
        printed, written = face("medium", 34), face("medium", 38)
        x = MARGIN_PX + printed.line_width_dots(label) + 20
        pen.text((MARGIN_PX, self.y), label, INK, printed.font)
        base = self.y + printed.ascent_dots + 8
        for dot in range(int(x), A4_PX[0] - MARGIN_PX, 12):
            pen.rectangle((dot, base, dot + 2, base + 2), INK)
        pen.text((x + 6, self.y - 6), value, PEN, written.font)
        self.y += printed.line_dots + after

    def rule(self) -> None:
        pen = ImageDraw.Draw(self.image)
        pen.line((MARGIN_PX, self.y, A4_PX[0] - MARGIN_PX, self.y), INK, 3)
        self.y += 36

    def table(self, rows: list[tuple[str, str, str]]) -> None:
        """Three columns with ruled lines."""
        pen = ImageDraw.Draw(self.image)
        type_ = face("medium", 32)
        edges = [MARGIN_PX, MARGIN_PX + 130, MARGIN_PX + 940, A4_PX[0] - MARGIN_PX]
        for row in rows:
            pen.rectangle((edges[0], self.y, edges[-1], self.y + 84), outline=INK, width=2)
            for edge in edges[1:-1]:
                pen.line((edge, self.y, edge, self.y + 84), INK, 2)
            for edge, text in zip(edges, row, strict=False):
                pen.text((edge + 20, self.y + 20), text, INK, type_.font)
            self.y += 84
        self.y += 40

    def signature(self, who: str, name: str) -> None:
        pen = ImageDraw.Draw(self.image)
        left = A4_PX[0] // 2 + 60
        self.y += 30
        pen.text((left, self.y), who, INK, face("bold", 34).font)
        swing = [(left + 40 + step * 9, self.y + 120 + (step * 37 % 60)) for step in range(34)]
        pen.line(swing, PEN, 4, joint="curve")
        pen.text((left, self.y + 220), name, PEN, face("medium", 38).font)
        self.y += 320

    def marked(self) -> Image.Image:
        """The page with the word that it is a sample across it, under the ink."""
        mark = Image.new("L", A4_PX, 0)
        type_ = face("bold", 96)
        x = (A4_PX[0] - type_.line_width_dots(WATERMARK)) / 2
        ImageDraw.Draw(mark).text((x, A4_PX[1] * 0.55), WATERMARK, 255, type_.font)
        mark = mark.rotate(32, Image.Resampling.BILINEAR)
        under = Image.new("RGB", A4_PX, WHITE)
        under.paste(STAMP, mask=mark)
        light = self.image.convert("L").point(lambda level: 255 if level < 215 else 0)
        under.paste(self.image, mask=light)
        return under


def birth_form() -> Image.Image:
    """A filled-in application to register a birth."""
    sheet = _Sheet()
    sheet.line("TỜ KHAI ĐĂNG KÝ KHAI SINH", size=54, weight="bold", centred=True)
    sheet.line("(tờ khai minh họa, nhân vật tưởng tượng)", centred=True, after=60)
    sheet.field("Kính gửi:", "Ủy ban nhân dân phường Bến Hiên")
    sheet.field("Họ, chữ đệm, tên người yêu cầu:", "Trần Văn Thử")
    sheet.field("Nơi cư trú:", "Tổ 5, khu phố 3, phường Bến Hiên")
    sheet.field("Quan hệ với người được khai sinh:", "Cha")
    sheet.rule()
    sheet.line("Đề nghị đăng ký khai sinh cho người dưới đây:", weight="bold", after=30)
    sheet.field("Họ, chữ đệm, tên:", "Trần Nguyễn Minh Mẫu")
    sheet.field("Ngày, tháng, năm sinh:", "14/11/2026")
    sheet.field("Giới tính:", "Nữ")
    sheet.field("Nơi sinh:", "Trạm y tế phường Bến Hiên")
    sheet.field("Họ tên người mẹ:", "Nguyễn Thị Mẫu")
    sheet.field("Họ tên người cha:", "Trần Văn Thử")
    sheet.line("Tôi cam đoan nội dung khai trên đây là đúng sự thật.", after=20)
    sheet.signature("Người yêu cầu", "Trần Văn Thử")
    return sheet.marked()


def birth_certificate() -> Image.Image:
    """What a health station gives after a birth."""
    sheet = _Sheet()
    sheet.line("TRẠM Y TẾ PHƯỜNG BẾN HIÊN", size=34, centred=True, after=50)
    sheet.line("GIẤY CHỨNG SINH", size=64, weight="bold", centred=True)
    sheet.line("Số: 000/2026", centred=True, after=60)
    sheet.field("Họ và tên mẹ:", "Nguyễn Thị Mẫu")
    sheet.field("Năm sinh:", "1998")
    sheet.field("Nơi thường trú:", "Tổ 5, khu phố 3, phường Bến Hiên")
    sheet.field("Đã sinh con vào lúc:", "6 giờ 40 phút, ngày 14/11/2026")
    sheet.field("Số con trong lần sinh này:", "1")
    sheet.field("Giới tính của con:", "Nữ")
    sheet.field("Cân nặng:", "3.150 g")
    sheet.field("Dự định đặt tên con là:", "Trần Nguyễn Minh Mẫu")
    sheet.field("Người đỡ đẻ:", "Lê Thị Ví Dụ")
    sheet.signature("Người ghi phiếu", "Lê Thị Ví Dụ")
    return sheet.marked()


def list_of_papers() -> Image.Image:
    """A form with a ruled table: lines and small print."""
    sheet = _Sheet()
    sheet.line("BẢNG KÊ GIẤY TỜ KÈM THEO", size=54, weight="bold", centred=True, after=60)
    sheet.table(
        [
            ("STT", "Tên giấy tờ", "Số bản"),
            ("1", "Tờ khai đăng ký khai sinh", "01"),
            ("2", "Giấy chứng sinh (bản gốc)", "01"),
            ("3", "Giấy chứng nhận kết hôn", "01"),
            ("4", "Giấy xác nhận thông tin về cư trú", "01"),
        ]
    )
    sheet.line("Ghi chú: giấy tờ trên đây do dự án tự vẽ để dùng thử máy chụp.", size=28)
    small = "Dòng chữ nhỏ: ắ ằ ẳ ẵ ặ ấ ầ ẩ ẫ ậ ế ề ể ễ ệ ố ồ ổ ỗ ộ ớ ờ ở ỡ ợ ứ ừ ử ữ ự – 0123456789"
    sheet.line(small, size=28)
    sheet.signature("Người nộp", "Trần Văn Thử")
    return sheet.marked()


CARD_PX = (1011, 638)  # ID-1 at 300 dots per inch
CARD_CODE = (
    "079198012345|023456789|Nguyễn Thị Mẫu|14071998|Nữ|"
    "Tổ 5, khu phố 3, phường Bến Hiên, tỉnh Ví Dụ|25122024||||"
)
"""What the code on the drawn card says: an invented person, eleven fields as on cards of 2024."""


def identity_card() -> Image.Image:
    """The side with the code of a card that looks like no real one, of somebody who is not."""
    import segno

    card = Image.new("RGB", CARD_PX, (224, 236, 226))
    pen = ImageDraw.Draw(card)
    pen.rectangle((12, 12, CARD_PX[0] - 13, CARD_PX[1] - 13), outline=(120, 150, 130), width=4)
    code = io.BytesIO()
    segno.make(CARD_CODE, error="l", micro=False).save(code, kind="png", scale=8, border=2)
    size = round(18 / 85.6 * CARD_PX[0])
    with Image.open(code) as drawn:
        card.paste(drawn.convert("RGB").resize((size, size)), (CARD_PX[0] - size - 50, 50))
    pen.text((50, 46), "THẺ MẪU", INK, face("bold", 64).font)
    pen.text((50, 130), "người tưởng tượng", INK, face("medium", 40).font)
    for row, text in enumerate(("Nguyễn Thị Mẫu", "14/07/1998 – Nữ", WATERMARK)):
        pen.text((50, 330 + 80 * row), text, PEN, face("medium", 46).font)
    return card


DRAWN: dict[str, Callable[[], Image.Image]] = {
    "birth-form": birth_form,
    "birth-certificate": birth_certificate,
    "list": list_of_papers,
    "card": identity_card,
}
