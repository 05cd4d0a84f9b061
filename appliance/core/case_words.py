"""This file is a case as people read it: the same sentences on screen, slip and leaflet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from appliance.core.checklist import Case, Line
from appliance.core.guide import Agency, Capture, Form, Guide, Way
from appliance.core.guide_words import (
    Said,
    deadline_words,
    fee_words,
    source_words,
    time_words,
)

FORM: dict[Form, tuple[str, str]] = {
    "original": ("bản chính", "original"),
    "copy": ("bản sao", "copy"),
    "form": ("tờ khai", "form"),
    "information": ("bác tự khai", "you say it"),
}
CAPTURE: dict[Capture, tuple[str, str]] = {
    "yes": ("chụp tại đây", "photographed here"),
    "identity": ("không chụp – chỉ đưa ra xem", "not photographed – only shown"),
    "health": ("không bao giờ chụp – giấy sức khỏe", "never photographed – health paper"),
    "no": ("không cần chụp", "need not be photographed"),
}
AGENCY: dict[Agency, tuple[str, str]] = {
    "ward": (
        "Trung tâm Phục vụ hành chính công của phường, xã",
        "The ward's public-service centre",
    ),
    "police": (
        "Công an phường, xã. Có nhận sáng thứ Bảy.",
        "The police of the ward. Open on Saturday morning too.",
    ),
    "insurance": ("Bảo hiểm xã hội", "Social insurance"),
}
WAY: dict[Way, tuple[str, str]] = {
    "submit": ("Nộp được qua mạng, ngay tại đây.", "It can be filed online, right here."),
    "submit_then_appear": (
        "Nộp qua mạng tại đây, rồi đến phường để ký.",
        "Filed online here; then you go to the ward to sign.",
    ),
    "guide_and_book": (
        "Bác phải đến tận nơi. Ở đây chỉ hướng dẫn và hẹn giúp.",
        "You must go there. Here we explain and help to book.",
    ),
}
HEARSAY = ("có thể cần, hỏi phường", "perhaps needed, ask the ward")


@dataclass(frozen=True)
class PaperSaid:
    """One paper: `form` such as "bản chính", `capture` what the camera does, `doubt` or empty."""

    id: str
    name: str
    form: str
    capture: str
    photographed: bool
    why: str
    doubt: str
    serves: tuple[str, ...]
    have: bool
    is_form: bool


@dataclass(frozen=True)
class StepSaid:
    """One procedure of the case, in its order."""

    id: str
    code: str
    name: str
    official: str
    why: str
    fee: Said
    time: Said
    agency: str
    way: str
    deadline: str
    note: str
    result: str
    contact: str
    source: str
    current: bool


@dataclass(frozen=True)
class CaseSaid:
    id: str
    title: str
    steps: tuple[StepSaid, ...]
    papers: tuple[PaperSaid, ...]

    @property
    def bring(self) -> tuple[PaperSaid, ...]:
        return tuple(paper for paper in self.papers if paper.photographed)

    @property
    def show(self) -> tuple[PaperSaid, ...]:
        return tuple(paper for paper in self.papers if not paper.photographed)


def say_case(case: Case, guide: Guide, on: date, language: str) -> CaseSaid:
    """The case in words of one language, as things are on that day."""
    which = int(language == "en")
    steps = []
    for procedure, step in case.steps:
        contact = procedure.contact(on)
        steps.append(
            StepSaid(
                id=procedure.id,
                code=procedure.code,
                name=procedure.everyday.say(language),
                official=procedure.name.say(language),
                why=step.why.say(language) if step else "",
                fee=fee_words(procedure, on, language),
                time=time_words(procedure, on, language),
                agency=AGENCY[procedure.agency][which],
                way=WAY[procedure.way][which],
                deadline=deadline_words(procedure, on, language),
                note=procedure.note.say(language),
                result=procedure.result.say(language),
                contact=", ".join(
                    part for part in (contact.name, contact.phone, contact.address) if part
                )
                if contact
                else "",
                source=source_words(guide, procedure, language),
                current=procedure.known.sure(on),
            )
        )
    name = case.event.name if case.event else case.steps[0][0].everyday
    several = len(case.steps) > 1
    papers = tuple(_paper(line, language, several) for line in case.lines)
    return CaseSaid(case.id, name.say(language), tuple(steps), papers)


def _paper(line: Line, language: str, several: bool) -> PaperSaid:
    which = int(language == "en")
    return PaperSaid(
        id=line.paper.id,
        name=line.paper.name.say(language),
        form=FORM[line.paper.form][which],
        capture=CAPTURE[line.paper.capture][which],
        photographed=line.photographed,
        why=line.paper.why.say(language),
        doubt="" if line.sure else HEARSAY[which],
        serves=tuple(p.everyday.say(language) for p in line.asked_by) if several else (),
        have=line.have,
        is_form=line.paper.form == "form",
    )
