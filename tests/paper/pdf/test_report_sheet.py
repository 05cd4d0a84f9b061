"""This file proves the report's page: always one, of real text, with bars of the right length."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pytest

from appliance.core.month_report import Line
from appliance.core.report_sheet import report_sheet
from appliance.paper.pdf.report_sheet import draw_report

AT = datetime(2026, 12, 1, 1, tzinfo=UTC)


def a_month(services: int, notes: int) -> bytes:
    lines = []
    for n in range(services):
        one = Line(f"s{n}", taken=9, visits=8, dossiers=3, waited_s=[600.0])
        one.faces = {q: Counter({3: 5, 2: 2, 1: 1}) for q in ("manner", "clear", "finished")}
        one.not_done = Counter(papers=3, system=2, other=1, account=1, in_person=1, no_network=1)
        one.ticks = Counter(submitted=3, account=1, guided=4, advised=1, supplemented=1)
        lines.append(one)
    name = "Đăng ký thường trú cho người được chủ nhà đồng ý cho ở nhờ, ở trọ lâu dài"
    sheet = report_sheet(
        date(2026, 11, 1), lines, {f"s{n}": name for n in range(services)}, minutes=99_999,
        volunteers=25, ward_total=900, from_home=100,
        trend=[(date(2026, m, 1), 400 * m, m) for m in range(6, 12)],
        remarks=dict.fromkeys(("environment", "security", "traffic", "housing", "other"), notes),
        votes=[("service", name, notes)] * notes, procedures=[(name, 9, 3)] * notes,
        house="Nhà văn hóa thôn Phú Đa, xã Hòa Vang", made_on=date(2026, 12, 1),
    )  # fmt: skip
    return draw_report(sheet, made_at=AT)


@pytest.mark.parametrize(("services", "notes"), [(0, 0), (1, 1), (8, 3), (45, 40)])
def test_one_page_however_much_there_is(services: int, notes: int) -> None:
    data = a_month(services, notes)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.docinfo["/Title"]).startswith("Báo cáo tháng 11 năm 2026")
        assert str(pdf.Root.Lang) == "vi-VN"
    assert data == a_month(services, notes)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext (apt: poppler-utils)")
def test_the_words_can_be_read_out(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(a_month(8, 3))
    text = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("Hồ sơ nộp tại điểm", "Tự nộp ở nhà: 100 (11 %)", "Cộng", "Chưa làm được, vì"):
        assert words in text
