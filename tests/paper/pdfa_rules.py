"""This file holds the rules of PDF/A-2b (ISO 19005-2) that our PDFs could break, as checks.

Each function gets the bytes or the opened PDF and returns what is wrong, in words. This is no
replacement for veraPDF; test_pdfa.py runs that too where it is installed.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont
from pikepdf import Name

FORBIDDEN_IN_CATALOG = (
    "AA",
    "OpenAction",
    "AcroForm",
    "NeedsRendering",
    "Requirements",
    "OCProperties",
)
DRAWING = "b B b* B* BT c cm Do ET f f* g G h j J k K l m n q Q re rg RG S s Td Tf Tj w W"
OPERATORS = frozenset(re.split(" ", DRAWING))
XMP = {
    "Title": "{http://purl.org/dc/elements/1.1/}title",
    "Producer": "{http://ns.adobe.com/pdf/1.3/}Producer",
    "Creator": "{http://ns.adobe.com/xap/1.0/}CreatorTool",
    "CreationDate": "{http://ns.adobe.com/xap/1.0/}CreateDate",
    "ModDate": "{http://ns.adobe.com/xap/1.0/}ModifyDate",
}


def faults(data: bytes) -> list[str]:
    """Return every broken rule; [] for a file in order."""
    found = list(_file(data))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for check in (_syntax, _catalog, _metadata, _intent, _streams, _pages, _fonts):
            found += check(pdf)
    return found


def _file(data: bytes) -> Iterator[str]:
    head = data.split(b"\n", 2)
    if not re.fullmatch(rb"%PDF-1\.[0-7]", head[0]):
        yield "6.1.2: the header is not %PDF-1.n"
    if not (head[1].startswith(b"%") and sum(byte > 127 for byte in head[1][1:5]) == 4):
        yield "6.1.2: no comment of four high bytes after the header"
    if not data.endswith((b"%%EOF\n", b"%%EOF")) or data.count(b"%%EOF") != 1:
        yield "6.1.3: something follows the end of the file"


def _syntax(pdf: pikepdf.Pdf) -> Iterator[str]:
    yield from (f"syntax: {said}" for said in pdf.check_pdf_syntax())
    if pdf.is_encrypted or "/Encrypt" in pdf.trailer:
        yield "6.1.3: encrypted"
    ids = pdf.trailer.get("/ID")
    if ids is None or len(ids) != 2 or not bytes(ids[0]):
        yield "6.1.3: no file identifier"


def _catalog(pdf: pikepdf.Pdf) -> Iterator[str]:
    for key in FORBIDDEN_IN_CATALOG:
        if f"/{key}" in pdf.Root:
            yield f"6.5/6.6: the catalog has {key}"
    if "/Names" in pdf.Root and "/EmbeddedFiles" in pdf.Root.Names:
        yield "6.8: a file is embedded"


def _metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/Filter" in pdf.Root.Metadata:
        yield "metadata: cannot be read by who looks for it byte by byte"
    raw = pdf.Root.Metadata.read_bytes()
    if not re.match(rb'<\?xpacket begin="[^"]*" id="W5M0MpCehiHzreSzNTczkc9d"\?>', raw):
        yield "6.6.2.1: no XMP packet"
    tree = ET.fromstring(raw)
    part = {e.tag: e.text for e in tree.iter() if e.tag.startswith("{http://www.aiim.org/pdfa/")}
    if sorted(part.values()) != ["2", "B"]:
        yield f"6.6.4: says {part}, not part 2 conformance B"
    for key, tag in XMP.items():
        told = "".join(next(tree.iter(tag)).itertext()).strip()
        info = str(pdf.docinfo[f"/{key}"])
        if key.endswith("Date"):
            info = re.sub(r"D:(....)(..)(..)(..)(..)(..)Z", r"\1-\2-\3T\4:\5:\6Z", info)
        if told != info:
            yield f"6.6.3: {key} is {info!r} here and {told!r} there"
    if extra := set(pdf.docinfo.keys()) - {f"/{key}" for key in XMP}:
        yield f"privacy: the file also tells {extra}"


def _intent(pdf: pikepdf.Pdf) -> Iterator[str]:
    for intent in pdf.Root.OutputIntents:
        profile = intent.DestOutputProfile.read_bytes()
        if intent.S != "/GTS_PDFA1" or intent.DestOutputProfile.N != 3:
            yield "6.2.3: no PDF/A output intent in three colours"
        if (
            profile[36:40] != b"acsp"
            or profile[8] > 4
            or int.from_bytes(profile[:4], "big") != len(profile)
        ):
            yield "6.2.3: no ICC profile up to version 4"
        if profile[12:16] not in (b"mntr", b"prtr") or profile[16:20] != b"RGB ":
            yield "6.2.3: not the profile of an RGB display or printer"


def _streams(pdf: pikepdf.Pdf) -> Iterator[str]:
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Stream):
            continue
        if any(f"/{key}" in thing for key in ("F", "FFilter", "FDecodeParms")):
            yield "6.1.7: a stream lies outside the file"
        filters = thing.get("/Filter", [])
        names = [str(filters)] if isinstance(filters, Name) else [str(one) for one in filters]
        if set(names) - {"/FlateDecode", "/DCTDecode", "/CCITTFaxDecode"}:
            yield f"6.1.7: filters {names}"
        if thing.get("/Subtype") == "/Image":
            yield from _image(thing)


def _image(image: Any) -> Iterator[str]:
    if any(f"/{key}" in image for key in ("Alternates", "OPI", "SMask", "SMaskInData")):
        yield "6.2.8: alternates, OPI or transparency in an image"
    if bool(image.get("/Interpolate", False)):
        yield "6.2.8: an image asks for interpolation"
    stencil = bool(image.get("/ImageMask", False))
    if stencil and ("/ColorSpace" in image or image.BitsPerComponent != 1):
        yield "6.2.8: a mask with colours"
    if not stencil and image.ColorSpace not in ("/DeviceRGB", "/DeviceGray"):
        yield f"6.2.4: colour space {image.ColorSpace}"
    if "/Mask" in image and not bool(image.Mask.ImageMask):
        yield "6.2.8: a mask that is none"


def _pages(pdf: pikepdf.Pdf) -> Iterator[str]:
    for page in pdf.pages:
        if not all(3 <= float(side) <= 14_400 for side in page.mediabox[2:]):
            yield f"6.1.13: page of {page.mediabox}"
        if "/Annots" in page.obj or "/AA" in page.obj:
            yield "6.3: annotations or actions"
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) not in OPERATORS:
                yield f"6.2.2: operator {operator}"
            depth += {"q": 1, "Q": -1}.get(str(operator), 0)
            if not 0 <= depth <= 28:
                yield "6.1.13: q and Q are not in pairs"
            if str(operator) == "Do" and str(operands[0]) not in page.obj.Resources.XObject:
                yield f"6.2.2: {operands[0]} is not there"
        if depth:
            yield "6.1.13: q and Q are not in pairs"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for font in {
        f.objgen: f for p in pdf.pages for f in p.obj.Resources.get("/Font", {}).values()
    }.values():
        below = font.DescendantFonts[0]
        if not re.match(r"/[A-Z]{6}\+", str(below.FontDescriptor.FontName)):
            yield "6.2.11.4: a subset without its tag"
        program = TTFont(io.BytesIO(below.FontDescriptor.FontFile2.read_bytes()))
        scale, names = 1000 / program["head"].unitsPerEm, program.getGlyphOrder()
        told = list(below.W)
        for glyph, (width,) in zip(told[::2], told[1::2], strict=True):
            if glyph == 0:
                yield "6.2.11.8: the box for missing letters is shown"
            if abs(float(width) - program["hmtx"][names[int(glyph)]][0] * scale) > 1:
                yield f"6.2.11.5: the width of glyph {glyph}"
        if "/ToUnicode" not in font or below.CIDToGIDMap != "/Identity":
            yield "6.2.11: letters cannot be read back"
