"""This file proves the ward's changes in the table, and that a visit keeps what it began with."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from appliance.bootstrap import read_guide
from appliance.core.guide import Guide
from appliance.core.guide_words import fee_words
from appliance.errors import BadInput, Conflict
from appliance.service import catalogue as service
from appliance.service import visits, working_days
from appliance.store import guide as kept
from appliance.store import visits as rows
from tests.service.conftest import House

TODAY = date(2026, 11, 23)
GUIDE: Guide = read_guide()
FEE = {"vnd": 15000, "per": "lần", "per_en": "time", "exempt": "hộ nghèo", "exempt_en": "the poor"}


def document(version: int = 3, **more: Any) -> dict[str, Any]:
    entry = {"code": "1.004884", "from": "2026-11-01", "fee": FEE}
    return {"version": version, "procedures": [entry], **more}


def apply(house: House, doc: dict[str, Any]) -> bool:
    return service.apply_override(house.store, house.clock.now(), GUIDE, doc)


def fee(house: House) -> str:
    found = service.current(house.store, GUIDE).procedure("lai-khai-sinh")
    return fee_words(found, TODAY, "vi").text


def visit(house: House) -> dict[str, Any]:
    taken = house.take()
    now = house.clock.now()
    opened = visits.open_visit(
        house.store, now, key=f"open-{taken.id}", volunteer=house.volunteer(f"V{taken.number}"),
        ticket_id=taken.id, catalogue_id=service.keep(house.store, now, house.catalogue, GUIDE),
    )  # fmt: skip
    found = rows.get(house.store, opened["id"])
    assert found is not None
    return found


def test_the_wards_word_is_taken_and_told(house: House) -> None:
    assert fee(house) == "Hỏi phường"
    assert apply(house, document()) is True
    assert fee(house) == "15.000 đồng mỗi lần"
    assert house.told("ops")[-1] == {"type": "catalogue", "version": 3, "procedures": 1, "days": 0}


def test_all_or_nothing(house: House) -> None:
    """A document broken in its last entry changes neither fee nor day, and tells nobody."""
    apply(house, document(days=[{"on": "2026-12-24", "works": False}]))
    told = len(house.told("ops"))
    bad = document(4, days=[{"on": "2026-12-25", "works": False}, {"on": "2026-12-99"}])
    with pytest.raises(BadInput, match=r"days\[2\].on"):
        apply(house, bad)
    assert kept.override_version(house.store) == 3
    assert kept.ward_days(house.store) == {date(2026, 12, 24): False}
    assert len(house.told("ops")) == told


def test_never_back_and_the_same_again_is_nothing(house: House) -> None:
    apply(house, document(5))
    assert apply(house, document(5)) is False
    for doc in (document(4), document(5, days=[{"on": "2026-12-24", "works": False}])):
        with pytest.raises(BadInput) as refused:
            apply(house, doc)
        assert refused.value.code == "old_version"
    assert apply(house, {"version": 6}) is True
    assert fee(house) == "Hỏi phường"  # the whole document is the wanted state


def test_the_wards_days_count(house: House) -> None:
    apply(house, document(days=[{"on": "2026-11-25", "works": False, "name": "Bão"}]))
    calendar = working_days.calendar(house.store)
    assert not calendar.works(date(2026, 11, 25)) and calendar.works(date(2026, 11, 26))
    assert working_days.national().works(date(2026, 11, 25))


def test_a_visit_keeps_what_it_began_with(house: House) -> None:
    """The ward changes a fee while a visit is open: that visit goes on with the old one."""
    before = visit(house)
    apply(house, document())
    after = visit(house)
    for row, text in ((before, "Hỏi phường"), (after, "15.000 đồng mỗi lần")):
        shown = service.of_visit(house.store, row, house.catalogue, GUIDE)
        assert fee_words(shown.guide.procedure("lai-khai-sinh"), TODAY, "vi").text == text
        assert shown.catalogue.services == house.catalogue.services
    assert before["catalogue_id"] != after["catalogue_id"]
    assert house.store.value("SELECT count(*) FROM kept_catalogues") == 2
    visit(house)
    assert house.store.value("SELECT count(*) FROM kept_catalogues") == 2


def test_a_visit_of_before_goes_by_todays(house: House) -> None:
    """Visits opened by the release before have no version: today's serves."""
    row = visit(house) | {"catalogue_id": None}
    apply(house, document())
    shown = service.of_visit(house.store, row, house.catalogue, GUIDE)
    assert shown.guide.ward_version == 3


ANSWERS = {
    "tro-cap-nguoi-mat": "xa-hoi", "cach-nop": "mang", "bao-tu": "co", "noi-o-cuoi": "roi",
    "nguoi-nha": "nha", "tam-muoi": "khong",
}  # fmt: skip


def test_a_case_gives_a_visit_its_papers(house: House) -> None:
    """A death in the family: the papers of all steps, the notification once."""
    row = visit(house)
    service.choose_case(house.store, row["id"], GUIDE, "co-nguoi-mat", ANSWERS)
    found = rows.get(house.store, row["id"])
    assert found is not None
    shown = service.of_visit(house.store, found, house.catalogue, GUIDE)
    papers = shown.catalogue.service(row["service_id"]).papers
    assert [p.id for p in papers].count("giay-bao-tu") == 1
    assert {p.id: p.capture for p in papers}["can-cuoc"] is False
    assert shown.case is not None and len(shown.case.steps) == 3
    visits.show_paper(house.store, row["id"], "can-cuoc", True, shown.catalogue)


def test_a_case_half_answered_or_too_late_is_refused(house: House) -> None:
    row = visit(house)
    with pytest.raises(BadInput, match="no answer"):
        service.choose_case(house.store, row["id"], GUIDE, "co-nguoi-mat", {})
    visits.finish(house.store, house.ram, house.clock.now(), row["id"], catalogue=house.catalogue)
    with pytest.raises(Conflict):
        service.choose_case(house.store, row["id"], GUIDE, "co-nguoi-mat", ANSWERS)


def test_a_case_the_guide_has_dropped_is_passed_over(house: House) -> None:
    row = visit(house)
    row["outcome"]["case"] = {"target": "gone", "answers": {}}
    shown = service.of_visit(house.store, row, house.catalogue, GUIDE)
    assert shown.case is None and shown.catalogue.services == house.catalogue.services


def test_nothing_of_a_person_is_kept(house: House) -> None:
    service.choose_case(house.store, visit(house)["id"], GUIDE, "co-nguoi-mat", ANSWERS)
    text = house.store.value("SELECT outcome FROM visits")
    assert set(json.loads(text)["case"]["answers"]) <= set(ANSWERS)
