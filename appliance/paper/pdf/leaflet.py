"""This file sets the leaflet on A4: large, calm, a box to tick before each paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from appliance.core.leaflet import Leaflet, Part, Row
from appliance.paper.font import Weight
from appliance.paper.pdf.text_pdf import A4_PT, MM, Canvas, Colour, width_pt, wrap

INK: Colour = (0.106, 0.165, 0.184)
QUIET: Colour = (0.290, 0.247, 0.208)
GREEN: Colour = (0.043, 0.365, 0.341)
CLAY: Colour = (0.478, 0.200, 0.0)
GROUND: Colour = (0.992, 0.949, 0.890)
LINE: Colour = (0.80, 0.76, 0.70)
WHITE: Colour = (1.0, 1.0, 1.0)

MARGIN = 20 * MM
WIDTH = A4_PT[0] - 2 * MARGIN
TOP = 14 * MM
FOOT = A4_PT[1] - 14 * MM
TITLE, HEADING, TEXT, MORE, SMALL = 30.0, 18.0, 16.0, 13.0, 10.0
BOX = 15.0
INDENT = 30.0
# Body 16, 15, 14 points: never less.
SCALES = (1.0, 0.94, 0.88)
KEY_WIDTH = 118.0


def draw_leaflet(leaflet: Leaflet, *, made_at: datetime) -> bytes:
    """The leaflet as a PDF of as many A4 pages as it takes; all text can be selected.

    Somewhat smaller letters are taken where they save a whole page.
    """
    canvas = _set(leaflet, SCALES[0])
    for scale in SCALES[1:]:
        closer = _set(leaflet, scale)
        if len(closer.pages) < len(canvas.pages):
            canvas = closer
            break
    language = "en" if leaflet.language == "en" else "vi-VN"
    return canvas.pdf(f"{leaflet.kicker}: {leaflet.title}", made_at, language)


def _set(leaflet: Leaflet, scale: float) -> Canvas:
    pen = _Pen(scale)
    pen.lines(leaflet.kicker.upper(), "bold", 12, GREEN)
    pen.lines(leaflet.title, "bold", TITLE, INK, leading=1.2)
    if leaflet.under:
        pen.gap(2)
        pen.lines(leaflet.under, "medium", MORE - 1, QUIET)
    for part in leaflet.parts:
        pen.part(part)
    pen.closing(leaflet.closing, leaflet.small)
    return pen.canvas


class _Pen:
    """Where on which page we are. Sizes are given as at scale 1."""

    def __init__(self, scale: float) -> None:
        self.canvas = Canvas()
        self.scale = scale
        self.y = TOP

    def gap(self, height: float) -> None:
        self.y += height * self.scale

    def room(self, height: float) -> None:
        """Begin a new page when `height` does not fit on this one."""
        if self.y + height > FOOT:
            self.canvas.new_page()
            self.y = TOP

    def lines(
        self, text: str, weight: Weight, size: float, colour: Colour, *, x: float = MARGIN,
        room: float | None = None, leading: float = 1.4,
    ) -> None:  # fmt: skip
        size *= self.scale
        for line in wrap(text, weight, size, room or WIDTH - (x - MARGIN)):
            self.room(size * leading)
            self.y += size * leading
            self.canvas.text(x, self.y - size * (leading - 1), line, weight, size, colour)

    def part(self, part: Part) -> None:
        self.gap(12)
        heading = HEADING * self.scale
        height = sum(self._row_height(row) for row in part.rows[:1]) + heading * 2
        self.room(height)
        if part.shaded:
            whole = (
                16 * self.scale + heading * 1.4 + sum(self._row_height(row) for row in part.rows)
            )
            if self.y + whole <= FOOT:
                self.canvas.box(MARGIN - 10, self.y, WIDTH + 20, whole, fill=GROUND)
            self.gap(6)
        else:
            rule = self.y + 2
            self.canvas.stroke([(MARGIN, rule), (MARGIN + WIDTH, rule)], LINE, 0.8)
            self.gap(8)
        if part.heading:
            self.lines(part.heading, "bold", HEADING, CLAY if part.shaded else GREEN)
            self.gap(2)
        for row in part.rows:
            self.row(row)
        for key, value in part.facts:
            self.fact(key, value)
        if part.shaded:
            self.gap(8)

    def row(self, row: Row) -> None:
        """A box or number, the paper, its kind beside it, why below."""
        self.room(self._row_height(row))
        self.gap(6)
        size, top = TEXT * self.scale, self.y
        if row.mark in ("box", "ticked"):
            self.canvas.box(MARGIN, top + 4, BOX, BOX, line=INK, fill=WHITE)
            if row.mark == "ticked":
                x, y = MARGIN + 3, top + 4 + BOX * 0.55
                points = [(x, y), (x + 3.4, y + 4), (x + 10, y - 5)]
                self.canvas.stroke(points, GREEN, 2.2)
        else:
            self.canvas.text(MARGIN, top + size, f"{row.mark}.", "bold", size, GREEN)
        self.lines(row.text, "bold", TEXT, INK, x=MARGIN + INDENT)
        if row.tag and self._tag_beside(row):
            x = MARGIN + INDENT + self._last_width(row) + 10
            self.canvas.text(x, self.y - size * 0.4, row.tag, "medium", MORE * self.scale, CLAY)
        elif row.tag:
            self.lines(row.tag, "medium", MORE, CLAY, x=MARGIN + INDENT)
        for text in row.more:
            self.lines(text, "medium", MORE, QUIET, x=MARGIN + INDENT)

    def fact(self, key: str, value: str) -> None:
        size = (TEXT - 1) * self.scale
        lines = wrap(value, "medium", size, WIDTH - KEY_WIDTH)
        self.room(len(lines) * size * 1.4 + 4)
        self.gap(4)
        self.canvas.text(MARGIN, self.y + size, key, "bold", MORE * self.scale, QUIET)
        self.lines(value, "medium", TEXT - 1, INK, x=MARGIN + KEY_WIDTH)

    def closing(self, closing: Sequence[str], small: Sequence[str]) -> None:
        """The lines that are on every paper of ours, at the foot of the last page."""
        texts = [text for text in small if text]
        small_pt, text_pt = SMALL * self.scale, TEXT * self.scale
        count = sum(len(wrap(text, "medium", small_pt, WIDTH)) for text in texts)
        height = len(closing) * text_pt * 1.4 + count * small_pt * 1.4 + 18 * self.scale
        self.gap(14)
        self.room(height)
        self.y = max(self.y, FOOT - height)
        self.canvas.stroke([(MARGIN, self.y), (MARGIN + WIDTH, self.y)], GREEN, 1.6)
        self.gap(4)
        for text in closing:
            self.lines(text, "bold", TEXT, INK)
        self.gap(4)
        for text in texts:
            self.lines(text, "medium", SMALL, QUIET)

    def _row_height(self, row: Row) -> float:
        room, size, more = WIDTH - INDENT, TEXT * self.scale, MORE * self.scale
        lines = len(wrap(row.text, "bold", size, room))
        below = sum(len(wrap(text, "medium", more, room)) for text in row.more)
        if row.tag and not self._tag_beside(row):
            below += len(wrap(row.tag, "medium", more, room))
        return 6 * self.scale + lines * size * 1.4 + below * more * 1.4

    def _last_width(self, row: Row) -> float:
        size = TEXT * self.scale
        return width_pt(wrap(row.text, "bold", size, WIDTH - INDENT)[-1], "bold", size)

    def _tag_beside(self, row: Row) -> bool:
        tag = width_pt(row.tag, "medium", MORE * self.scale)
        return self._last_width(row) + 10 + tag <= WIDTH - INDENT
