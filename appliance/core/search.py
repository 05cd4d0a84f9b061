"""This file finds a procedure by what people call it: everyday, official and old words, with or
without accents, however the letters were put together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from appliance.core.guide import Guide, Level

Kind = Literal["event", "procedure", "assist"]

MOST_FOUND = 20
MOST_QUERY_CHARS = 80
# What used to be said before 2022 and before the districts went. Official words beside them.
OLD_WORDS: dict[Level, tuple[str, ...]] = {
    "part": ("mức độ 3", "dịch vụ công một phần", "một phần"),
    "full": ("mức độ 4", "dịch vụ công toàn trình", "toàn trình"),
    "in_person": ("mức độ 2", "trực tiếp"),
    "book_online": ("đặt lịch", "mức độ 2"),
    "joint": ("liên thông",),
}
_OLD_PLACES = ("cấp quận", "cấp huyện", "ủy ban phường", "một cửa")
_WHOLE, _PHRASE, _WEAK, _SPREAD = 100, 60, 40, 20
_ACCENTS = 30
_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")


@dataclass(frozen=True)
class Entry:
    """One thing that can be found; phrases folded, the most telling first, and as written."""

    kind: Kind
    id: str
    phrases: tuple[tuple[str, ...], ...]
    accented: frozenset[str]
    weak: frozenset[str]


@dataclass(frozen=True)
class Found:
    kind: Kind
    id: str


def fold(text: str) -> str:
    """Lower case, without accents, đ as d: "Khai Sinh", "khai sinh" and NFD all the same."""
    taken_apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in taken_apart if not unicodedata.combining(c)).replace("đ", "d")


def tokens(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def index(guide: Guide) -> tuple[Entry, ...]:
    """Everything of the guide that can be found: life events before procedures before help."""
    groups = {group.id: group.name for group in guide.groups}
    entries = [_entry("event", e.id, (e.name.vi, *e.words, e.name.en), ()) for e in guide.events]
    for p in guide.procedures:
        strong = (p.everyday.vi, *p.words, p.name.vi, p.everyday.en, p.name.en, p.code, p.result.vi)
        weak = (*OLD_WORDS[p.level], *_OLD_PLACES, groups[p.group].vi if p.group in groups else "")
        entries.append(_entry("procedure", p.id, strong, weak))
    for a in guide.assists:
        entries.append(_entry("assist", a.id, (a.name.vi, *a.words, a.name.en), ()))
    return tuple(entries)


def find(entries: Iterable[Entry], typed: str) -> tuple[Found, ...]:
    """What `typed` may mean, best first, at most 20; nothing for an empty query.

    Every word must be there, the last one perhaps only begun. Words typed with their accents
    count for more where these are the same. "mức độ 4" finds all that is wholly online.
    """
    typed = " ".join(unicodedata.normalize("NFC", typed[: 4 * MOST_QUERY_CHARS]).split())
    typed = typed[:MOST_QUERY_CHARS]
    wanted = tokens(typed)
    if not wanted:
        return ()
    accented = {w for w in _WORD.findall(typed.casefold()) if fold(w) != w}
    scored = []
    for place, entry in enumerate(entries):
        score = _score(entry, wanted, accented)
        if score:
            scored.append((-score, place, entry))
    scored.sort(key=lambda one: one[:2])
    if scored and -scored[0][0] >= _PHRASE:  # words here and there only where nothing fits better
        scored = [one for one in scored if -one[0] >= _WEAK]
    return tuple(Found(entry.kind, entry.id) for _, _, entry in scored[:MOST_FOUND])


def _entry(kind: Kind, name: str, strong: Iterable[str], weak: Iterable[str]) -> Entry:
    phrases = tuple(t for t in (tokens(text) for text in strong) if t)
    written = " ".join(unicodedata.normalize("NFC", text.casefold()) for text in strong)
    return Entry(
        kind,
        name,
        phrases,
        frozenset(_WORD.findall(written)),
        frozenset(" ".join(tokens(text)) for text in weak if text),
    )


def _score(entry: Entry, wanted: tuple[str, ...], accented: set[str]) -> float:
    """0 for no match; a whole phrase before a part of one before words spread over several."""
    best = 0.0
    for place, phrase in enumerate(entry.phrases):
        # The same phrase is worth more where the entry names it first.
        near = 1.0 / (1 + place)
        if phrase == wanted:
            best = max(best, _WHOLE + near)
        elif _runs_through(phrase, wanted):
            best = max(best, _PHRASE + near + 10 * len(wanted) / len(phrase))
    if not best and " ".join(wanted) in entry.weak:
        best = _WEAK
    if not best:
        everything = {word for phrase in entry.phrases for word in phrase}
        everything |= {word for phrase in entry.weak for word in phrase.split()}
        *whole, last = wanted
        begun = (
            any(word.startswith(last) for word in everything)
            if len(last) > 1
            else (last in everything)
        )
        if begun and all(word in everything for word in whole):
            best = _SPREAD
    if not best:
        return 0
    told_apart = sum(1 for word in accented if word in entry.accented)
    return best + _ACCENTS * (told_apart / len(accented) if accented else 0)


def _runs_through(phrase: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Do the wanted words stand in the phrase in a row, the last one perhaps only begun?"""
    *whole, last = wanted
    for start in range(len(phrase) - len(wanted) + 1):
        part = phrase[start : start + len(wanted)]
        if list(part[:-1]) == whole and part[-1].startswith(last):
            return True
    return False
