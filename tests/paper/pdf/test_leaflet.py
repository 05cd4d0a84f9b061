"""This file proves the leaflet: letters that can be read back, on A4, the same bytes each time."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from appliance.core.case_words import say_case
from appliance.core.checklist import case_of
from appliance.core.leaflet import Leaflet, Part, Row, leaflet
from appliance.core.slip_texts import ACCENTED_LETTERS
from appliance.paper.pdf.leaflet import draw_leaflet
from appliance.paper.pdf.text_pdf import A4_PT, Canvas, font, width_pt, wrap
from tests.core.guide_for_tests import built_in

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def sheet(*rows: Row) -> Leaflet:
    return Leaflet("vi", "Giấy", "Việc", "", (Part("Bác mang", rows),), ("MIỄN PHÍ",), ("Nhà",))


def text_of(data: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    (tmp_path / "a.pdf").write_bytes(data)
    done = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True
    )
    return done.stdout.decode()


def test_every_letter_can_be_read_back(tmp_path: Path) -> None:
    """All 134 accented letters come out of the PDF as they went in."""
    rows = [Row("box", ACCENTED_LETTERS[i : i + 20]) for i in range(0, 140, 20)]
    found = text_of(draw_leaflet(sheet(*[r for r in rows if r.text]), made_at=AT), tmp_path)
    assert set(ACCENTED_LETTERS) <= set(found)


def test_the_font_is_read_as_others_read_it() -> None:
    """Glyphs and widths are those of an independent reader; the cut font still opens."""
    letters = font("bold")
    theirs = TTFont(io.BytesIO(letters.data))
    names, widths = theirs.getBestCmap(), theirs["hmtx"]
    scale = 1000 / theirs["head"].unitsPerEm
    for letter in ACCENTED_LETTERS + "Aa0 –₫":
        name = names[ord(letter)]
        assert letters.glyph(letter) == theirs.getGlyphID(name), letter
        assert letters.width(letters.glyph(letter)) == pytest.approx(widths[name][0] * scale)
    cut = TTFont(io.BytesIO(letters.with_only([letters.glyph("ế")])))
    assert len(cut.getGlyphOrder()) == len(theirs.getGlyphOrder())
    kept = [n for n in cut.getGlyphOrder() if cut["glyf"][n].numberOfContours]
    assert 1 <= len(kept) < 8, "the letter, what it is made of, and the empty box"


def test_the_same_again_is_the_same_bytes() -> None:
    said = say_case(case_of(built_in(), "huu-tri-xa-hoi", {}), built_in(), TODAY, "vi")
    made = leaflet(said, "vi", house_name="Nhà", phone="1", today=TODAY)
    first = draw_leaflet(made, made_at=AT)
    assert first == draw_leaflet(made, made_at=AT) and len(first) < 60_000


def test_every_case_fits_its_pages() -> None:
    """Every procedure on one page, in both languages."""
    guide = built_in()
    for procedure in guide.procedures:
        answers: dict[str, str] = {}
        while (case := case_of(guide, procedure.id, answers)).open:
            answers |= {q.id: q.answers[-1].id for q in case.open}
        for language in ("vi", "en"):
            said = say_case(case, guide, TODAY, language)
            made = leaflet(said, language, house_name="Nhà", phone="0236 1", today=TODAY)
            with pikepdf.open(io.BytesIO(draw_leaflet(made, made_at=AT))) as pdf:
                assert len(pdf.pages) == 1, (procedure.id, language)
                assert [round(float(v)) for v in pdf.pages[0].mediabox[2:]] == [595, 842]


def test_a_long_list_goes_on_on_the_next_page(tmp_path: Path) -> None:
    """Nothing runs off the paper: forty papers and a name without a space."""
    rows = [Row("box", f"Giấy số {n}", "bản chính", ("Vì cần",)) for n in range(40)]
    data = draw_leaflet(sheet(*rows, Row("ticked", "x" * 300)), made_at=AT)
    found = text_of(data, tmp_path)
    assert all(f"Giấy số {n}" in found for n in range(40)) and found.count("x") == 300
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) > 1


def test_lines_fit_their_room() -> None:
    for line in wrap("Bác mang theo bản chính " * 9 + "w" * 90, "medium", 16, 200):
        assert width_pt(line, "medium", 16) <= 200
    assert wrap("", "medium", 16, 200) == []


def test_an_empty_canvas_is_a_page() -> None:
    with pikepdf.open(io.BytesIO(Canvas().pdf("x", AT))) as pdf:
        assert float(pdf.pages[0].mediabox[3]) == pytest.approx(A4_PT[1], abs=0.01)
