"""This file proves the built-in guide: whole, cautious, private, readable; and broken ones refused.

What is asked of the data itself stands here too: every fee with who is exempt, nothing hearsay
told as a fact, no identity card or health paper ever photographed, short sentences.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

import pytest

from appliance.core.guide_parse import parse, terms_of
from appliance.core.guide_words import ASK, deadline_words, fee_words, source_words, time_words
from appliance.errors import BadInput, NotFound
from tests.core.guide_for_tests import built_in, tables

TODAY = date(2026, 11, 22)
LATER = date(2027, 3, 1)
MOST_WORDS = 15


def test_all_procedures_and_services_are_there() -> None:
    guide = built_in()
    assert (len(guide.procedures), len(guide.assists), len(guide.events)) == (45, 20, 6)
    assert guide.procedure("1.001193") is guide.procedure("khai-sinh")
    with pytest.raises(NotFound):
        guide.procedure("🙂")


def test_every_fact_says_where_it_is_from() -> None:
    """Source, confidence and a first day on every procedure, fee, time, paper and deadline."""
    guide = built_in()
    known = {source.id for source in guide.sources}
    for p in guide.procedures:
        facts = [p.known, *(n.known for n in p.needs), *(f.known for f in p.fees)]
        facts += [t.known for t in p.times] + ([p.deadline.known] if p.deadline else [])
        assert p.fees and p.times, p.id
        for fact in facts:
            assert fact.source in known and fact.effective_from and fact.confidence, p.id
        for language in ("vi", "en"):
            assert source_words(guide, p, language)


def test_hearsay_is_never_a_fact() -> None:
    """Low confidence, or a rule that is over: "hỏi phường", whatever number stands behind."""
    guide = built_in()
    for p in guide.procedures:
        for on in (TODAY, LATER):
            fee, time = p.fee(on), p.time(on)
            for fact in (fee, time):
                assert fact is None or (fact.known.confidence != "low" and fact.known.holds(on))
            if p.known.confidence == "low" or not p.known.holds(on):
                assert fee is None and time is None, p.id
            assert (fee is None) == (fee_words(p, on, "vi").text == ASK["vi"]), p.id
            assert (time is None) == (time_words(p, on, "vi").text == ASK["vi"]), p.id
    assert guide.procedure("lien-thong-tre-em").time(TODAY) is None
    assert guide.procedure("khai-sinh").fee(TODAY) is None
    # The new law of 1 March 2027 changes all fifteen of them.
    assert sum(p.time(LATER) is None for p in guide.procedures if p.group == "ho-tich") == 15


def test_a_fee_is_always_told_with_who_pays_nothing() -> None:
    for p in built_in().procedures:
        for language in ("vi", "en"):
            said = fee_words(p, TODAY, language)
            told = f"{said.text} {' '.join(said.more)}".casefold()
            mark = r"miễn phí|không phải trả" if language == "vi" else r"free for|exempt"
            assert re.search(mark, told), (p.id, told)


def test_words_of_fees_and_times() -> None:
    guide = built_in()

    def fee(name: str, on: date = TODAY) -> str:
        said = fee_words(guide.procedure(name), on, "vi")
        return " | ".join([said.text, *said.more])

    assert fee("ban-sao-ho-tich") == (
        "8.000 đồng mỗi bản | Không phải trả: người có công, hộ nghèo, người khuyết tật."
    )
    assert fee("doc-than").startswith("Hỏi phường | Không phải trả: người có công")
    assert fee("dang-ky-ket-hon") == "Miễn phí cho mọi người"
    assert fee("tam-tru").split(" | ")[1] == "Nộp qua mạng: 7.000 đồng."
    assert fee("doi-can-cuoc") != fee("doi-can-cuoc", date(2027, 1, 1))
    assert fee("doi-can-cuoc", date(2026, 12, 31)).startswith("25.000 đồng mỗi thẻ")
    assert fee("doi-can-cuoc", date(2027, 1, 1)).startswith("50.000 đồng mỗi thẻ")
    same = time_words(guide.procedure("khai-sinh"), TODAY, "vi")
    assert same.text == "Trong ngày, nếu nộp trước 3 giờ chiều"
    assert time_words(guide.procedure("thuong-tru"), TODAY, "en").text == "7 working days"
    assert time_words(guide.procedure("ho-ngheo"), TODAY, "vi").text == "15 ngày"
    assert deadline_words(guide.procedure("khai-sinh"), TODAY, "vi") == (
        "Bác làm trong 60 ngày, tính từ ngày sinh."
    )


def test_identity_and_health_papers_are_never_photographed() -> None:
    for paper in built_in().papers:
        name = paper.name.vi.casefold()
        if re.search(r"căn cước|hộ chiếu|vneid", name):
            assert paper.capture == "identity", paper.id
        if re.search(r"khám|bệnh|y tế|khuyết tật|thai|sức khỏe", name) and paper.form != "form":
            assert paper.capture in ("health", "no"), paper.id


def test_sentences_are_short_and_nothing_is_abbreviated() -> None:
    """At most 15 words a sentence, no official shorthand, both languages filled in."""
    guide = built_in()
    said = [(p.id, w) for p in guide.papers for w in (p.name, p.why)]
    said += [(q.id, w) for q in guide.questions for w in (q.ask, *(a.say for a in q.answers))]
    for p in guide.procedures:
        said += [(p.id, p.everyday), (p.id, p.result), (p.id, p.note)]
        said += [(p.id, f.exempt) for f in p.fees] + [(p.id, t.longer) for t in p.times]
    said += [(a.id, w) for a in guide.assists for w in (a.name, a.warning)]
    said += [(e.id, w) for e in guide.events for w in (e.name, *(s.why for s in e.steps))]
    for name, words in said:
        assert bool(words.vi) == bool(words.en), name
        for sentence in re.split(r"[.?!]\s", words.vi):
            assert len(sentence.split()) <= MOST_WORDS, (name, sentence)
        assert not re.search(r"\b(TTHC|DVC|DVCTT|UBND|HĐND|CSDL|BHYT|PVHCC)\b", words.vi), name


def test_few_questions() -> None:
    """Nobody is asked more than five about one procedure."""
    for p in built_in().procedures:
        asked = {t.split("=")[0] for need in p.needs for t in terms_of(need.when)}
        assert len(asked) <= 5, p.id


def change(path: str, value: Any) -> dict[str, Any]:
    found = tables()
    file, *steps, last = path.split("/")
    target: Any = found[file]
    for step in steps:
        target = target[int(step)] if step.isdigit() else target[step]
    if value is None:
        del target[int(last) if last.isdigit() else last]
    else:
        target[last] = value
    return found


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("civil-status.toml/procedures/0/code", "1.1", r"civil-status.toml.procedures\[1\].code"),
        ("civil-status.toml/procedures/2/name", 7, r"procedures\[3\].name"),
        ("civil-status.toml/procedures/0/name_en", None, "name_en"),
        ("civil-status.toml/procedures/0/source", "hearsay", "source: 'hearsay'"),
        ("civil-status.toml/procedures/0/confidence", "sure", "confidence: must be one of"),
        ("civil-status.toml/procedures/0/effective_from", None, "effective_from"),
        ("civil-status.toml/procedures/0/effective_to", "2020-01-01", "before effective_from"),
        ("civil-status.toml/procedures/0/fee", 3, "nobody knows this key"),
        ("civil-status.toml/procedures/0/fees/0/vnd", -1, r"fees\[1\].vnd"),
        ("civil-status.toml/procedures/0/fees/0/vnd", True, r"fees\[1\].vnd"),
        ("civil-status.toml/procedures/0/times/0/days", 0, "unit = now"),
        ("civil-status.toml/procedures/0/papers/0/paper", "no-such", "no-such"),
        ("civil-status.toml/procedures/0/papers/0/when", ["cach-nop=bay"], "cach-nop=bay"),
        ("civil-status.toml/procedures/0/papers/0/when", ["cach-nop"], "question=answer"),
        ("civil-status.toml/procedures/0/deadline/days", None, "deadline.days"),
        ("civil-status.toml/procedures/0/everyday", "x" * 51, "51 characters"),
        ("civil-status.toml/procedures/0/words", "one", "words"),
        ("civil-status.toml/procedures/1/id", "khai-sinh", "twice"),
        ("civil-status.toml/procedures/1/code", "1.001193", "twice"),
        ("civil-status.toml/group", "no-such", "group"),
        ("papers.toml/papers/0/capture", "always", "capture"),
        ("papers.toml/papers/0/why", "bad\x00sign", "cannot be shown"),
        ("questions.toml/questions/0/answers", [], "two answers"),
        ("life-events.toml/events/0/steps", [], "at least one step"),
        ("life-events.toml/events/0/assume", ["x=y"], "x=y"),
        ("sources.toml/sources/0/on", "2026-02-30", "no such day"),
        ("guide.toml/version", 0, "version"),
        ("guide.toml/version", None, "version"),
    ],
)
def test_a_broken_guide_is_refused_by_file_and_key(path: str, value: Any, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        parse(change(path, value))


def test_texts_are_composed() -> None:
    """A file written with loose accents is read as any other."""
    found = change("papers.toml/papers/0/name", unicodedata.normalize("NFD", "Căn cước"))
    assert {p.id: p.name.vi for p in parse(found).papers}["can-cuoc"] == "Căn cước"
