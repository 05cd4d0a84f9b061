"""This file prints the checklist of a case as a slip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from appliance.core.case_words import CaseSaid, PaperSaid, say_case
from appliance.core.checklist import Case, short_answers
from appliance.core.checklist_slip import checklist_slip
from appliance.core.guide import Guide
from appliance.core.moment import Moment
from appliance.core.slip import Slip
from appliance.core.who_goes import who_goes
from appliance.errors import BadInput
from appliance.service.slips import queue_for_anybody
from appliance.store.database import Store

if TYPE_CHECKING:
    from appliance.service.slip_content import House

KIND = "checklist"
MOST_A_MINUTE = 6


def ask_slip(store: Store, now: Moment, guide: Guide, case: Case, *, key: str, on: date) -> int:
    """Queue the slip of a case whose questions are answered; the print job's id.

    Raises BadInput (open_questions), TooMany (too_many_slips).
    """
    if case.open:
        raise BadInput("some questions have no answer yet", code="open_questions")
    return queue_for_anybody(
        store, now, key=key, kind=KIND, payload=payload_of(case, guide, on),
        most_a_minute=MOST_A_MINUTE,
    )  # fmt: skip


def payload_of(case: Case, guide: Guide, on: date) -> dict[str, Any]:
    """What the slip says, in Vietnamese; nothing about any person."""
    said = say_case(case, guide, on, "vi")
    return {
        "title": said.title,
        "target": said.id,
        "answers": short_answers(case),
        "steps": [
            f"{step.name}: {who_goes(procedure)}."
            for step, (procedure, _) in zip(said.steps, case.steps, strict=True)
        ],
        "have": [paper.name for paper in said.papers if paper.have],
        "bring": [_line(paper) for paper in said.bring if not paper.have],
        "show": [paper.name for paper in said.show if not paper.have],
        "facts": _facts(said, case),
    }


def slip_of(payload: Mapping[str, Any], house: House, copy_no: int) -> Slip:
    """The slip of a checklist job."""
    return checklist_slip(
        title=payload["title"],
        steps=payload["steps"],
        have=payload["have"],
        bring=payload["bring"],
        show=payload["show"],
        facts=payload["facts"],
        house_name=house.name,
        phone=house.phone,
        qr=_address(house, payload["target"], payload["answers"]),
        copy_no=copy_no,
    )


def _facts(said: CaseSaid, case: Case) -> list[str]:
    """Where to go, fee and time of a single procedure; of several, who must come along, and the
    resident's own deadlines."""
    facts = []
    if len(said.steps) == 1:
        step, (procedure, _) = said.steps[0], case.steps[0]
        goes = who_goes(procedure)
        facts += [f"{goes[0].upper()}{goes[1:]}.", *([step.note] if step.note else [])]
        fee = step.fee.text if not step.fee.by_ward else f"{step.fee.text} ({step.fee.by_ward})"
        facts += [" ".join([f"Lệ phí: {fee}.", *step.fee.more]), f"Thời gian: {step.time.text}."]
    facts += [step.note for step in said.steps if step.note and len(said.steps) > 1][:2]
    facts += [step.deadline for step in said.steps if step.deadline]
    return facts[:5]


def _line(paper: PaperSaid) -> str:
    """The heading says originals; a copy says so itself."""
    copy = paper.form == "bản sao" and not paper.name.startswith("Bản ")
    name = f"Bản sao: {paper.name}" if copy else paper.name
    return name + (f" – {paper.doubt}" if paper.doubt else "")


def _address(house: House, target: str, answers: str) -> str:
    return f"{house.address}/guide/{target}" + (f"?a={answers}" if answers else "")
