"""This file says what each kind of slip tells the person who takes it home, and in which order.

The order never changes: number or title; what was done; what is missing; what to bring; when; whom
to call; free of charge and never a password; not the official receipt; the QR code last.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.slip import (
    Banner,
    Big,
    Block,
    Item,
    KeyValue,
    Mark,
    Qr,
    Rule,
    Ruler,
    Slip,
    Text,
    Title,
    clean_text,
)
from appliance.core.slip_shorter import more

FREE_LINE = "MIỄN PHÍ – không đưa mật khẩu, OTP cho bất kỳ ai"
NOT_OFFICIAL_LINE = "Phiếu hướng dẫn – không thay Giấy tiếp nhận hồ sơ"
MAX_LIST_LINES = 8
MAX_HOUSE_CHARS = 60
MAX_NUMBER = 99_999

KEY_CAPTION = "Mã này mở giấy tờ của bác. Bác giữ kỹ, đừng đưa người lạ."
LINK_CAPTION = "Bác giơ điện thoại lên mã này để xem."

# Every accented letter of Vietnamese, upper case and lower case, and đ: 134 of them.
_TONED = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
ACCENTED_LETTERS = "".join(
    letter
    for half in (_TONED + "đ", (_TONED + "đ").upper())
    for letter in half
    if not letter.isascii()
)


def ticket_slip(
    *,
    number: int,
    service: str,
    bring: Sequence[str],
    waiting_ahead: int,
    house_name: str,
    phone: str,
    taken_at_text: str,
    qr: str | None,
    copy_no: int = 0,
) -> Slip:
    """The slip with a ticket number. `taken_at_text` is a time in words; `copy_no` 0 = first."""
    blocks: list[Block] = [
        *_again(copy_no),
        Text("Số của bác", "heading", centred=True),
        Big(_number(number)),
        Title(service),
        Text(_turn(waiting_ahead), "strong", centred=True),
        *_list("Bác chuẩn bị sẵn:", bring, "bring"),
        Rule(),
        *_contact(house_name, phone),
        Text(f"Lấy số lúc {taken_at_text}", "quiet", centred=True),
        *_closing(),
        *_qr(qr, KEY_CAPTION),
    ]
    return Slip("ticket", tuple(blocks))


def visit_slip(
    *,
    number: int,
    done: Sequence[str],
    missing: Sequence[str] | None,
    bring: Sequence[str],
    due_text: str | None,
    dossier_code: str | None,
    house_name: str,
    phone: str,
    qr: str | None,
    copy_no: int = 0,
    qr_caption: str = KEY_CAPTION,
    look_up: str = "",
    not_done: str = "",
) -> Slip:
    """The slip at the end of a visit.

    `missing` None means nobody looked yet, an empty list that all papers are there. `due_text` is
    the next date in words, as "thứ Ba, ngày 24 tháng 11, trước 3 giờ chiều".
    `look_up` is the code that shows the dossier's state, together with the number; `not_done`
    why something could not be done here.
    """
    blocks: list[Block] = [*_again(copy_no), Title(f"Số {_number(number)}")]
    blocks += _list("Hôm nay đã làm xong:", done, "done")
    if not_done:
        blocks.append(Text(f"Hôm nay chưa làm được: {not_done}.", "strong"))
    if dossier_code:
        blocks.append(KeyValue("Mã hồ sơ:", dossier_code))
    if missing:
        blocks += _list("Còn thiếu:", missing, "missing")
    elif missing is not None and not not_done:
        blocks.append(Text("Giấy tờ đã đủ, không thiếu gì.", "strong"))
    blocks += _list("Lần sau bác mang bản gốc:", bring, "bring")
    blocks.append(Rule())
    if due_text:
        blocks.append(KeyValue("Mời bác trở lại:", due_text))
    else:
        blocks.append(Text("Chưa có ngày hẹn. Bác cần hỏi gì, xin gọi số dưới đây.", "strong"))
    if look_up:
        blocks.append(KeyValue("Mã tra cứu hồ sơ:", look_up))
    blocks += [*_contact(house_name, phone), *_closing(), *_qr(qr, qr_caption)]
    return Slip("visit", tuple(blocks))


def test_slip(
    house_name: str,
    url: str,
    *,
    phone: str = "",
    printer: str = "",
    printed_at_text: str = "",
) -> Slip:
    """The calibration slip: width bars, density, every accented letter, a QR code to read back."""
    half = len(ACCENTED_LETTERS) // 2
    blocks: list[Block] = [
        Banner("PHIẾU THỬ MÁY IN"),
        Title(house_name),
        Text("Phải thấy đủ hai vạch đậm hai bên. Chữ phải rõ dấu. Điện thoại phải đọc được mã."),
        Ruler(),
        Text(" ".join(ACCENTED_LETTERS[:half])),
        Text(" ".join(ACCENTED_LETTERS[half:])),
        Text("0123456789 ₫ % / ( ) – “ ”", "strong", centred=True),
    ]
    if printer:
        blocks.append(Text(f"Máy in: {printer}", "quiet"))
    if printed_at_text:
        blocks.append(Text(f"In lúc {printed_at_text}", "quiet"))
    if phone:
        blocks.append(KeyValue("Điện thoại:", phone))
    blocks += [*_closing(), *_qr(url, "Giơ điện thoại lên mã: mở được trang là tốt.")]
    return Slip("test", tuple(blocks))


test_slip.__test__ = False  # type: ignore[attr-defined]  # a slip, not a test for pytest


def _number(number: int) -> str:
    return str(max(0, min(number, MAX_NUMBER)))


def _turn(waiting_ahead: int) -> str:
    if waiting_ahead <= 0:
        return "Sắp đến lượt bác. Mời bác ngồi đợi gọi số."
    return f"Trước bác còn {waiting_ahead} người. Mời bác ngồi đợi gọi số."


def _again(copy_no: int) -> list[Block]:
    return [Banner(f"BẢN IN LẠI (lần {copy_no})")] if copy_no > 0 else []


def _list(heading: str, lines: Sequence[str], mark: Mark) -> list[Block]:
    """A heading and its lines; nothing at all for an empty list."""
    texts = [line for line in lines if line.strip()]
    if not texts:
        return []
    shown = texts if len(texts) <= MAX_LIST_LINES else texts[: MAX_LIST_LINES - 1]
    blocks: list[Block] = [Rule(), Text(heading, "heading")]
    blocks += [Item(text, mark) for text in shown]
    if len(shown) < len(texts):
        blocks.append(more(len(texts) - len(shown), mark))
    return blocks


def _contact(house_name: str, phone: str) -> list[Block]:
    blocks: list[Block] = [KeyValue("Cần hỏi, bác gọi:", phone)] if phone.strip() else []
    if house_name.strip():
        blocks.append(Text(clean_text(house_name, MAX_HOUSE_CHARS), "name", centred=True))
    return blocks


def _closing() -> list[Block]:
    return [
        Rule(),
        Text(FREE_LINE, "strong", centred=True),
        Text(NOT_OFFICIAL_LINE, "plain", centred=True),
    ]


def _qr(content: str | None, caption: str) -> list[Block]:
    return [Qr(content, caption)] if content else []
