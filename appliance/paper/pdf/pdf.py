"""This file binds pages into one PDF/A-2b: the same pages, title and time give the same bytes."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from appliance.errors import BadInput

A4_MM = (210.0, 297.0)
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate>
<xmp:CreatorTool>Hiên</xmp:CreatorTool><pdf:Producer>Hiên</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def make_pdf(
    pages: Sequence[bytes], *, title: str, made_at: datetime, small: bool = False
) -> bytes:
    """Return one PDF/A-2b with a page per JPEG, each at the size its dpi says (else A4).

    The JPEG data goes in as it is; `small`: in layers instead (small_page.py), a fifth of the
    bytes, where a page is paper with print on it. Carries the title, the time and nothing about
    any person.
    """
    import pikepdf

    if not pages:
        raise BadInput("There is no page to put into a PDF.", code="no_pages")
    when = made_at.astimezone(UTC)
    with pikepdf.new() as pdf:
        for jpeg in pages:
            _add_page(pdf, jpeg, small)
        describe(pdf, title, when)
        return whole(pdf)


def whole(pdf: Any) -> bytes:
    """The document's bytes, as PDF/A-2 wants them: the same document gives the same ones."""
    import pikepdf

    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        min_version="1.7",
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return out.getvalue()


def _add_page(pdf: Any, jpeg: bytes, small: bool) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
        (width, height), mode = image.size, image.mode
        dpi = float(image.info.get("dpi", (0, 0))[0])
    if mode not in ("RGB", "L"):
        raise BadInput(f"A page must be a grey or colour JPEG, not {mode}.", code="page_mode")
    size_pt = _size_pt(width, height, dpi)
    page = pdf.add_blank_page(page_size=size_pt).obj
    if small:
        from appliance.paper.pdf.small_page import draw_small

        if draw_small(pdf, page, jpeg, size_pt):
            return
    _draw_whole(pdf, page, jpeg, (width, height), mode, size_pt)


def _draw_whole(
    pdf: Any,
    page: Any,
    jpeg: bytes,
    size_px: tuple[int, int],
    mode: str,
    size_pt: tuple[float, float],
) -> None:
    from pikepdf import Dictionary, Name, Stream

    picture = Stream(
        pdf,
        jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size_px[0],
        Height=size_px[1],
        ColorSpace=Name.DeviceRGB if mode == "RGB" else Name.DeviceGray,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    page.Resources = Dictionary(XObject=Dictionary(P=pdf.make_indirect(picture)))
    drawing = f"q {size_pt[0]} 0 0 {size_pt[1]} 0 0 cm /P Do Q"
    page.Contents = pdf.make_stream(drawing.encode("ascii"))


def _size_pt(width: int, height: int, dpi: float) -> tuple[float, float]:
    """Return the page size in points; without a believable dpi the picture is fitted to A4."""
    if 30 <= dpi <= 1200:
        return round(width / dpi * 72, 2), round(height / dpi * 72, 2)
    short, long = (mm / 25.4 * 72 for mm in A4_MM)
    across, up = (long, short) if width > height else (short, long)
    scale = min(across / width, up / height)
    return round(width * scale, 2), round(height * scale, 2)


def describe(pdf: Any, title: str, when: datetime) -> None:
    """Title, time and PDF/A marks of a document; nothing about any person."""
    from pikepdf import Array, Dictionary, Name, String

    title = unicodedata.normalize("NFC", "".join(c for c in title if c.isprintable()))
    at = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    xmp = pdf.make_stream(_XMP.format(title=escape(title), at=at).encode("utf-8"))
    xmp.Type, xmp.Subtype = Name.Metadata, Name.XML
    profile = pdf.make_stream(_srgb_profile())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        DestOutputProfile=profile,
    )
    pdf.Root.Metadata = xmp
    pdf.Root.OutputIntents = Array([intent])
    pdf.Root.Lang = String("vi-VN")
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    stamp = when.strftime("D:%Y%m%d%H%M%SZ")
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(Title=title, Producer="Hiên", Creator="Hiên", CreationDate=stamp, ModDate=stamp)
    )


def _srgb_profile() -> bytes:
    """Return an sRGB profile whose header carries no date, so that the bytes never change."""
    from PIL import ImageCms

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[24:36] = bytes.fromhex("07ea000100010000 00000000".replace(" ", ""))
    data[84:100] = bytes(16)
    return bytes(data)
