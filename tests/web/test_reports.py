"""This file proves the report of a month: screen and CSV agree, figures are checked."""

from __future__ import annotations

import csv
import io

from tests.web.at_desk import Volunteer
from tests.web.conftest import House


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
    whole = list(csv.DictReader(io.StringIO(text)))[-1]
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


def test_only_for_volunteers(house: House) -> None:
    for path in ("/desk/report", "/desk/report.csv", "/desk/dossiers", "/desk/month.csv"):
        assert house.client.get(path).status_code == 303
