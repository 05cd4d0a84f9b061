"""This file sets the month's report on one A4 page: figures, a table, bars, lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appliance.core.report_sheet import ReportSheet
from appliance.paper.font import Weight
from appliance.paper.pdf.leaflet import CLAY, GREEN, GROUND, INK, LINE, QUIET
from appliance.paper.pdf.text_pdf import A4_PT, MM, Canvas, Colour, width_pt, wrap

LEAF: Colour = (0.118, 0.357, 0.180)
BRICK: Colour = (0.561, 0.114, 0.114)
SAND: Colour = (0.74, 0.66, 0.53)
MARGIN = 18 * MM
WIDTH = A4_PT[0] - 2 * MARGIN
FOOT = A4_PT[1] - 14 * MM
TEXT, SMALL, HEADING = 10.5, 9.0, 13.0
COLUMNS = (0.40, 0.12, 0.13, 0.11, 0.12, 0.12)
HALF = (WIDTH - 24) / 2


def draw_report(sheet: ReportSheet, *, made_at: datetime) -> bytes:
    """The report as a PDF of just one page; all text can be selected."""
    pen = _Pen()
    pen.title(sheet)
    pen.figures(sheet.figures)
    pen.shares(sheet)
    pen.table(sheet.head, sheet.lines)
    y = pen.y + 6
    left = pen.trend(sheet.trend, MARGIN, y)
    right = pen.faces(sheet.faces, MARGIN + HALF + 24, y)
    pen.y = max(left, right) + 4
    pen.notes(sheet.notes)
    pen.small(sheet.small)
    return pen.canvas.pdf(f"{sheet.title}, {sheet.house}", made_at)


class _Pen:
    def __init__(self) -> None:
        self.canvas = Canvas()
        self.y = 14 * MM

    def text(
        self, x: float, y: float, text: str, size: float, colour: Colour = INK,
        weight: Weight = "medium", right: bool = False,
    ) -> None:  # fmt: skip
        if right:
            x -= width_pt(text, weight, size)
        self.canvas.text(x, y, text, weight, size, colour)

    def title(self, sheet: ReportSheet) -> None:
        self.text(MARGIN, self.y + 10, sheet.house, TEXT, GREEN, "bold")
        self.text(MARGIN, self.y + 36, sheet.title, 22, INK, "bold")
        self.y += 46
        self.canvas.stroke([(MARGIN, self.y), (MARGIN + WIDTH, self.y)], GREEN, 1.6)
        self.y += 8

    def figures(self, figures: Sequence[tuple[str, str]]) -> None:
        """Four to a row, the value above its words."""
        wide = (WIDTH - 3 * 8) / 4
        for n, (words, value) in enumerate(figures):
            x, top = MARGIN + n % 4 * (wide + 8), self.y + n // 4 * 52
            self.canvas.box(x, top, wide, 46, fill=GROUND)
            size = 17.0
            while size > 9 and width_pt(value, "bold", size) > wide - 14:
                size -= 0.5
            self.text(x + 7, top + 21, value, size, GREEN, "bold")
            self.text(x + 7, top + 37, words, SMALL, QUIET)
        self.y += -(-len(figures) // 4) * 52 + 6

    def heading(self, text: str, x: float = MARGIN, y: float | None = None) -> float:
        y = self.y if y is None else y
        self.text(x, y + 13, text, HEADING, GREEN, "bold")
        return y + 20

    def shares(self, sheet: ReportSheet) -> None:
        """One bar for all dossiers of the ward; without the ward's number just a sentence."""
        self.y = self.heading("Hồ sơ của phường")
        known = [s for s in sheet.shares if s.pct is not None]
        if not known:
            self.text(MARGIN, self.y + 11, "Phường chưa cho biết tổng số hồ sơ.", TEXT, QUIET)
            self.y += 20
            return
        x, colours = MARGIN, (GREEN, CLAY, SAND)
        whole = max(100, sum(s.pct or 0 for s in known))
        for share, colour in zip(known, colours, strict=False):
            wide = WIDTH * (share.pct or 0) / whole
            if wide > 0.5:
                self.canvas.box(x, self.y, wide, 14, fill=colour)
            x += wide
        x, self.y = MARGIN, self.y + 30
        for share, colour in zip(known, colours, strict=False):
            self.canvas.box(x, self.y - 9, 10, 10, fill=colour)
            words = f"{share.words}: {share.count} ({share.pct} %)"
            self.text(x + 15, self.y, words, TEXT)
            x += 15 + width_pt(words, "medium", TEXT) + 24
        self.y += 12

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.y = self.heading("Theo từng việc")
        for n, row in enumerate([head, *rows]):
            last = n == len(rows)
            weight: Weight = "bold" if n == 0 or last else "medium"
            x = MARGIN
            for column, cell in zip(COLUMNS, row, strict=True):
                wide = WIDTH * column
                if x == MARGIN:
                    fits = wrap(cell, weight, TEXT, wide - 6)
                    shown = fits[0] + ("…" if len(fits) > 1 else "") if fits else ""
                    self.text(x, self.y + 11, shown, TEXT, QUIET if n == 0 else INK, weight)
                else:
                    colour = QUIET if n == 0 else INK
                    self.text(x + wide, self.y + 11, cell, TEXT, colour, weight, right=True)
                x += wide
            self.y += 16
            if n in (0, len(rows) - 1):
                self.canvas.stroke([(MARGIN, self.y - 1), (MARGIN + WIDTH, self.y - 1)], LINE, 0.8)

    def trend(self, trend: Sequence[tuple[str, int, int]], x: float, y: float) -> float:
        """Two bars a month: people helped, dossiers."""
        y = self.heading("Sáu tháng", x, y)
        high, most = 62.0, max((max(a, b) for _, a, b in trend), default=0)
        step = HALF / max(1, len(trend))
        for n, (month, helped, filed) in enumerate(trend):
            at = x + n * step
            for k, (value, colour) in enumerate(((helped, GREEN), (filed, CLAY))):
                tall = high * value / most if most else 0
                left = at + k * 15
                if tall:
                    self.canvas.box(left, y + 10 + high - tall, 13, tall, fill=colour)
                middle = left + 6.5 - width_pt(str(value), "medium", 8) / 2
                self.text(middle, y + 7 + high - tall, str(value), 8, QUIET)
            self.text(at + 2, y + high + 22, month, SMALL, QUIET)
        y += high + 38
        for words, colour, left in (("được giúp", GREEN, 0.0), ("hồ sơ", CLAY, 80.0)):
            self.canvas.box(x + left, y - 8, 9, 9, fill=colour)
            self.text(x + left + 13, y, words, SMALL, QUIET)
        return y + 8

    def faces(self, faces: Sequence[tuple[str, int, int, int]], x: float, y: float) -> float:
        y = self.heading("Bà con thấy thế nào", x, y)
        if not faces:
            self.text(x, y + 11, "Tháng này chưa có ai trả lời.", TEXT, QUIET)
            return y + 20
        for words, *counts in faces:
            self.text(x, y + 10, words, TEXT)
            left, room = x + 62, HALF - 62
            for count, colour in zip(counts, (LEAF, SAND, BRICK), strict=True):
                wide = room * count / sum(counts)
                if count:
                    self.canvas.box(left, y, wide, 13, fill=colour)
                    ink = INK if colour is SAND else (1.0, 1.0, 1.0)
                    self.text(left + 4, y + 10, str(count), SMALL, ink, "bold")
                left += wide
            y += 20
        for n, (words, colour) in enumerate((("vui", LEAF), ("vừa", SAND), ("chưa vui", BRICK))):
            self.canvas.box(x + n * 60, y + 3, 9, 9, fill=colour)
            self.text(x + n * 60 + 13, y + 11, words, SMALL, QUIET)
        return y + 18

    def notes(self, notes: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Two columns of lists; a list stops where the page does."""
        tops = [self.y, self.y]
        for n, (heading, texts) in enumerate(notes):
            side = n % 2
            x = MARGIN + side * (HALF + 24)
            y = self.heading(heading, x, tops[side])
            for text in texts:
                for line in wrap(text, "medium", TEXT, HALF):
                    if y + 14 > FOOT - 14:
                        break
                    self.text(x, y + 10, line, TEXT)
                    y += 14
            tops[side] = y + 4

    def small(self, text: str) -> None:
        self.text(MARGIN, FOOT, text, SMALL, QUIET)
