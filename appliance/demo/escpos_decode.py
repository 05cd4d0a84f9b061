"""This file reads ESC/POS as a printer does: byte by byte, command by command, trusting nothing.

Whatever it does not know it prints, which is what makes a lost byte in a picture such a long strip
of garbage on real paper. Sources: Epson's ESC/POS reference, the TM-T88 and HPRT TP809 manuals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

DEFAULT_LINE_DOTS = 30
_MAX_ROW_BYTES = 8191


@dataclass(frozen=True)
class Raster:
    """Complete rows of a picture, `row_bytes` wide, 1 = black."""

    row_bytes: int
    rows: bytes
    wide: int = 1
    high: int = 1


@dataclass(frozen=True)
class Letters:
    """Bytes the printer prints as letters of its code page."""

    text: bytes


@dataclass(frozen=True)
class Feed:
    """Print what stands in the line, then move the paper."""

    dots: int


@dataclass(frozen=True)
class Cut:
    """Cut the paper; `feed_dots` is None for a cut right where the knife stands."""

    feed_dots: int | None = None


@dataclass(frozen=True)
class Initialise:
    """ESC @: forget every setting and the unprinted line."""


@dataclass(frozen=True)
class StatusAsked:
    """GS r n, to be answered when everything before it is on paper."""

    n: int


@dataclass(frozen=True)
class AutoStatus:
    """GS a n: send the status by yourself from now on (n = 0: stop)."""

    n: int


Op = Raster | Letters | Feed | Cut | Initialise | StatusAsked | AutoStatus

# Commands that change nothing we draw, with the number of bytes that follow their two.
_ESC_SKIP = {
    **dict.fromkeys(b" !-EGMRSTUVaert{=%Ku?", 1),
    **dict.fromkeys(b"$\\cB", 2),
    **dict.fromkeys(b"SL<v\x0c", 0),
    **{ord("p"): 3, ord("W"): 8},
}
_GS_SKIP = {
    **dict.fromkeys(b"!BbHfhwITE/", 1),
    **dict.fromkeys(b"LWP$\\", 2),
    **{ord("^"): 3, ord(":"): 0, ord("g"): 4},
}
_FS_SKIP = {**dict.fromkeys(b".&", 0), **dict.fromkeys(b"!-WC", 1), **dict.fromkeys(b"Sp", 2)}
_DLE_SKIP = {4: 1, 5: 1, 20: 3}


class Decoder:
    """Feed it bytes as they come; it keeps what is incomplete, even from job to job."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._line_dots = DEFAULT_LINE_DOTS
        # (bytes a row, rows still to come, times wide, times high) of a picture under way
        self._picture: tuple[int, int, int, int] | None = None
        self._skip = 0

    @property
    def midway(self) -> bool:
        """Whether a command or a picture is incomplete."""
        return bool(self._rest or self._picture or self._skip)

    def feed(self, data: bytes) -> Iterator[Op]:
        """Take `data`; give what the printer does now, in order."""
        self._rest += data
        while True:
            before = len(self._rest), self._picture, self._skip
            yield from self._step()
            if (len(self._rest), self._picture, self._skip) == before:
                return

    def _step(self) -> Iterator[Op]:
        if self._skip:
            taken = min(self._skip, len(self._rest))
            self._take(taken)
            self._skip -= taken
        elif self._picture:
            yield from self._rows()
        elif self._rest:
            first = self._rest[0]
            if first >= 0x20:
                yield from self._letters()
            elif first in _PREFIXES:
                yield from self._command(first)
            else:
                yield from self._control(self._take(1)[0])

    def _rows(self) -> Iterator[Op]:
        assert self._picture is not None
        row_bytes, rows_left, wide, high = self._picture
        rows = min(rows_left, len(self._rest) // row_bytes)
        if rows:
            rows_left -= rows
            self._picture = (row_bytes, rows_left, wide, high) if rows_left else None
            yield Raster(row_bytes, self._take(rows * row_bytes), wide, high)

    def _letters(self) -> Iterator[Op]:
        end = next((i for i, byte in enumerate(self._rest) if byte < 0x20), len(self._rest))
        yield Letters(self._take(end))

    def _control(self, byte: int) -> Iterator[Op]:
        if byte == 0x0A:
            yield Feed(self._line_dots)
        elif byte == 0x09:
            yield Letters(b"    ")

    def _command(self, prefix: int) -> Iterator[Op]:
        if len(self._rest) < 2:
            return
        name = self._rest[1]
        skip = _PREFIXES[prefix].get(name)
        if skip is not None:
            self._take(2)
            self._skip = skip
            return
        special = _SPECIAL.get((prefix, name))
        if special is None:
            # Unknown: the command vanishes, and what were its arguments is printed.
            self._take(1 if prefix == 0x10 else 2)
        else:
            yield from special(self)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._rest[:count])
        del self._rest[:count]
        return taken

    # Each of these leaves everything where it is until the whole command is there.

    def _initialise(self) -> Iterator[Op]:
        self._take(2)
        self._line_dots = DEFAULT_LINE_DOTS
        yield Initialise()

    def _default_spacing(self) -> Iterator[Op]:
        self._take(2)
        self._line_dots = DEFAULT_LINE_DOTS
        yield from ()

    def _spacing(self) -> Iterator[Op]:
        if len(self._rest) >= 3:
            self._line_dots = self._take(3)[2]
        yield from ()

    def _feed_lines(self) -> Iterator[Op]:
        if len(self._rest) >= 3:
            yield Feed(self._take(3)[2] * self._line_dots)

    def _feed_dots(self) -> Iterator[Op]:
        if len(self._rest) >= 3:
            yield Feed(self._take(3)[2])

    def _tab_stops(self) -> Iterator[Op]:
        end = self._rest.find(0, 2)
        if end >= 0 or len(self._rest) > 34:
            self._take(end + 1 if end >= 0 else 34)
        yield from ()

    def _old_cut(self) -> Iterator[Op]:
        self._take(2)
        yield Cut()

    def _columns(self) -> Iterator[Op]:
        """ESC * m nL nH: a picture in columns; taken in, not drawn (no driver of ours sends it)."""
        if len(self._rest) >= 5:
            _, _, mode, low, high = self._take(5)
            self._skip = (low + 256 * high) * (3 if mode >= 32 else 1)
        yield from ()

    def _cut(self) -> Iterator[Op]:
        if len(self._rest) < 3:
            return
        mode = self._rest[2]
        if mode in (65, 66, 97, 98, 103, 104):
            if len(self._rest) >= 4:
                yield Cut(feed_dots=self._take(4)[3])
        else:
            self._take(3)
            yield Cut()

    def _raster(self) -> Iterator[Op]:
        """GS v 0 m xL xH yL yH."""
        if len(self._rest) >= 3 and self._rest[2] not in (0, 48):
            self._take(2)
        elif len(self._rest) >= 8:
            header = self._take(8)
            row_bytes = header[4] + 256 * header[5]
            rows = header[6] + 256 * header[7]
            if 0 < row_bytes <= _MAX_ROW_BYTES and rows:
                wide, high = 1 + header[3] % 48 % 2, 1 + header[3] % 48 // 2 % 2
                self._picture = (row_bytes, rows, wide, high)
        yield from ()

    def _status(self) -> Iterator[Op]:
        if len(self._rest) >= 3:
            yield StatusAsked(self._take(3)[2])

    def _auto_status(self) -> Iterator[Op]:
        if len(self._rest) >= 3:
            yield AutoStatus(self._take(3)[2])

    def _sized(self) -> Iterator[Op]:
        """GS ( x pL pH and FS ( x pL pH: as many bytes as they say, not drawn."""
        if len(self._rest) >= 5:
            self._skip = self._rest[3] + 256 * self._rest[4]
            self._take(5)
        yield from ()

    def _barcode(self) -> Iterator[Op]:
        """GS k m …: up to a NUL, or by a count from m = 65 on; taken in, not drawn."""
        if len(self._rest) >= 4:
            if self._rest[2] >= 65:
                self._skip = self._rest[3]
                self._take(4)
            elif (end := self._rest.find(0, 3)) >= 0 or len(self._rest) > 259:
                self._take(end + 1 if end >= 0 else 259)
        yield from ()


_PREFIXES: dict[int, dict[int, int]] = {
    0x1B: _ESC_SKIP,
    0x1D: _GS_SKIP,
    0x1C: _FS_SKIP,
    0x10: _DLE_SKIP,
}
_SPECIAL: dict[tuple[int, int], Callable[[Decoder], Iterator[Op]]] = {
    (0x1B, ord("@")): Decoder._initialise,
    (0x1B, ord("2")): Decoder._default_spacing,
    (0x1B, ord("3")): Decoder._spacing,
    (0x1B, ord("d")): Decoder._feed_lines,
    (0x1B, ord("J")): Decoder._feed_dots,
    (0x1B, ord("D")): Decoder._tab_stops,
    (0x1B, ord("i")): Decoder._old_cut,
    (0x1B, ord("m")): Decoder._old_cut,
    (0x1B, ord("*")): Decoder._columns,
    (0x1D, ord("V")): Decoder._cut,
    (0x1D, ord("v")): Decoder._raster,
    (0x1D, ord("r")): Decoder._status,
    (0x1D, ord("a")): Decoder._auto_status,
    (0x1D, ord("(")): Decoder._sized,
    (0x1C, ord("(")): Decoder._sized,
    (0x1D, ord("k")): Decoder._barcode,
}
