"""This file proves that the PDF is PDF/A-2b in its parts, says nothing of people, never varies."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest
from PIL import Image

from appliance.errors import BadInput
from appliance.paper.pdf.pdf import make_pdf
from appliance.paper.scan.jpeg import with_dpi

MADE_AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


def jpeg(size: tuple[int, int] = (1654, 2339), mode: str = "RGB", dpi: int = 200) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "white").save(out, "JPEG")
    return with_dpi(out.getvalue(), dpi)


def test_the_same_pages_give_the_same_bytes() -> None:
    """Byte for byte, so that a sealed dossier can be compared; another time gives others."""
    pages = [jpeg(), jpeg((2339, 1654))]
    first = make_pdf(pages, title="Tờ khai", made_at=MADE_AT)
    assert first == make_pdf(pages, title="Tờ khai", made_at=MADE_AT)
    assert first != make_pdf(pages, title="Tờ khai", made_at=MADE_AT.replace(year=2027))


def test_pages_keep_their_size_order_and_data() -> None:
    """A4 at 200 dpi is 595 x 842 points, and the JPEG inside is the very one given."""
    pages = [jpeg(), jpeg((674, 425)), jpeg(mode="L")]
    with pikepdf.open(io.BytesIO(make_pdf(pages, title="x", made_at=MADE_AT))) as pdf:
        assert [round(float(v)) for v in pdf.pages[0].MediaBox] == [0, 0, 595, 842]
        assert len(pdf.pages) == 3
        for page, data in zip(pdf.pages, pages, strict=True):
            assert page.obj.Resources.XObject.P.read_raw_bytes() == data


def test_it_carries_the_parts_of_pdf_a() -> None:
    """XMP with part 2 conformance B, an sRGB output intent, a title in Vietnamese, a language."""
    data = make_pdf([jpeg()], title="Đơn đề nghị <2> & phụ lục", made_at=MADE_AT)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        with pdf.open_metadata() as meta:
            assert meta.pdfa_status == "2B"
            assert meta["dc:title"] == "Đơn đề nghị <2> & phụ lục"
        assert str(pdf.docinfo.Title) == "Đơn đề nghị <2> & phụ lục"
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes()[36:40] == b"acsp"
        assert "/Author" not in pdf.docinfo
        assert pdf.trailer.ID[0] is not None


def test_a_title_with_control_characters_and_loose_marks_is_made_clean() -> None:
    """Line breaks and NFD letters from outside do not reach the file's metadata."""
    data = make_pdf([jpeg()], title="Gia\u0302\u0301y\n to\u031b\u0300", made_at=MADE_AT)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert str(pdf.docinfo.Title) == "Giấy tờ"


def test_no_page_and_foreign_colour_are_refused() -> None:
    """An empty PDF helps nobody; a CMYK page would break PDF/A."""
    with pytest.raises(BadInput):
        make_pdf([], title="x", made_at=MADE_AT)
    with pytest.raises(BadInput):
        make_pdf([jpeg(mode="CMYK")], title="x", made_at=MADE_AT)
