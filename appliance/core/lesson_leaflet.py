"""This file is a lesson as an A4 leaflet: step cards in order, each with what shows it worked."""

from __future__ import annotations

from datetime import date

from appliance.core.guide_words import day_words
from appliance.core.leaflet import Leaflet, Part, Row
from appliance.core.lesson import Lesson
from appliance.core.slip_texts import FREE_LINE, NOT_OFFICIAL_LINE

_VI = {
    "kicker": "Bác tự làm ở nhà", "need": "Bác cần có", "steps": "Làm theo thứ tự",
    "doubt": "Chữ trên màn hình có thể khác. Không thấy thì hỏi người trực.",
    "call": "Cần hỏi, bác gọi {phone}", "made": "In ngày {day}", "source": "Theo: {source}",
    "free": FREE_LINE, "not_official": NOT_OFFICIAL_LINE,
}  # fmt: skip
_EN = {
    "kicker": "Do it yourself at home", "need": "Have at hand", "steps": "In this order",
    "doubt": "The words on the screen may differ. Ask at the desk if you cannot find them.",
    "call": "Questions: call {phone}", "made": "Printed on {day}", "source": "From: {source}",
    "free": "FREE – give nobody your password or OTP",
    "not_official": "A guide only – not the official receipt",
}  # fmt: skip


def lesson_leaflet(
    lesson: Lesson, language: str, *, house_name: str, phone: str, today: date
) -> Leaflet:
    """The leaflet of a lesson in one language; a box to tick for each thing to have at hand."""
    say = _EN if language == "en" else _VI
    parts = []
    if lesson.need:
        parts.append(Part(say["need"], tuple(Row("box", w.say(language)) for w in lesson.need)))
    steps = tuple(
        Row(
            str(n),
            card.do.say(language),
            more=tuple(text for text in (card.see.say(language), card.care.say(language)) if text),
        )
        for n, card in enumerate(lesson.cards, 1)
    )
    parts.append(Part(say["steps"], steps))
    closing = [say["free"]]
    if phone.strip():
        closing.insert(0, say["call"].format(phone=phone))
    if not lesson.is_sure:
        closing.insert(0, say["doubt"])
    return Leaflet(
        language=language,
        kicker=say["kicker"],
        title=lesson.name.say(language),
        under=lesson.why.say(language),
        parts=tuple(parts),
        closing=tuple(closing),
        small=(
            house_name,
            say["not_official"],
            say["source"].format(source=lesson.source),
            say["made"].format(day=f"{day_words(today, today, language)} {today.year}"),
        ),
    )
