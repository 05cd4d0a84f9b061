"""This file proves the checklist: what is asked, which papers follow, and each paper only once."""

from __future__ import annotations

import pytest

from appliance.core.checklist import Case, case_of, holds
from appliance.errors import NotFound
from tests.core.guide_for_tests import built_in


def case(target: str, *answers: str, have: tuple[str, ...] = ()) -> Case:
    given = dict(answer.split("=") for answer in answers)
    return case_of(built_in(), target, given, have)


def papers(found: Case) -> list[str]:
    return [line.paper.id for line in found.lines]


BIRTH = ("cach-nop=mang", "chung-sinh=co", "sinh-dac-biet=khong", "ai-di=cha-me", "noi-o=roi")


def test_exactly_the_papers_of_the_case() -> None:
    """A birth like most: two papers. Each special answer adds or changes just its own."""
    assert papers(case("khai-sinh", *BIRTH)) == ["giay-chung-sinh", "can-cuoc"]
    told = case("khai-sinh", *BIRTH, "chung-sinh=khong", "ai-di=ngoai", "noi-o=khong-ro")
    assert papers(told) == ["cam-doan-sinh", "uy-quyen", "giay-cu-tru", "can-cuoc"]
    on_paper = case("khai-sinh", *BIRTH, "cach-nop=giay")
    assert "to-khai-khai-sinh" in papers(on_paper)


def test_a_grandmother_needs_no_letter() -> None:
    assert "uy-quyen" not in papers(case("khai-sinh", *BIRTH, "ai-di=than-thich"))


def test_open_questions_are_named_and_foreign_answers_passed_over() -> None:
    found = case("khai-sinh", "chung-sinh=co", "kieu-o=thue", "noi-o=somewhere")
    assert found.answers == {"chung-sinh": "co"}
    assert [q.id for q in found.open] == ["cach-nop", "sinh-dac-biet", "ai-di", "noi-o"]
    assert not found.answered


def test_a_procedure_without_questions_is_answered_at_once() -> None:
    found = case("1.014027")
    assert found.answered and papers(found) == ["mau-01-huu-tri"]


def test_what_I_have_is_ticked() -> None:
    found = case("khai-sinh", *BIRTH, have=("giay-chung-sinh", "never-heard-of"))
    assert [(line.paper.id, line.have) for line in found.lines] == [
        ("giay-chung-sinh", True), ("can-cuoc", False),
    ]  # fmt: skip
    assert [line.paper.id for line in found.missing] == ["can-cuoc"]


DEATH = ("cach-nop=mang", "bao-tu=co", "noi-o-cuoi=roi", "nguoi-nha=nha", "tam-muoi=khong")


def test_a_death_needs_its_paper_once() -> None:
    """Death, household, funeral support: one notification serves all three."""
    found = case("co-nguoi-mat", *DEATH, "tro-cap-nguoi-mat=xa-hoi")
    assert [p.id for p, _ in found.steps] == ["khai-tu", "xoa-thuong-tru", "mai-tang-bao-tro"]
    notice = next(line for line in found.lines if line.paper.id == "giay-bao-tu")
    assert [p.id for p in notice.asked_by] == ["khai-tu", "xoa-thuong-tru", "mai-tang-bao-tro"]
    assert not {"ban-sao-bao-tu", "ly-do-xoa"} & set(papers(found))
    long_ago = case("co-nguoi-mat", *DEATH, "bao-tu=khong", "tro-cap-nguoi-mat=xa-hoi")
    evidence = next(line for line in long_ago.lines if line.paper.id == "chung-cu-mat")
    assert len(evidence.asked_by) == 3


def test_steps_that_do_not_apply_are_left_out() -> None:
    """First what decides the steps is asked, and only then what they need."""
    first = case("co-nguoi-mat")
    assert [q.id for q in first.open] == ["tro-cap-nguoi-mat"]
    found = case("co-nguoi-mat", *DEATH, "tro-cap-nguoi-mat=khong")
    assert [p.id for p, _ in found.steps] == ["khai-tu", "xoa-thuong-tru"]
    assert "tam-muoi" not in [q.id for q in found.questions]


def test_every_case_ends_with_each_paper_once() -> None:
    """Whatever is answered, for every event and procedure: no dead end, nothing twice."""
    guide = built_in()
    for target in (*(e.id for e in guide.events), *(p.id for p in guide.procedures)):
        for pick in (0, 1, -1):
            answers: dict[str, str] = {}
            for _ in range(4):
                found = case_of(guide, target, answers)
                if found.answered:
                    break
                answers |= {q.id: q.answers[min(pick, len(q.answers) - 1)].id for q in found.open}
            assert found.answered and found.lines, target
            assert len(set(papers(found))) == len(found.lines)
            assert len(found.questions) <= 7, target
            shown = [line.photographed for line in found.lines]
            assert shown == sorted(shown, reverse=True), "papers only shown stand last"


def test_hearsay_about_a_paper_is_marked() -> None:
    found = case("ket-hon", "cach-nop=mang", "hai-noi=khac", "noi-o=roi")
    assert {line.paper.id: line.sure for line in found.lines} == {
        "giay-doc-than": False, "can-cuoc": True,
    }  # fmt: skip


def test_what_holds() -> None:
    answers = {"a": "1", "b": "2"}
    assert holds((), {}) and holds(("a=1",), answers) and holds(("a=9", "b=2"), answers)
    assert holds(("a=1 & b=2",), answers) and not holds(("a=1 & b=9",), answers)
    assert not any(holds((when,), {}) for when in ("a=1", "a=1 & b=2"))


def test_an_unknown_target() -> None:
    for target in ("", "nope", "1.999999", "🙂" * 50):
        with pytest.raises(NotFound):
            case(target)
