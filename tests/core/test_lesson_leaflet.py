"""This file proves that a lesson's leaflet says all that its cards say, in order."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.core.lesson_leaflet import lesson_leaflet
from appliance.web.resident.lessons import all_lessons

DAY = date(2026, 11, 22)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_card_in_order(language: str) -> None:
    for lesson in all_lessons().lessons:
        made = lesson_leaflet(lesson, language, house_name="Nhà", phone="0236 3555 123", today=DAY)
        steps = made.parts[-1].rows
        assert [row.mark for row in steps] == [str(n + 1) for n in range(len(lesson.cards))]
        for row, card in zip(steps, lesson.cards, strict=True):
            assert row.text == card.do.say(language)
            said = [card.see.say(language), card.care.say(language)]
            assert list(row.more) == [text for text in said if text]
        boxes = [row.text for part in made.parts[:-1] for row in part.rows]
        assert boxes == [one.say(language) for one in lesson.need]
        # A doubt is said wherever the words on the telephone may differ.
        assert len(made.closing) == (2 if lesson.is_sure else 3)
        assert any("0236 3555 123" in line for line in made.closing)


def test_without_a_telephone_no_line_for_it() -> None:
    lesson = all_lessons().lessons[0]
    made = lesson_leaflet(lesson, "vi", house_name="", phone=" ", today=DAY)
    assert not any("gọi" in line for line in made.closing)
