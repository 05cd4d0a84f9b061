"""This file makes the checklist for one case: what to ask, and then exactly the papers needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from appliance.core.guide import Event, Guide, Need, Paper, Procedure, Question, Step
from appliance.core.guide_parse import terms_of

MOST_ANSWERS = 20
MOST_HAVE = 60


@dataclass(frozen=True)
class Line:
    """One paper of the list. `asked_by` the procedures that need it; `sure` False where the need
    itself is hearsay: ask the ward. `have` the resident's own tick."""

    paper: Paper
    asked_by: tuple[Procedure, ...]
    sure: bool
    have: bool

    @property
    def photographed(self) -> bool:
        return self.paper.capture == "yes"


@dataclass(frozen=True)
class Case:
    """One procedure, or the steps of a life event that apply; questions in the order asked."""

    id: str
    event: Event | None
    steps: tuple[tuple[Procedure, Step | None], ...]
    questions: tuple[Question, ...]
    answers: Mapping[str, str]
    open: tuple[Question, ...]
    lines: tuple[Line, ...]

    @property
    def answered(self) -> bool:
        return not self.open

    @property
    def missing(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.have)


def case_of(
    guide: Guide,
    target: str,
    answers: Mapping[str, str],
    have: Iterable[str] = (),
) -> Case:
    """The case `target` (id of a life event or procedure, or a code) under these answers.

    Answers nobody asked for, or that are none of the choices, are passed over. Questions that
    only matter for steps which do not apply are not asked. Raises NotFound.
    """
    event = next((one for one in guide.events if one.id == target), None)
    if event is None:
        plan: list[tuple[Procedure, Step | None]] = [(guide.procedure(target), None)]
    else:
        plan = [(guide.procedure(step.procedure), step) for step in event.steps]
    assumed = dict(term.split("=") for term in (event.assume if event else ()))
    legal = _legal(guide, answers) | assumed
    first = _ids(term for _, step in plan if step for term in terms_of(step.when))
    steps = [(p, s) for p, s in plan if s is None or holds(s.when, legal)]
    if all(one in legal for one in first):
        then = _ids(t for p, _ in steps for need in p.needs for t in terms_of(need.when))
    else:
        then = []  # first what decides which steps apply, then what decides the papers
    wanted = [one for one in dict.fromkeys([*first, *then]) if one not in assumed]
    questions = tuple(guide.question(one) for one in wanted)
    kept = {one: legal[one] for one in wanted if one in legal}
    same = event.same if event else ()
    return Case(
        id=event.id if event else plan[0][0].id,
        event=event,
        steps=tuple(steps),
        questions=questions,
        answers=kept,
        open=tuple(q for q in questions if q.id not in kept),
        lines=_lines(guide, [p for p, _ in steps], kept | assumed, set(have), same),
    )


def short_answers(case: Case) -> str:
    """The answers as one digit each, in the order asked: short enough for a small QR code."""
    places = [
        [answer.id for answer in question.answers].index(case.answers[question.id])
        for question in case.questions
        if question.id in case.answers
    ]
    return "".join(str(place + 1) for place in places)


def long_answers(guide: Guide, target: str, digits: str) -> dict[str, str]:
    """The answers behind the digits of `short_answers`; those that fit nothing are left out."""
    answers: dict[str, str] = {}
    left = list(digits[:MOST_ANSWERS])
    while left:
        waiting = case_of(guide, target, answers).open
        if not waiting:
            break
        for question in waiting:
            place = int(left.pop(0)) if left and left[0] in "123456789" else 0
            if not 1 <= place <= len(question.answers):
                return answers
            answers[question.id] = question.answers[place - 1].id
    return answers


def holds(when: tuple[str, ...], answers: Mapping[str, str]) -> bool:
    """Do these answers fulfil one of the alternatives? None given means always."""
    return not when or any(
        all(
            answers.get(question) == answer
            for question, answer in (term.strip().split("=") for term in one.split("&"))
        )
        for one in when
    )


def _lines(
    guide: Guide,
    procedures: list[Procedure],
    answers: Mapping[str, str],
    have: set[str],
    same: tuple[tuple[str, ...], ...],
) -> tuple[Line, ...]:
    """Every paper once, however many procedures ask for it: those only shown last."""
    needed = [(p, need) for p in procedures for need in p.needs if holds(need.when, answers)]
    there = {need.paper for _, need in needed}
    stands_in = {
        paper: next(one for one in alike if one in there)
        for alike in same
        for paper in alike
        if there & set(alike)
    }
    asked: dict[str, list[tuple[Procedure, Need]]] = {}
    for procedure, need in needed:
        asked.setdefault(stands_in.get(need.paper, need.paper), []).append((procedure, need))
    lines = [
        Line(
            paper=guide.paper(paper_id),
            asked_by=tuple(dict.fromkeys(p for p, _ in by)),
            sure=any(need.known.confidence != "low" for _, need in by),
            have=paper_id in have,
        )
        for paper_id, by in asked.items()
    ]
    return tuple(sorted(lines, key=lambda line: not line.photographed))


def _legal(guide: Guide, answers: Mapping[str, str]) -> dict[str, str]:
    legal = {}
    for question in guide.questions:
        given = answers.get(question.id)
        if given in {answer.id for answer in question.answers} and given is not None:
            legal[question.id] = given
    return legal


def _ids(terms: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(term.split("=")[0] for term in terms))
