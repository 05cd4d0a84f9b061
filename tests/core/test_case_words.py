"""This file proves that a case says the same on screen, slip and leaflet, and nothing too long."""

from __future__ import annotations

from datetime import date

from appliance.core.case_words import say_case
from appliance.core.checklist import case_of, long_answers, short_answers
from appliance.core.checklist_slip import checklist_slip
from appliance.core.leaflet import leaflet
from appliance.core.slip import Item, Qr, Text
from tests.core.guide_for_tests import built_in

TODAY = date(2026, 11, 22)
DEATH = {
    "tro-cap-nguoi-mat": "xa-hoi", "cach-nop": "giay", "bao-tu": "co", "noi-o-cuoi": "chua",
    "nguoi-nha": "nha", "tam-muoi": "co",
}  # fmt: skip


def test_answers_in_digits_and_back() -> None:
    """Whatever the answers of a case: as many digits as questions, and the same answers again."""
    guide = built_in()
    for target in (*(e.id for e in guide.events), *(p.id for p in guide.procedures)):
        for pick in range(3):
            answers: dict[str, str] = {}
            while (case := case_of(guide, target, answers)).open:
                for q in case.open:
                    answers[q.id] = q.answers[pick % len(q.answers)].id
            digits = short_answers(case)
            assert len(digits) == len(case.questions)
            assert long_answers(guide, target, digits) == dict(case.answers)


def test_digits_that_fit_nothing() -> None:
    for digits in ("9", "0", "x", "🙂", "", "1" * 500):
        answers = long_answers(built_in(), "khai-sinh", digits)
        assert set(answers) <= {"cach-nop", "chung-sinh", "sinh-dac-biet", "ai-di", "noi-o"}


def test_shown_papers_are_apart_everywhere() -> None:
    """What is never photographed stands in its own list, on the leaflet and on the slip."""
    said = say_case(case_of(built_in(), "co-nguoi-mat", DEATH), built_in(), TODAY, "vi")
    assert [paper.id for paper in said.show] == ["can-cuoc"]
    assert "can-cuoc" not in [paper.id for paper in said.bring]
    sheet = leaflet(said, "vi", house_name="A", phone="1", today=TODAY)
    assert [part.shaded for part in sheet.parts] == [False, False, True]
    assert sheet.parts[1].rows[1].more == ("Bệnh viện hoặc nơi mất cấp", "Một tờ dùng cho 3 việc.")
    assert sheet.closing[-1].startswith("MIỄN PHÍ")


def test_a_leaflet_always_tells_fee_with_exemption_and_source() -> None:
    guide = built_in()
    for procedure in guide.procedures:
        for language in ("vi", "en"):
            said = say_case(case_of(guide, procedure.id, {}), guide, TODAY, language)
            sheet = leaflet(said, language, house_name="A", phone="", today=TODAY)
            facts = dict(next(part.facts for part in sheet.parts if part.facts))
            fee = facts["Fee" if language == "en" else "Lệ phí"].casefold()
            assert any(w in fee for w in ("free", "exempt", "miễn phí", "không phải trả")), fee
            assert ".." not in fee and any(said.steps[0].source in line for line in sheet.small)


def test_the_slip_names_every_paper() -> None:
    """Nothing asked for is left out for want of room in the list."""
    names = [f"Giấy {n}" for n in range(9)]
    slip = checklist_slip(
        title="Việc", steps=["Một"], have=[], bring=names, show=["Căn cước"],
        facts=["Lệ phí: hỏi phường."], house_name="A", phone="0236 1", qr="http://a/guide/x",
    )  # fmt: skip
    items = [block.text for block in slip.blocks if isinstance(block, Item)]
    assert items == [*names, "Căn cước"]
    texts = [block.text for block in slip.blocks if isinstance(block, Text)]
    assert "Chỉ đưa ra xem, không chụp:" in texts and any("OTP" in text for text in texts)
    assert isinstance(slip.blocks[-1], Qr)
