"""This file is the guide: procedures, their papers, fees and times, each with where it is from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar

from appliance.core.table_reader import Words
from appliance.errors import NotFound

Confidence = Literal["high", "medium", "low"]
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")

Form = Literal["original", "copy", "form", "information"]
FORMS: tuple[Form, ...] = ("original", "copy", "form", "information")
# identity: shown only. health: shown to the officer only. no: brought along, nothing to photograph.
Capture = Literal["yes", "identity", "health", "no"]
CAPTURES: tuple[Capture, ...] = ("yes", "identity", "health", "no")

Agency = Literal["ward", "police", "insurance"]
AGENCIES: tuple[Agency, ...] = ("ward", "police", "insurance")
Way = Literal["submit", "submit_then_appear", "guide_and_book"]
WAYS: tuple[Way, ...] = ("submit", "submit_then_appear", "guide_and_book")
# part and full are "một phần" and "toàn trình": what used to be called level 3 and level 4.
Level = Literal["part", "full", "in_person", "book_online", "joint"]
LEVELS: tuple[Level, ...] = ("part", "full", "in_person", "book_online", "joint")
CHANNELS = ("online", "direct", "post")
Unit = Literal["working", "calendar", "now"]
UNITS: tuple[Unit, ...] = ("working", "calendar", "now")
DeadlineKind = Literal["within", "before", "evening", "age"]
DEADLINE_KINDS: tuple[DeadlineKind, ...] = ("within", "before", "evening", "age")


@dataclass(frozen=True)
class Source:
    """Where a fact was read: the paper, its date, and the day it was looked at."""

    id: str
    title: str
    on: date
    seen_on: date


@dataclass(frozen=True)
class Known:
    """What every fact says of itself. Outside of its dates a fact is not believed."""

    source: str
    confidence: Confidence
    effective_from: date | None
    effective_to: date | None
    by_ward: bool = False

    def holds(self, on: date) -> bool:
        after = self.effective_from is None or on >= self.effective_from
        return after and (self.effective_to is None or on <= self.effective_to)

    def sure(self, on: date) -> bool:
        """May this be told as a fact on that day?"""
        return self.confidence != "low" and self.holds(on)


@dataclass(frozen=True)
class Paper:
    id: str
    name: Words
    form: Form
    capture: Capture
    why: Words


@dataclass(frozen=True)
class Need:
    """A paper of one procedure. `when`: alternatives such as "a=b & c=d"; empty means always."""

    paper: str
    when: tuple[str, ...]
    known: Known


@dataclass(frozen=True)
class Answer:
    id: str
    say: Words


@dataclass(frozen=True)
class Question:
    id: str
    ask: Words
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Fee:
    """`vnd` dong for each `per`, None where nobody here knows; `exempt` who pays nothing."""

    vnd: int | None
    vnd_online: int | None
    per: Words
    exempt: Words
    known: Known


@dataclass(frozen=True)
class Time:
    """`days` until the result, None where nobody here knows. `same_day`: the 15:00 rule."""

    days: int | None
    unit: Unit
    same_day: bool
    longer: Words
    known: Known


@dataclass(frozen=True)
class Deadline:
    """A resident's own: `count` days, or years of age (kind age)."""

    kind: DeadlineKind
    count: int
    since: Words
    known: Known


@dataclass(frozen=True)
class Contact:
    """Whom to ask at the ward; only ever from the ward."""

    name: str
    phone: str
    address: str
    known: Known


Dated = TypeVar("Dated", Fee, Time, Contact)


@dataclass(frozen=True)
class Procedure:
    id: str
    code: str
    group: str
    name: Words
    everyday: Words
    words: tuple[str, ...]
    agency: Agency
    way: Way
    level: Level
    channels: tuple[str, ...]
    result: Words
    note: Words
    then: tuple[str, ...]
    needs: tuple[Need, ...]
    fees: tuple[Fee, ...]
    times: tuple[Time, ...]
    deadline: Deadline | None
    known: Known
    contacts: tuple[Contact, ...] = ()

    def fee(self, on: date) -> Fee | None:
        """The fee that may be told on that day; None: ask the ward."""
        best = self._best(self.fees, on)
        return best if best and best.vnd is not None else None

    def time(self, on: date) -> Time | None:
        """The time that may be told on that day; None: ask the ward."""
        best = self._best(self.times, on)
        return best if best and best.days is not None else None

    def contact(self, on: date) -> Contact | None:
        return self._best(self.contacts, on)

    def _best(self, facts: Sequence[Dated], on: date) -> Dated | None:
        """The ward's word first, its newest first; ours only while the whole entry is believed.

        What the ward says stands even where it says "not known": it has taken ours back.
        """
        ward = [fact for fact in facts if fact.known.by_ward and fact.known.holds(on)]
        if ward:
            return max(ward, key=lambda fact: fact.known.effective_from or date.min)
        if not self.known.sure(on):
            return None
        ours = (fact for fact in facts if not fact.known.by_ward and fact.known.sure(on))
        return next(ours, None)


@dataclass(frozen=True)
class Step:
    procedure: str
    when: tuple[str, ...]
    why: Words


@dataclass(frozen=True)
class Event:
    """What happens in a life: procedures in order.

    `assume` answers that go without asking; `same` papers of which the first one that is there
    stands for the others: a death notification serves every step.
    """

    id: str
    name: Words
    words: tuple[str, ...]
    steps: tuple[Step, ...]
    assume: tuple[str, ...] = ()
    same: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Assist:
    """Help that is no procedure."""

    id: str
    name: Words
    words: tuple[str, ...]
    ticket: bool
    internet: bool
    warning: Words
    confidence: Confidence


@dataclass(frozen=True)
class Group:
    id: str
    name: Words


@dataclass(frozen=True)
class Guide:
    """The whole of it. `version` counts up with every change of the built-in files."""

    version: int
    sources: tuple[Source, ...] = ()
    questions: tuple[Question, ...] = ()
    papers: tuple[Paper, ...] = ()
    groups: tuple[Group, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    events: tuple[Event, ...] = ()
    assists: tuple[Assist, ...] = ()
    ward_version: int = 0
    # The tables it was made from, so that a visit can keep them: {file name: table}.
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    def procedure(self, name: str) -> Procedure:
        """By id or by official code. Raises NotFound (unknown_procedure)."""
        found = self._procedures.get(name)
        if found is None:
            raise NotFound(f"no such procedure: {name[:40]!r}", code="unknown_procedure")
        return found

    def event(self, event_id: str) -> Event:
        return _one(self.events, event_id, "event")

    def question(self, question_id: str) -> Question:
        return _one(self.questions, question_id, "question")

    def paper(self, paper_id: str) -> Paper:
        found = self._papers.get(paper_id)
        if found is None:
            raise NotFound(f"no such paper: {paper_id[:40]!r}", code="unknown_paper")
        return found

    def source(self, source_id: str) -> Source | None:
        return next((s for s in self.sources if s.id == source_id), None)

    @cached_property
    def _procedures(self) -> dict[str, Procedure]:
        return {key: p for p in self.procedures for key in (p.id, p.code)}

    @cached_property
    def _papers(self) -> dict[str, Paper]:
        return {paper.id: paper for paper in self.papers}


Named = TypeVar("Named", Event, Question)


def _one(among: Iterable[Named], wanted: str, what: str) -> Named:
    for one in among:
        if one.id == wanted:
            return one
    raise NotFound(f"no such {what}: {wanted[:40]!r}", code=f"unknown_{what}")
