"""This file makes the guide from its tables; what is wrong in them is refused by file and key."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from appliance.core import guide as g
from appliance.core.table_reader import Reader, all_different
from appliance.errors import BadInput

CODE = re.compile(r"[0-9]\.[0-9]{6}")
_TERM = re.compile(r"[a-z0-9-]+=[a-z0-9-]+")
MOST_DONG = 100_000_000


def parse(files: Mapping[str, Mapping[str, Any]]) -> g.Guide:
    """The guide from {file name: its table}; one of them holds `version`.

    Raises BadInput naming the first thing that is wrong.
    """
    readers = [Reader(table, name) for name, table in sorted(files.items())]
    versions = [v for top in readers if (v := top.whole("version", 1, 2**31 - 1))]
    if len(versions) != 1:
        raise BadInput("the guide has its version in exactly one file", code="bad_field")
    guide = g.Guide(
        version=versions[0],
        tables=files,
        sources=tuple(_source(r) for top in readers for r in top.tables("sources")),
        questions=tuple(_question(r) for top in readers for r in top.tables("questions")),
        papers=tuple(_paper(r) for top in readers for r in top.tables("papers")),
        groups=tuple(
            g.Group(r.ident(), r.words("name", 60)) for top in readers for r in top.tables("groups")
        ),
        procedures=tuple(p for top in readers for p in _procedures(top)),
        events=tuple(_event(r) for top in readers for r in top.tables("events", 12)),
        assists=tuple(_assist(r) for top in readers for r in top.tables("assists")),
    )
    for top in readers:
        top.end()
    check(guide)
    return guide


def check(guide: g.Guide) -> None:
    """Everything named is there, and nothing twice. Raises BadInput."""
    for what in ("sources", "questions", "papers", "groups", "procedures", "events", "assists"):
        all_different([one.id for one in getattr(guide, what)], what)
    all_different([p.code for p in guide.procedures], "procedures with code")
    # One address serves them all.
    names = [e.id for e in guide.events] + [p.id for p in guide.procedures]
    all_different([*names, *(a.id for a in guide.assists)], "the name")
    terms = {f"{q.id}={a.id}" for q in guide.questions for a in q.answers}
    groups, sources = {x.id for x in guide.groups}, {s.id for s in guide.sources}
    papers, ids = {p.id for p in guide.papers}, {p.id for p in guide.procedures}
    for p in guide.procedures:
        _there(p.id, "group", [p.group], groups)
        _there(p.id, "papers", [n.paper for n in p.needs], papers)
        _there(p.id, "when", [t for n in p.needs for t in terms_of(n.when)], terms)
        _there(p.id, "then", p.then, ids)
        said = [n.known for n in p.needs] + [f.known for f in p.fees] + [t.known for t in p.times]
        said += [p.deadline.known] if p.deadline else []
        _there(p.id, "source", [p.known.source, *(one.source for one in said)], sources)
    for event in guide.events:
        _there(event.id, "procedure", [s.procedure for s in event.steps], ids)
        _there(event.id, "when", [t for s in event.steps for t in terms_of(s.when)], terms)
        _there(event.id, "assume", event.assume, terms)
        _there(event.id, "same", [paper for one in event.same for paper in one], papers)


def terms_of(when: tuple[str, ...]) -> list[str]:
    """The single conditions "question=answer" of a `when`."""
    return [term.strip() for one in when for term in one.split("&")]


def _there(where: str, key: str, wanted: Any, known: set[str]) -> None:
    for one in wanted:
        if one not in known:
            raise BadInput(f"{where}.{key}: {one!r} is not there", code="bad_field")


def _source(r: Reader) -> g.Source:
    on, seen_on = r.day("on"), r.day("seen_on")
    if on is None or seen_on is None:
        raise r.fail("on", "a source has both its days")
    return g.Source(r.ident(), r.text("title", 80), on, seen_on)


def _question(r: Reader) -> g.Question:
    answers = tuple(g.Answer(a.ident(), a.words("say", 60)) for a in r.tables("answers", 5))
    if len(answers) < 2:
        raise r.fail("answers", "a question has at least two answers")
    all_different([a.id for a in answers], f"{r.where}: answer")
    return g.Question(r.ident(), r.words("ask", 80), answers)


def _paper(r: Reader) -> g.Paper:
    paper = g.Paper(
        r.ident(),
        r.words("name", 60),
        cast(g.Form, r.choice("form", g.FORMS)),
        cast(g.Capture, r.choice("capture", g.CAPTURES)),
        r.words("why", 80),
    )
    r.end()
    return paper


def _procedures(top: Reader) -> list[g.Procedure]:
    readers = top.tables("procedures")
    group = top.ident("group") if readers or "group" in top.table else ""
    return [_procedure(r, group) for r in readers]


def _procedure(r: Reader, group: str) -> g.Procedure:
    known = _known(r, g.Known("", "low", None, None))
    if known.effective_from is None:
        raise r.fail("effective_from", "is missing")
    code = r.text("code", 20)
    if not CODE.fullmatch(code):
        raise r.fail("code", "looks like 1.001193")
    deadline = r.inner("deadline")
    channels = r.texts("channels", 3, 10)
    if not channels or set(channels) - set(g.CHANNELS):
        raise r.fail("channels", f"one or more of {', '.join(g.CHANNELS)}")
    fees = tuple(read_fee(f, known) for f in r.tables("fees", 5))
    procedure = g.Procedure(
        id=r.ident(),
        code=code,
        group=group,
        name=r.words("name", 160),
        everyday=r.words("everyday", 50),
        words=r.texts("words", 12, 40),
        agency=cast(g.Agency, r.choice("agency", g.AGENCIES)),
        way=cast(g.Way, r.choice("way", g.WAYS)),
        level=cast(g.Level, r.choice("level", g.LEVELS)),
        channels=channels,
        result=r.words("result", 80),
        note=r.words("note", 160, needed=False),
        then=r.texts("then", 5, 40),
        needs=tuple(_need(n, known) for n in r.tables("papers", 20)),
        fees=fees,
        times=tuple(read_time(t, known) for t in r.tables("times", 5)),
        deadline=_deadline(deadline, known) if deadline else None,
        known=known,
    )
    r.end()
    return procedure


def _need(r: Reader, known: g.Known) -> g.Need:
    need = g.Need(r.ident("paper"), _when(r), _known(r, known))
    r.end()
    return need


def read_fee(r: Reader, known: g.Known) -> g.Fee:
    """A fee table, also as the ward sends it."""
    fee = g.Fee(
        vnd=r.whole("vnd", 0, MOST_DONG),
        vnd_online=r.whole("vnd_online", 0, MOST_DONG),
        per=r.words("per", 60, needed=False),
        exempt=r.words("exempt", 80, needed=False),
        known=_known(r, known),
    )
    r.end()
    return fee


def read_time(r: Reader, known: g.Known) -> g.Time:
    """A time table, also as the ward sends it."""
    time = g.Time(
        days=r.whole("days", 0, 400),
        unit=cast(g.Unit, r.choice("unit", g.UNITS, "working")),
        same_day=r.yes_no("same_day", False),
        longer=r.words("longer", 120, needed=False),
        known=_known(r, known),
    )
    if time.days == 0 and time.unit != "now":
        raise r.fail("days", "none is said as unit = now")
    r.end()
    return time


def _deadline(r: Reader, known: g.Known) -> g.Deadline:
    kind = cast(g.DeadlineKind, r.choice("kind", g.DEADLINE_KINDS))
    count = r.whole("days", 0, 400)
    if count is None:
        raise r.fail("days", "is missing")
    deadline = g.Deadline(kind, count, r.words("since", 60), _known(r, known))
    r.end()
    return deadline


def _known(r: Reader, base: g.Known) -> g.Known:
    """Source, confidence and dates of a fact; what it does not say is as in its procedure.

    A fee or time of its own dates (`from`, `until`) stays inside those of the procedure."""
    first = r.day("effective_from") or r.day("from") or base.effective_from
    last = r.day("effective_to") or r.day("until") or base.effective_to
    if first and last and first > last:
        raise r.fail("effective_to", "is before effective_from")
    return dataclasses.replace(
        base,
        source=r.text("source", 40, default=base.source or None),
        confidence=cast(
            g.Confidence, r.choice("confidence", g.CONFIDENCES, base.confidence or None)
        ),
        effective_from=first,
        effective_to=_earlier(last, base.effective_to),
    )


def _earlier(a: date | None, b: date | None) -> date | None:
    return min(a, b) if a and b else a or b


def _when(r: Reader) -> tuple[str, ...]:
    when = r.texts("when", 6, 120)
    for term in terms_of(when):
        if not _TERM.fullmatch(term):
            raise r.fail("when", f"{term!r} is not question=answer")
    return when


def _event(r: Reader) -> g.Event:
    steps = tuple(
        g.Step(s.ident("procedure"), _when(s), s.words("why", 80)) for s in r.tables("steps", 8)
    )
    if not steps:
        raise r.fail("steps", "a life event has at least one step")
    event = g.Event(
        r.ident(),
        r.words("name", 30),
        r.texts("words", 12, 40),
        steps,
        assume=r.texts("assume", 8, 60),
        same=r.lists("same", 8, 40),
    )
    r.end()
    return event


def _assist(r: Reader) -> g.Assist:
    assist = g.Assist(
        r.ident(),
        r.words("name", 60),
        r.texts("words", 12, 40),
        r.yes_no("ticket"),
        r.yes_no("internet"),
        r.words("warning", 120, needed=False),
        cast(g.Confidence, r.choice("confidence", g.CONFIDENCES)),
    )
    r.end()
    return assist
