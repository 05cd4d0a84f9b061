"""This file writes a PDF of real text: letters stay letters, to be searched, copied, read aloud."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from appliance.paper.font import Weight, face
from appliance.paper.pdf.pdf import describe, whole
from appliance.paper.pdf.truetype import TrueType

A4_PT = (595.276, 841.89)
MM = 72 / 25.4
MISSING = "?"
"""Stands for a letter the font has not: PDF/A forbids the font's own empty box."""
Colour = tuple[float, float, float]
_NAMES: dict[Weight, str] = {"medium": "F1", "bold": "F2"}


@lru_cache(maxsize=2)
def font(weight: Weight) -> TrueType:
    """The same file slips are set in."""
    return TrueType(Path(str(face(weight, 24).font.path)).read_bytes())


def width_pt(text: str, weight: Weight, size_pt: float) -> float:
    """Width of a line set solid, in points."""
    letters = font(weight)
    return sum(letters.width(letters.glyph(c)) for c in text) * size_pt / 1000


def wrap(text: str, weight: Weight, size_pt: float, room_pt: float) -> list[str]:
    """Fill lines from the left; a word wider than the room is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width_pt(longer, weight, size_pt) > room_pt:
            lines.append(line)
            line = word
        else:
            line = longer
        while len(line) > 1 and width_pt(line, weight, size_pt) > room_pt:
            cut = len(line) - 1
            while cut > 1 and width_pt(line[:cut], weight, size_pt) > room_pt:
                cut -= 1
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


@dataclass
class Canvas:
    """Pages being drawn. Points from the upper left corner; y is a text's base line."""

    pages: list[list[str]] = field(default_factory=lambda: [[]])
    used: dict[Weight, set[str]] = field(default_factory=lambda: {"medium": set(), "bold": set()})

    def new_page(self) -> None:
        self.pages.append([])

    def text(
        self, x: float, y: float, text: str, weight: Weight, size_pt: float, colour: Colour
    ) -> None:
        letters = font(weight)
        text = "".join(c if letters.glyph(c) else MISSING for c in text)
        self.used[weight] |= set(text)
        glyphs = "".join(f"{letters.glyph(c):04x}" for c in text)
        self.pages[-1].append(
            f"BT /{_NAMES[weight]} {size_pt:.2f} Tf {_rgb(colour)} rg"
            f" {x:.2f} {A4_PT[1] - y:.2f} Td <{glyphs}> Tj ET"
        )

    def box(
        self, x: float, y: float, w: float, h: float, *, line: Colour | None = None,
        fill: Colour | None = None, width_pt: float = 1.2,
    ) -> None:  # fmt: skip
        """A rectangle with its upper left corner at x, y."""
        how = "B" if line and fill else "S" if line else "f"
        parts = [f"{_rgb(fill)} rg"] if fill else []
        parts += [f"{_rgb(line)} RG {width_pt:.2f} w"] if line else []
        parts.append(f"{x:.2f} {A4_PT[1] - y - h:.2f} {w:.2f} {h:.2f} re {how}")
        self.pages[-1].append(" ".join(parts))

    def stroke(self, points: list[tuple[float, float]], colour: Colour, width_pt: float) -> None:
        (x, y), *rest = points
        path = f"{x:.2f} {A4_PT[1] - y:.2f} m "
        path += " ".join(f"{a:.2f} {A4_PT[1] - b:.2f} l" for a, b in rest)
        self.pages[-1].append(f"{_rgb(colour)} RG {width_pt:.2f} w 1 J 1 j {path} S")

    def pdf(self, title: str, made_at: datetime, language: str = "vi-VN") -> bytes:
        """The whole as bytes: the same drawing, title and time give the same ones."""
        import pikepdf
        from pikepdf import Dictionary, String

        with pikepdf.new() as pdf:
            fonts = {
                f"/{_NAMES[weight]}": pdf.make_indirect(_font(pdf, weight, letters))
                for weight, letters in self.used.items()
                if letters
            }
            for drawing in self.pages:
                page = pdf.add_blank_page(page_size=A4_PT)
                page.obj.Resources = Dictionary(Font=Dictionary(fonts))
                page.obj.Contents = pdf.make_stream("\n".join(drawing).encode("ascii"))
            describe(pdf, title, made_at.astimezone(UTC))
            pdf.Root.Lang = String(language)
            return whole(pdf)


def _rgb(colour: Colour | None) -> str:
    return " ".join(f"{part:.3f}" for part in colour or (0, 0, 0))


def _font(pdf: Any, weight: Weight, used: set[str]) -> Any:
    """A font by glyph numbers (Identity-H), with the way back from glyph to letter."""
    from pikepdf import Array, Dictionary, Name, String

    letters = font(weight)
    glyphs = {letters.glyph(c): c for c in sorted(used)}
    name = Name("/HIENVN+" + ("BeVietnamPro-Bold" if weight == "bold" else "BeVietnamPro-Medium"))
    program = pdf.make_stream(letters.with_only(glyphs))
    program.Length1 = len(program.read_bytes())
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=name, Flags=4, ItalicAngle=0,
        FontBBox=Array([round(v) for v in letters.box]), Ascent=round(letters.ascent),
        Descent=round(letters.descent), CapHeight=round(letters.ascent * 0.7),
        StemV=120 if weight == "bold" else 90, FontFile2=program,
    )  # fmt: skip
    widths: list[Any] = []
    for glyph in sorted(glyphs):
        widths += [glyph, Array([round(letters.width(glyph))])]
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, FontDescriptor=descriptor,
        CIDSystemInfo=Dictionary(
            Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
        ),
        CIDToGIDMap=Name.Identity, W=Array(widths), DW=1000,
    )  # fmt: skip
    return Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=name, Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]),
        ToUnicode=pdf.make_stream(_to_unicode(glyphs)),
    )  # fmt: skip


def _to_unicode(glyphs: dict[int, str]) -> bytes:
    rows = [f"<{g:04x}> <{c.encode('utf-16-be').hex()}>" for g, c in sorted(glyphs.items())]
    blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    body = "\n".join(
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
    ).encode("ascii")
