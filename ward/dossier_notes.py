"""This file says what an officer may write to a house about a dossier: short, and of nobody. Pure.

A note goes to the point's screen and onto a slip, by the dossier's id alone. What looks like a
name, a number of somebody or an address of e-mail is refused, and the officer is told why.
"""

from __future__ import annotations

import re
import unicodedata

CHOICES = (
    "Thiếu giấy tờ: mang bản chính đến.",
    "Ảnh chụp chưa rõ: chụp lại trang đó.",
    "Giấy tờ hết hạn: xin cấp lại rồi nộp.",
    "Thông tin chưa khớp: đến gặp cán bộ.",
    "Nhận kết quả tại bộ phận một cửa của phường.",
    "Nhận kết quả tại nhà văn hóa.",
    "Kết quả đã gửi trên cổng dịch vụ công.",
)
TEXT_MOST = 100
_UPPER = "A-ZĐ" + "".join(chr(c) for c in range(0xC0, 0x1EFA) if chr(c).isupper())
_NUMBER = re.compile(r"\d[\d .\-]{4,}\d|\d{6,}")
_MAIL = re.compile(r"\S+@\S+")
# Two words with capitals, one after the other, or one after a word of address.
_NAME = re.compile(rf"[{_UPPER}]\w*\s+[{_UPPER}]\w*")
_ADDRESSED = re.compile(
    rf"\b(?:ông|bà|anh|chị|cô|chú|bác|em|cháu|cụ|thầy)\s+[{_UPPER}]\w*", re.IGNORECASE
)
_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4})?\b")


class BadNote(ValueError):
    """The message says in Vietnamese what to change."""


def check(choice: str, text: str) -> str:
    """The note to send: one of CHOICES or none, and a few words or none. Raises BadNote."""
    if choice and choice not in CHOICES:
        raise BadNote("Chọn một câu trong danh sách.")
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if not all(c.isprintable() for c in clean):
        raise BadNote("Có ký tự không hiện được. Gõ lại.")
    if len(clean) > TEXT_MOST:
        raise BadNote(f"Lời ghi thêm dài quá {TEXT_MOST} chữ. Viết ngắn lại.")
    if _NUMBER.search(_DATE.sub("", clean)) or _MAIL.search(clean):
        raise BadNote("Không ghi số giấy tờ, số điện thoại hay thư điện tử của ai.")
    if _NAME.search(clean) or _is_addressed(clean):
        raise BadNote("Chỗ này giống tên người. Viết lại, không ghi tên riêng.")
    return " ".join(part for part in (choice, clean) if part)


def _is_addressed(text: str) -> bool:
    """ "ông Bình", but not "anh chụp lại": the word after it has a capital."""
    return any(m.group(0).split()[-1][0].isupper() for m in _ADDRESSED.finditer(text))
