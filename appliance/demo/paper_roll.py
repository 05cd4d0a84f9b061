"""This file is the paper of the virtual printer: dots burnt row by row, a knife 12 mm on."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image, ImageDraw

from appliance.paper.font import face

DOTS_PER_MM = 8
HEAD_TO_KNIFE_DOTS = 96
_CELL_WIDTH, _CELL_HEIGHT = 12, 24
_INVERT = bytes(range(255, -1, -1))
# A roll that is never cut would fill the memory: 5 m are kept.
_MAX_ROWS = 40_000


@dataclass(frozen=True)
class Paper:
    """One piece that came out. `rows` are packed dots, 1 = black; `torn` if no knife cut it."""

    number: int
    dots: int
    rows: bytes = field(repr=False)
    printed_at: str
    torn: bool = False
    text: str = ""

    @property
    def height_dots(self) -> int:
        return len(self.rows) * 8 // self.dots

    @property
    def length_mm(self) -> float:
        return self.height_dots / DOTS_PER_MM

    @cached_property
    def image(self) -> Image.Image:
        """The piece as an "L" picture, 0 = black; at least one row."""
        if not self.rows:
            return Image.new("L", (self.dots, 1), 255)
        size = (self.dots, self.height_dots)
        return Image.frombytes("1", size, self.rows.translate(_INVERT)).convert("L")

    @cached_property
    def png(self) -> bytes:
        file = io.BytesIO()
        self.image.convert("1").save(file, "PNG")
        return file.getvalue()


class Roll:
    """What has left the head since the last cut; the first 12 mm of a piece are always blank."""

    def __init__(self, dots: int) -> None:
        self.dots = dots
        self._row_bytes = dots // 8
        self._rows = bytearray(self._row_bytes * HEAD_TO_KNIFE_DOTS)
        self._line = b""
        self._text: list[str] = []

    @property
    def has_ink(self) -> bool:
        return any(self._rows)

    def clear_line(self) -> None:
        """Forget letters that are not printed yet."""
        self._line = b""

    def type_letters(self, text: bytes) -> list[bytes]:
        """Put letters into the line; give the rows of every line that is full by now."""
        full: list[bytes] = []
        self._line += text
        columns = self.dots // _CELL_WIDTH
        while len(self._line) > columns:
            line, self._line = self._line[:columns], self._line[columns:]
            full.append(self._draw_line(line) + bytes(6 * self._row_bytes))
        return full

    def feed_rows(self, dots: int) -> bytes:
        """The rows that moving the paper by `dots` prints: the line, if any, then blank."""
        if not self._line:
            return bytes(self._row_bytes * dots)
        line, self._line = self._line, b""
        return self._draw_line(line) + bytes(self._row_bytes * max(0, dots - _CELL_HEIGHT))

    def raster_rows(self, row_bytes: int, rows: bytes, wide: int, high: int) -> bytes:
        """A picture as rows of this paper: what is too wide is lost at the right edge."""
        height = len(rows) // row_bytes
        picture = Image.frombytes("1", (row_bytes * 8, height), rows)
        if wide > 1 or high > 1:
            picture = picture.resize((picture.width * wide, picture.height * high))
        fitted = Image.new("1", (self.dots, picture.height), 0)
        fitted.paste(picture, (0, 0))
        return fitted.tobytes()

    def burn(self, rows: bytes) -> None:
        """Print whole rows; the paper moves on by as many."""
        self._rows += rows
        if len(self._rows) > _MAX_ROWS * self._row_bytes:
            del self._rows[: len(self._rows) - _MAX_ROWS * self._row_bytes]

    def cut(self) -> tuple[bytes, str]:
        """Cut at the knife; what stands between head and knife stays for the next piece."""
        keep = HEAD_TO_KNIFE_DOTS * self._row_bytes
        piece = bytes(self._rows[:-keep])
        self._rows = self._rows[-keep:]
        text, self._text = "".join(self._text), []
        return piece, text

    def tear(self) -> tuple[bytes, str]:
        """Take everything that came out, up to the head."""
        piece, self._rows = bytes(self._rows), bytearray(self._row_bytes * HEAD_TO_KNIFE_DOTS)
        text, self._text, self._line = "".join(self._text), [], b""
        return piece, text

    def _draw_line(self, line: bytes) -> bytes:
        """Letters as the cheap ones print them: code page 437 whatever was asked for."""
        letters = line.decode("cp437")
        self._text.append(letters + "\n")
        picture = Image.new("L", (self.dots, _CELL_HEIGHT), 255)
        pen = ImageDraw.Draw(picture)
        font = face("medium", 20).font
        for column, letter in enumerate(letters):
            middle = column * _CELL_WIDTH + _CELL_WIDTH // 2
            pen.text((middle, 18), letter, fill=0, font=font, anchor="ms")
        return picture.point([1] * 128 + [0] * 128, "1").tobytes()
