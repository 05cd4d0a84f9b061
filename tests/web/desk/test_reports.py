"""This file proves the report of a month: screen and CSV agree, figures are checked."""

from __future__ import annotations

import csv
import io

import pikepdf

from tests.web.at_desk import Volunteer
from tests.web.conftest import House

BIRTH = {
    "cach-nop": "mang", "chung-sinh": "co", "sinh-dac-biet": "khong", "ai-di": "cha-me",
    "noi-o": "roi",
}  # fmt: skip


def test_a_month(house: House) -> None:
    """Two visits, one dossier, one that could not be done: on the screen and in the CSV."""
    lan = Volunteer(house, "Chị Lan")
    code = "H15.50.05.13-261008-0975"
    for form in ({"done": ["submitted", "account"], "dossier_code": code}, {"not_done": "system"}):
        visit = lan.open_visit()
        assert lan.post(f"/visits/{visit}/finish", **form).status_code == 303
    ticket = house.store.value("SELECT ticket_id FROM visits WHERE dossier_code IS NOT NULL")
    house.post(f"/tickets/{ticket}/faces", manner="3", clear="3", finished="2")
    month = house.clock.now().working_day("Asia/Ho_Chi_Minh").strftime("%Y-%m")
    text = lan.get(f"/desk/report.csv?month={month}").get_data().decode("utf-8-sig")
    whole = next(row for row in csv.DictReader(io.StringIO(text)) if row["service"] == "all")
    want = {"service": "all", "taken": "2", "visits": "2", "dossiers": "1", "account": "1"}
    want |= {"not_done_system": "1", "manner_3": "1", "finished_2": "1"}
    assert {key: whole[key] for key in want} == want
    page = lan.get(f"/desk/report?month={month}").text
    assert "<dd>67 %</dd>" in page and "<dd>2</dd>" in page
    figures = {"month": f"{month}-01", "ward_total": "10", "from_home": "4"}
    assert lan.post("/desk/report", **figures).status_code == 303
    assert "Nộp tại điểm 10 %, tự nộp ở nhà 40 %" in lan.get(f"/desk/report?month={month}").text
    for wrong in ({"from_home": "11"}, {"ward_total": "-1"}, {"month": "x"}):
        assert lan.post("/desk/report", **{**figures, **wrong}).status_code == 400
    assert "Tháng này chưa có lượt nào" in lan.get("/desk/report?month=2020-01").text


def test_the_page_to_hand_on(house: House) -> None:
    """One A4 page in Vietnamese, whatever the screen's language; a procedure by its own name."""
    lan = Volunteer(house, "Chị Lan")
    visit = lan.open_visit()
    lan.post(f"/visits/{visit}/case", about="khai-sinh", **BIRTH)
    lan.post(f"/visits/{visit}/finish", done="submitted")
    lan.client.get("/set/language/en")
    answer = lan.get("/desk/report.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) == 1 and "Báo cáo tháng" in str(pdf.docinfo["/Title"])
    assert "Birth certificate" in lan.get("/desk/report").text
    rows = list(csv.DictReader(io.StringIO(lan.get("/desk/report.csv").text.lstrip("\ufeff"))))
    assert [(r["service"], r["procedure"], r["visits"]) for r in rows[-1:]] == [
        ("co-em-be", "khai-sinh", "1")
    ]
    for path in ("/desk/report.pdf?month=x", "/desk/report.pdf?month=2026-13"):
        assert lan.get(path).status_code == 400


def test_who_will_do_it_alone_is_in_the_table(house: House) -> None:
    """Two for one lesson, one for another: their sum on the line for all, and a line for each; on
    the page to hand on, too, by name."""
    lan = Volunteer(house, "Chị Lan")
    for lesson in ("cai-vneid", "cai-vneid", "tra-cuu"):
        house.post(f"/learn/{lesson}/alone", key=house.new_key())
    rows = list(csv.DictReader(io.StringIO(lan.get("/desk/report.csv").text.lstrip("\ufeff"))))
    assert [r["learned"] for r in rows if r["service"] == "all"] == ["3"]
    told = {r["lesson"]: (r["learned"], r["visits"]) for r in rows if r["lesson"]}
    assert told == {"cai-vneid": ("2", ""), "tra-cuu": ("1", "")}
    assert all(None not in row.values() and None not in row for row in rows)
    some, none = (lan.get(f"/desk/report.pdf{m}").data for m in ("", "?month=2020-01"))
    assert len(some) > len(none)


def test_only_for_volunteers(house: House) -> None:
    for path in (
        "/desk/report",
        "/desk/report.csv",
        "/desk/report.pdf",
        "/desk/dossiers",
        "/desk/month.csv",
    ):
        assert house.client.get(path).status_code == 303
