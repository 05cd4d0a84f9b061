"""This file is the two slips a printer is set up with: how wide it prints, and how well."""

from __future__ import annotations

from appliance.core.calibration import CODE_DOTS, LETTER_DOTS
from appliance.core.slip import Banner, Block, Qr, Ruler, Sample, Slip, Text

PAGES = ("width", "page")
# The letters that are mistaken for one another first, and the two widest words of a slip.
_HARD = "ẳẵắ ẩẫấ ểễế ổỗố ởỡớ ửữứ ỷỹý đĐ Ỗ Ữ"
# As long as a number slip's own code, whose size it shows; it opens nothing.
_FILLER = "MA-THU-MAY-IN-" * 6


def width_slip(house_name: str) -> Slip:
    """For 80 mm of paper; on a narrower one the right bar is missing, and that is the answer."""
    return Slip(
        "test",
        (
            Banner("TỜ ĐO BỀ RỘNG"),
            Ruler(),
            Text("Có thấy đủ hai vạch đậm ở hai mép không?", "strong", centred=True),
            Text(house_name, "quiet", centred=True),
        ),
    )


def calibration_slip(house_name: str, address: str, width_dots: int) -> Slip:
    """Rows of letters A, B, C from small to large, and codes 1, 2, 3 … from small to large."""
    blocks: list[Block] = [
        Banner("TỜ CHỈNH MÁY IN"),
        Text(house_name, "quiet", centred=True),
        Ruler(),
        Text("1. Ô đen phải đen đều. Sọc nhỏ phải thấy rõ từng sọc."),
        Text("2. Tìm hàng chữ nhỏ nhất đọc được đủ dấu."),
    ]
    for name, size in zip("ABC", LETTER_DOTS, strict=True):
        blocks.append(Sample(f"{name}: {_HARD}", size))
    blocks.append(Text("3. Giơ điện thoại lên từng mã. Nhớ số của mã đọc được."))
    for number, size in enumerate(CODE_DOTS[width_dots], 1):
        content = f"{address}/t#{number}-{_FILLER}"[: len(address) + 77]
        blocks.append(Qr(content, f"Mã {number}", size))
    blocks.append(Text("4. Giấy có tự cắt không?"))
    return Slip("test", tuple(blocks))
