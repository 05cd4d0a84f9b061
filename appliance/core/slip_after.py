"""This file is the slips for the days after a visit: an appointment, and what to bring for it."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.slip import (
    Block,
    Item,
    KeyValue,
    Mark,
    Qr,
    Rule,
    Slip,
    Text,
    Title,
    clean_text,
)
from appliance.core.slip_shorter import more
from appliance.core.slip_texts import FREE_LINE, MAX_HOUSE_CHARS, NOT_OFFICIAL_LINE

MOST_LINES = 8
LINK_CAPTION = "Bác giơ điện thoại lên mã này để xem lại."


def appointment_slip(
    *,
    what: str,
    when_text: str,
    code: str,
    bring: Sequence[str],
    both: bool,
    house_name: str,
    phone: str,
    qr: str | None,
    copy_no: int = 0,
) -> Slip:
    """A time kept free. `both`: two people are to come, as for a marriage certificate."""
    blocks: list[Block] = [
        Title("Phiếu hẹn"),
        Text(what, "heading", centred=True),
        Rule(),
        KeyValue("Mời bác đến lúc:", when_text),
        KeyValue("Mã hẹn, bác nói khi đến:", code),
    ]
    if both:
        blocks.append(Text("Cả hai người cùng đến.", "strong"))
    blocks += _list("Bác mang theo:", bring, "bring")
    blocks.append(Text("Không đến được, bác gọi báo trước giúp.", "plain"))
    blocks += _end(house_name, phone, qr, copy_no)
    return Slip("appointment", tuple(blocks))


WARD_SAID = {
    "received": "Phường đã nhận hồ sơ.",
    "supplement": "Phường cần bác bổ sung.",
    "done": "Phường đã làm xong.",
}
WARD_NOTE_CHARS = 200


def result_slip(
    *,
    number: int,
    what: str,
    bring: Sequence[str],
    where: str,
    when_text: str,
    dossier_code: str | None,
    house_name: str,
    phone: str,
    qr: str | None,
    copy_no: int = 0,
    ward_state: str = "",
    ward_note: str = "",
) -> Slip:
    """The result is there, or the ward wants more: what to bring, where to and when.

    `ward_state` (received, supplement, done) and `ward_note` are what the ward said of the papers
    that were handed in here; empty when it said nothing.
    """
    blocks: list[Block] = [
        Title("Phường cần bổ sung" if ward_state == "supplement" else "Đã có kết quả"),
        Text(f"Số {number} – {what}", "heading", centred=True),
    ]
    if ward_state in WARD_SAID:
        said = f"{WARD_SAID[ward_state]} {clean_text(ward_note, WARD_NOTE_CHARS)}".strip()
        blocks.append(Text(said, "strong"))
    blocks += _list("Bác mang bản gốc:", bring, "bring")
    if not bring:
        blocks.append(Text("Bác mang căn cước để đối chiếu.", "strong"))
    place = "Nơi nộp:" if ward_state == "supplement" else "Nơi nhận:"
    blocks += [Rule(), KeyValue(place, where), KeyValue("Thời gian:", when_text)]
    if dossier_code:
        blocks.append(KeyValue("Mã hồ sơ:", dossier_code))
    blocks += _end(house_name, phone, qr, copy_no)
    return Slip("result", tuple(blocks))


def _list(heading: str, lines: Sequence[str], mark: Mark) -> list[Block]:
    if not lines:
        return []
    shown = lines if len(lines) <= MOST_LINES else lines[: MOST_LINES - 1]
    blocks: list[Block] = [Rule(), Text(heading, "heading"), *(Item(t, mark) for t in shown)]
    if len(shown) < len(lines):
        blocks.append(more(len(lines) - len(shown), mark))
    return blocks


def _end(house_name: str, phone: str, qr: str | None, copy_no: int) -> list[Block]:
    blocks: list[Block] = [Rule()]
    if phone.strip():
        blocks.append(KeyValue("Cần hỏi, bác gọi:", phone))
    blocks.append(Text(clean_text(house_name, MAX_HOUSE_CHARS), "name", centred=True))
    if copy_no:
        blocks.append(Text(f"Bản in lại (lần {copy_no})", "quiet", centred=True))
    blocks += [
        Rule(),
        Text(FREE_LINE, "strong", centred=True),
        Text(NOT_OFFICIAL_LINE, "plain", centred=True),
    ]
    return [*blocks, Qr(qr, LINK_CAPTION)] if qr else blocks
