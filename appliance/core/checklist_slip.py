"""This file is the slip with the papers for one case, to take home before coming again."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.slip import (
    Banner,
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
from appliance.core.slip_texts import (
    FREE_LINE,
    LINK_CAPTION,
    MAX_HOUSE_CHARS,
    NOT_OFFICIAL_LINE,
)

MOST_LINES = 10


def checklist_slip(
    *,
    title: str,
    steps: Sequence[str],
    have: Sequence[str],
    bring: Sequence[str],
    show: Sequence[str],
    facts: Sequence[str],
    house_name: str,
    phone: str,
    qr: str | None,
    copy_no: int = 0,
) -> Slip:
    """`steps` where there is more than one; `have` what the resident has ticked; `bring` and
    `show` (never photographed) what is still to come; `facts` such as "Lệ phí: hỏi phường".

    Facts are set small: what a checklist must never leave out is a paper."""
    blocks: list[Block] = [Banner(f"BẢN IN LẠI (lần {copy_no})")] if copy_no > 0 else []
    blocks += [Text("Giấy cần mang", "heading", centred=True), Title(title)]
    if len(steps) > 1:
        blocks += [Text(f"{n}. {step}", "plain") for n, step in enumerate(steps, 1)]
    blocks += _list("Bác đã có:", have, "done")
    blocks += _list("Bác mang theo bản chính:", bring, "bring")
    blocks += _list("Chỉ đưa ra xem, không chụp:", show, "bring")
    blocks.append(Rule())
    blocks += [Text(fact, "strong") for fact in facts]
    if phone.strip():
        blocks.append(KeyValue("Cần hỏi, bác gọi:", phone))
    if house_name.strip():
        blocks.append(Text(clean_text(house_name, MAX_HOUSE_CHARS), "name", centred=True))
    blocks += [
        Rule(),
        Text(FREE_LINE, "strong", centred=True),
        Text(NOT_OFFICIAL_LINE, "plain", centred=True),
    ]
    blocks += [Qr(qr, LINK_CAPTION)] if qr else []
    return Slip("checklist", tuple(blocks))


def _list(heading: str, lines: Sequence[str], mark: Mark) -> list[Block]:
    if not lines:
        return []
    shown = list(lines) if len(lines) <= MOST_LINES else list(lines[: MOST_LINES - 1])
    blocks: list[Block] = [Rule(), Text(heading, "heading")]
    blocks += [Item(line, mark) for line in shown]
    if len(shown) < len(lines):
        blocks.append(more(len(lines) - len(shown), mark))
    return blocks
