"""This file is what a resident can learn to do alone: cards, one thing to do on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from appliance.core.guide import CONFIDENCES, Confidence
from appliance.core.table_reader import NO_WORDS, Reader, Words, all_different
from appliance.errors import BadInput, NotFound

MOST_LESSONS = 20
MOST_CARDS = 9


@dataclass(frozen=True)
class Card:
    """`do` the one thing; `see` what shows that it worked; `care` what to beware of, or empty."""

    do: Words
    see: Words
    care: Words


@dataclass(frozen=True)
class Lesson:
    """`need` what to have at hand, in each language; `procedures` those it helps with."""

    id: str
    name: Words
    why: Words
    need: tuple[Words, ...]
    cards: tuple[Card, ...]
    source: str
    seen_on: date
    confidence: Confidence
    procedures: tuple[str, ...]

    @property
    def is_sure(self) -> bool:
        """Whether the names on the screen may be told as they are, without a word of doubt."""
        return self.confidence == "high"


@dataclass(frozen=True)
class Lessons:
    version: int
    lessons: tuple[Lesson, ...]

    def get(self, lesson_id: str) -> Lesson:
        for lesson in self.lessons:
            if lesson.id == lesson_id:
                return lesson
        raise NotFound("there is no such lesson", code="unknown_lesson")


def parse(table: Mapping[str, Any], where: str) -> Lessons:
    """The lessons of one file. Raises BadInput naming the first thing that is wrong."""
    top = Reader(table, where)
    version = top.whole("version", 1, 2**31 - 1)
    if version is None:
        raise top.fail("version", "is missing")
    lessons = tuple(_lesson(r) for r in top.tables("lessons", MOST_LESSONS))
    top.end()
    all_different([lesson.id for lesson in lessons], "lessons")
    return Lessons(version, lessons)


def _lesson(r: Reader) -> Lesson:
    need, need_en = r.texts("need", 6, 80), r.texts("need_en", 6, 100)
    if len(need) != len(need_en):
        raise r.fail("need_en", "must have as many texts as need")
    seen_on = r.day("seen_on")
    if seen_on is None:
        raise r.fail("seen_on", "is missing")
    lesson = Lesson(
        id=r.ident(),
        name=r.words("name", 60),
        why=r.words("why", 100),
        need=tuple(Words(vi, en) for vi, en in zip(need, need_en, strict=True)),
        cards=tuple(_card(one) for one in r.tables("cards", MOST_CARDS)),
        source=r.text("source", 120),
        seen_on=seen_on,
        confidence=cast(Confidence, r.choice("confidence", CONFIDENCES)),
        procedures=r.texts("procedures", 40, 40),
    )
    r.end()
    if not lesson.cards:
        raise BadInput(f"{r.where}.cards: at least one is needed", code="bad_field")
    return lesson


def _card(r: Reader) -> Card:
    card = Card(r.words("do", 110), r.words("see", 110), r.words("care", 80, needed=False))
    r.end()
    return card if card.care else Card(card.do, card.see, NO_WORDS)
