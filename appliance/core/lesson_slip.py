"""This file is a lesson on paper, to take home: its cards as a numbered list on a slip."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.lesson import Lesson
from appliance.core.slip import (
    MAX_TEXT_CHARS,
    Banner,
    Block,
    KeyValue,
    Qr,
    Rule,
    Slip,
    Text,
    Title,
    clean_text,
)
from appliance.core.slip_texts import (
    FREE_LINE,
    MAX_HOUSE_CHARS,
)

DOUBT = "Chữ trên màn hình có thể khác."
CAPTION = "Xem lại trên điện thoại"


def content_of(lesson: Lesson) -> dict[str, object]:
    """What the slip says, in Vietnamese, for a print job: nothing about any person."""
    return {
        "lesson": lesson.id,
        "title": lesson.name.vi,
        "need": [words.vi for words in lesson.need],
        "cards": [[card.do.vi, card.care.vi] for card in lesson.cards],
        "doubt": "" if lesson.is_sure else DOUBT,
    }


def lesson_slip(
    *,
    title: str,
    need: Sequence[str],
    cards: Sequence[Sequence[str]],
    doubt: str,
    house_name: str,
    phone: str,
    qr: str | None,
    copy_no: int = 0,
) -> Slip:
    """`cards`: (what to do, what to beware of or "") each."""
    blocks: list[Block] = [Banner(f"BẢN IN LẠI (lần {copy_no})")] if copy_no > 0 else []
    blocks += [Title(title), Rule()]
    if need:
        blocks.append(Text(f"Cần có: {'; '.join(need)}."))
    for n, (do, care) in enumerate(cards, 1):
        # One paragraph where it fits: six steps still come out on 15 cm of paper.
        both = f"{n}. {do} {care}".rstrip()
        fits = len(both) <= MAX_TEXT_CHARS
        blocks.append(Text(both if fits else f"{n}. {do}", "strong"))
        blocks += [] if fits else [Text(care)]
    blocks.append(Rule())
    blocks += [Text(doubt)] if doubt else []
    if phone.strip():
        blocks.append(KeyValue("Cần hỏi, bác gọi:", phone))
    if house_name.strip():
        blocks.append(Text(clean_text(house_name, MAX_HOUSE_CHARS), "name", centred=True))
    blocks.append(Text(FREE_LINE, "strong", centred=True))
    blocks += [Qr(qr, CAPTION)] if qr else []
    return Slip("lesson", tuple(blocks))
