"""This file is the A4 leaflet of a case: what stands on it, no font and no page in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from appliance.core.case_words import CaseSaid, PaperSaid, StepSaid
from appliance.core.guide_words import day_words
from appliance.core.slip_texts import FREE_LINE, NOT_OFFICIAL_LINE

_VI = {
    "kicker": "Giấy cần mang", "bring": "Bác mang theo", "show": "Chỉ đưa ra xem, không chụp",
    "steps": "Các việc, làm theo thứ tự", "fee": "Lệ phí", "time": "Thời gian",
    "where": "Nơi giải quyết", "how": "Cách làm", "deadline": "Hạn của bác", "note": "Nhớ",
    "contact": "Hỏi ở phường", "serves": "Một tờ dùng cho {n} việc.", "made": "In ngày {day}",
    "call": "Cần hỏi, bác gọi {phone}", "nothing": "Không cần mang giấy nào.",
    "result": "Bác nhận được",
}  # fmt: skip
_EN = {
    "kicker": "What to bring", "bring": "Bring along", "show": "Only shown, never photographed",
    "steps": "What to do, in this order", "fee": "Fee", "time": "Time",
    "where": "Office", "how": "How", "deadline": "Your deadline", "note": "Note",
    "contact": "At the ward", "serves": "One paper for {n} of these.", "made": "Printed on {day}",
    "call": "Questions: call {phone}", "nothing": "No paper is needed.",
    "result": "You receive",
}  # fmt: skip
_FREE_EN = "FREE – give nobody your password or OTP"
_NOT_OFFICIAL_EN = "A guide only – not the official receipt"


@dataclass(frozen=True)
class Row:
    """A line to tick, or a numbered one: `mark` is box, ticked, or a number."""

    mark: str
    text: str
    tag: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A heading with rows to tick or facts below it; `quiet` parts stand on a shaded ground."""

    heading: str
    rows: tuple[Row, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    shaded: bool = False


@dataclass(frozen=True)
class Leaflet:
    language: str
    kicker: str
    title: str
    under: str
    parts: tuple[Part, ...]
    closing: tuple[str, ...]
    small: tuple[str, ...]


def leaflet(said: CaseSaid, language: str, *, house_name: str, phone: str, today: date) -> Leaflet:
    """The leaflet of a case in one language."""
    say = _EN if language == "en" else _VI
    one = len(said.steps) == 1
    parts: list[Part] = []
    if not one:
        rows = tuple(
            Row(str(n), step.name, more=_step_more(step, say))
            for n, step in enumerate(said.steps, 1)
        )
        parts.append(Part(say["steps"], rows))
    if said.bring:
        parts.append(Part(say["bring"], tuple(_row(p, say) for p in said.bring)))
    if said.show:
        parts.append(Part(say["show"], tuple(_row(p, say) for p in said.show), shaded=True))
    if one:
        parts.append(Part("", facts=_facts(said.steps[0], say)))
    first = said.steps[0]
    codes = ", ".join(f"{step.official} ({step.code})" for step in said.steps)
    closing = [_FREE_EN if language == "en" else FREE_LINE]
    if phone.strip():
        closing.insert(0, say["call"].format(phone=phone))
    return Leaflet(
        language=language,
        kicker=say["kicker"],
        title=said.title,
        under=f"{first.official} · {first.code}" if one else "",
        parts=tuple(parts),
        closing=tuple(closing),
        small=(
            house_name,
            _NOT_OFFICIAL_EN if language == "en" else NOT_OFFICIAL_LINE,
            first.source if one else codes,
            say["made"].format(day=day_words(today, today, language) + f" {today.year}"),
        ),
    )


def _row(paper: PaperSaid, say: dict[str, str]) -> Row:
    tag = "" if paper.is_form else paper.form if paper.photographed else paper.capture
    more = [paper.why]
    if paper.doubt:
        more.append(paper.doubt[0].upper() + paper.doubt[1:] + ".")
    if len(paper.serves) > 1:
        more.append(say["serves"].format(n=len(paper.serves)))
    return Row("ticked" if paper.have else "box", paper.name, tag, tuple(more))


def _step_more(step: StepSaid, say: dict[str, str]) -> tuple[str, ...]:
    fee = f"{say['fee']}: {step.fee.text}" + (f" ({step.fee.by_ward})" if step.fee.by_ward else "")
    time = f"{say['time']}: {step.time.text}"
    # What belongs to the fee comes right after it: a fee without who is exempt is half a fact.
    return tuple(
        text
        for text in (step.why, step.deadline, _sentences(fee, *step.fee.more), time, step.agency)
        if text
    )


def _facts(step: StepSaid, say: dict[str, str]) -> tuple[tuple[str, str], ...]:
    fee = [step.fee.text + (f" ({step.fee.by_ward})" if step.fee.by_ward else ""), *step.fee.more]
    time = [step.time.text + (f" ({step.time.by_ward})" if step.time.by_ward else "")]
    facts = [
        (say["fee"], _sentences(*fee)),
        (say["time"], _sentences(*time, *step.time.more)),
        (say["deadline"], step.deadline),
        (say["where"], step.agency),
        (say["how"], step.way),
        (say["contact"], step.contact),
        (say["note"], step.note),
        (say["result"], step.result),
    ]
    return tuple((key, value) for key, value in facts if value)


def _sentences(*texts: str) -> str:
    """One after the other, each with its full stop; a single one goes without."""
    if len(texts) == 1:
        return texts[0]
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in texts)
