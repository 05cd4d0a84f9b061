"""This file proves what a ward may change: dated, beside our own facts, refused by key and line."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from appliance.core.guide_words import fee_words, time_words
from appliance.core.ward_override import line_of, merge, parse
from appliance.errors import BadInput
from tests.core.guide_for_tests import built_in

FEE = {"vnd": 15000, "per": "lần", "per_en": "time", "exempt": "hộ nghèo", "exempt_en": "the poor"}


def document(*procedures: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 3, "procedures": list(procedures), **more}


def entry(**more: Any) -> dict[str, Any]:
    return {"code": "1.004884", "from": "2026-12-01", "to": "2027-06-30", "fee": FEE} | more


def test_the_wards_fee_counts_between_its_days() -> None:
    """Before, ours; between, theirs, said to be theirs; after, ours again."""
    guide = merge(built_in(), parse(document(entry()), built_in()))
    p = guide.procedure("lai-khai-sinh")
    theirs = "15.000 đồng mỗi lần"
    told = {"2026-11-30": "Hỏi phường", "2026-12-01": theirs, "2027-06-30": theirs}
    for day, text in (told | {"2027-07-01": "Hỏi phường"}).items():
        assert fee_words(p, date.fromisoformat(day), "vi").text == text, day
    said = fee_words(p, date(2026, 12, 24), "vi")
    assert said.by_ward == "theo phường, từ ngày 1 tháng 12 năm 2026"
    assert said.more == ("Không phải trả: hộ nghèo.",)
    assert fee_words(p, date(2026, 12, 24), "en").by_ward.endswith("1 December 2026")
    assert guide.ward_version == 3 and built_in().ward_version == 0


def test_of_two_the_newer_counts_and_a_time_is_its_own() -> None:
    later = entry(**{"from": "2027-01-01", "fee": FEE | {"vnd": 9000}})
    time = {"code": "1.004884", "from": "2026-01-01", "time": {"days": 2}}
    guide = merge(built_in(), parse(document(entry(), later, time), built_in()))
    p = guide.procedure("lai-khai-sinh")
    assert fee_words(p, date(2027, 1, 2), "vi").text == "9.000 đồng mỗi lần"
    assert time_words(p, date(2026, 11, 22), "vi").text == "2 ngày làm việc"


def test_the_ward_may_take_a_fact_back() -> None:
    """A fee without a sum: nobody is to tell ours any more."""
    doc = document({"code": "1.000894", "from": "2026-01-01", "fee": {}})
    guide = merge(built_in(), parse(doc, built_in()))
    p = guide.procedure("dang-ky-ket-hon")
    assert fee_words(p, date(2026, 11, 22), "vi").text == "Hỏi phường"


def test_whom_to_ask() -> None:
    contact = {"name": "Chị Hạnh, hộ tịch", "phone": "0236 3555 999", "address": "12 Lê Lợi"}
    doc = document({"code": "1.001193", "from": "2026-01-01", "contact": contact})
    found = merge(built_in(), parse(doc, built_in())).procedure("khai-sinh")
    told = found.contact(date(2026, 11, 22))
    assert told is not None and told.phone == "0236 3555 999"
    assert found.contact(date(2025, 1, 1)) is None


def test_a_guide_without_an_override_is_the_guide() -> None:
    assert merge(built_in(), None) is built_in()


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ({}, "catalogue.version"),
        (document(version=0), "catalogue.version"),
        (document(version="3"), "catalogue.version"),
        (document(colour="red"), "catalogue.colour"),
        (document(entry(), entry(code="9.999999")), r"procedures\[2\].code"),
        (document(entry(code=7)), r"procedures\[1\].code"),
        (document({"code": "1.001193", "fee": FEE}), r"procedures\[1\].from"),
        (document(entry(to="2026-11-30")), r"procedures\[1\].to: is before"),
        (document(entry(fee=None)), r"procedures\[1\].fee"),
        (document(entry(fee=FEE | {"vnd": -5})), r"procedures\[1\].fee.vnd"),
        (document(entry(fee=FEE | {"exempt": "", "exempt_en": ""})), "says who does not pay"),
        (document(entry(fee=FEE | {"confidence": "low"})), "fee.confidence"),
        (document(entry(fee=[1])), r"procedures\[1\].fee: must be a table"),
        (document(entry(time={"days": 999})), "time.days"),
        (document(entry(contact={"name": "A", "phone": "<script>"})), "contact.phone"),
        (document(days=[{"on": "2026-12-24"}]), r"days\[1\].works"),
        (document(days=[{"on": "24/12/2026", "works": False}]), r"days\[1\].on"),
        (document(days=[{"on": "2026-12-24", "works": False}] * 2), "twice"),
        (document(*([entry()] * 201)), "201 entries"),
    ],
)
def test_what_is_wrong_is_named(doc: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        parse(doc, built_in())


FILE = """version = 4

[[procedures]]
code = "1.004884"
from = 2026-12-01
fee = { vnd = 15000, per = "lần", per_en = "time", exempt = "hộ nghèo", exempt_en = "the poor" }

[[procedures]]
code = "1.001193"
from = 2026-12-01
[procedures.time]
days = 4000

[[days]]
on = 2027-02-03
works = false
name = "Nghỉ thêm"
"""


def test_a_file_broken_half_way_is_told_by_line() -> None:
    with pytest.raises(BadInput) as wrong:
        parse(tomllib.loads(FILE), built_in(), "ward.toml")
    assert line_of(FILE, str(wrong.value)) == 12
    broken = FILE.replace("days = 4000", "days = 4").replace("works = false", 'works = "no"')
    with pytest.raises(BadInput) as wrong:
        parse(tomllib.loads(broken), built_in(), "ward.toml")
    assert line_of(broken, str(wrong.value)) == 16
    missing = FILE.replace('code = "1.001193"\n', "")
    with pytest.raises(BadInput) as wrong:
        parse(tomllib.loads(missing), built_in(), "ward.toml")
    assert line_of(missing, str(wrong.value)) == 8
    assert line_of(FILE, "something else went wrong") is None
    good = parse(tomllib.loads(FILE.replace("4000", "4")), built_in(), "ward.toml")
    assert good.days == {date(2027, 2, 3): False}
