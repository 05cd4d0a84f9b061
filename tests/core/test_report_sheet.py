"""This file proves what stands on the month's report: figures, shares, never too much."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from appliance.core.month_report import Line, by_procedure
from appliance.core.report_sheet import MOST_LINES, ReportSheet, report_sheet, shares


def line(name: str = "a", visits: int = 4, **more: Any) -> Line:
    made = Line(name, taken=visits + 1, visits=visits, dossiers=visits // 2, **more)
    made.ticks = Counter(submitted=visits // 2, account=1, guided=visits)
    return made


def sheet(lines: list[Line], **more: Any) -> ReportSheet:
    given: dict[str, Any] = {
        "minutes": 125, "volunteers": 2, "ward_total": 0, "from_home": 0,
        "trend": [(date(2026, 11, 1), 4, 2)], "remarks": {}, "votes": [], "house": "Nhà văn hóa",
        "made_on": date(2026, 12, 1),
    }  # fmt: skip
    return report_sheet(date(2026, 11, 1), lines, {"a": "Có em bé"}, **{**given, **more})


def test_the_seeds_own_measures() -> None:
    """Helped, filed here, accounts, guided, satisfaction, waiting, hours, and the ward's shares."""
    one = line(waited_s=[300.0, 420.0, 60.0], not_done=Counter(papers=1))
    one.faces = {"manner": Counter({3: 3, 1: 1})}
    made = sheet(
        [one],
        ward_total=10,
        from_home=5,
        remarks={"traffic": 2},
        learned=[("Cài VNeID", 3), ("b", 2)],
    )
    assert dict(made.figures) == {
        "Lượt người được giúp": "4", "Hồ sơ nộp tại điểm": "2", "Tài khoản đã mở": "1",
        "Hướng dẫn từng bước": "4", "Vui lòng": "75 %", "Chờ, thường là": "5 phút",
        "Giờ trực": "2 giờ 05 phút", "Người trực": "2",
    }  # fmt: skip
    assert [(s.count, s.pct) for s in made.shares] == [(2, 20), (5, 50), (3, 30)]
    assert made.lines == (
        ("Có em bé", "5", "4", "2", "5 phút", "75 %"),
        ("Cộng", "5", "4", "2", "5 phút", "75 %"),
    )
    assert made.faces == (("Ân cần", 3, 0, 1),)
    assert ("Chưa làm được, vì", ("thiếu giấy tờ: 1",)) in made.notes
    assert ("Lần sau tự làm được", ("Cộng: 5", "Cài VNeID: 3", "b: 2")) in made.notes
    assert ("Bà con góp ý về", ("an toàn giao thông: 2",)) in made.notes


def test_nothing_is_made_up() -> None:
    """An empty month has dashes, not zeros that look like measurements; no ward, no shares."""
    made = sheet([])
    figures = dict(made.figures)
    assert (figures["Vui lòng"], figures["Chờ, thường là"]) == ("–", "–")
    assert [s.pct for s in made.shares] == [None, None]
    assert made.notes == () and made.faces == ()


def test_counts_that_do_not_fit_have_no_third_part() -> None:
    assert [s.words for s in shares(8, 5, 10)] == ["Nộp tại điểm", "Tự nộp ở nhà"]


def test_many_services_are_added_up() -> None:
    """The table never grows over the page, and its sum is still the whole."""
    made = sheet([line(f"s{n}", visits=2) for n in range(40)])
    assert len(made.lines) == MOST_LINES + 1
    assert sum(int(row[2]) for row in made.lines[:-1]) == int(made.lines[-1][2]) == 80


def test_procedures_are_counted_where_people_were_asked() -> None:
    row = {"service_id": "a", "visit_state": "closed", "dossier_code": "X"}
    asked = {"outcome": {"case": {"target": "khai-sinh"}}}
    rows = [row | asked, row | asked | {"dossier_code": None}, row | {"outcome": {}}]
    assert by_procedure([*rows, row | asked | {"visit_state": "open"}]) == [
        ("a", "khai-sinh", 2, 1)
    ]
