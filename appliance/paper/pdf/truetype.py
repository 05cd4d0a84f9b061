"""This file reads what a PDF needs of a TrueType font: letters, widths and the outlines used."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from appliance.errors import ConfigError

# Tables a font inside a PDF is drawn with; the others are for layout engines.
_KEPT = ("cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep")
_COMPOSITE_ARGS_ARE_WORDS, _HAS_SCALE, _MORE = 0x0001, 0x0008, 0x0020
_HAS_XY_SCALE, _HAS_2X2 = 0x0040, 0x0080


@dataclass(frozen=True)
class TrueType:
    """The bytes of a .ttf file. All measures in thousandths of the letter size."""

    data: bytes

    @cached_property
    def tables(self) -> dict[str, bytes]:
        if self.data[:4] not in (b"\x00\x01\x00\x00", b"true"):
            raise ConfigError("not a TrueType font", code="font_missing")
        count = struct.unpack_from(">H", self.data, 4)[0]
        found = {}
        for i in range(count):
            tag, _sum, start, length = struct.unpack_from(">4sLLL", self.data, 12 + 16 * i)
            found[tag.decode("latin-1")] = self.data[start : start + length]
        return found

    def glyph(self, letter: str) -> int:
        """The number of the letter's glyph; 0 is the box for letters that are missing."""
        return self._glyphs.get(ord(letter), 0)

    def width(self, glyph: int) -> float:
        count: int = struct.unpack_from(">H", self.tables["hhea"], 34)[0]
        at = min(glyph, count - 1)
        return float(struct.unpack_from(">H", self.tables["hmtx"], 4 * at)[0] * self._scale)

    @property
    def ascent(self) -> float:
        return float(struct.unpack_from(">h", self.tables["hhea"], 4)[0] * self._scale)

    @property
    def descent(self) -> float:
        return float(struct.unpack_from(">h", self.tables["hhea"], 6)[0] * self._scale)

    @property
    def box(self) -> tuple[float, ...]:
        return tuple(v * self._scale for v in struct.unpack_from(">4h", self.tables["head"], 36))

    def with_only(self, glyphs: Iterable[int]) -> bytes:
        """The font with the outlines of these glyphs alone; their numbers stay as they are."""
        glyf, loca = self.tables["glyf"], self._loca
        wanted = self._closure(glyphs)
        outlines, places = bytearray(), [0]
        for glyph in range(len(loca) - 1):
            if glyph in wanted:
                outlines += glyf[loca[glyph] : loca[glyph + 1]]
                outlines += bytes(-len(outlines) % 4)
            places.append(len(outlines))
        head = bytearray(self.tables["head"])
        struct.pack_into(">h", head, 50, 1)  # long offsets
        new = {tag: self.tables[tag] for tag in _KEPT if tag in self.tables}
        new |= {"glyf": bytes(outlines), "head": bytes(head)}
        new["loca"] = struct.pack(f">{len(places)}L", *places)
        return _file(new)

    @cached_property
    def _scale(self) -> float:
        return 1000.0 / float(struct.unpack_from(">H", self.tables["head"], 18)[0])

    @cached_property
    def _loca(self) -> tuple[int, ...]:
        raw = self.tables["loca"]
        if struct.unpack_from(">h", self.tables["head"], 50)[0]:
            return struct.unpack(f">{len(raw) // 4}L", raw)
        return tuple(2 * v for v in struct.unpack(f">{len(raw) // 2}H", raw))

    def _closure(self, glyphs: Iterable[int]) -> set[int]:
        """These glyphs and what they are put together from: ế is e, circumflex and acute."""
        todo, seen = [0, *glyphs], set[int]()
        while todo:
            glyph = todo.pop()
            if glyph not in seen and glyph < len(self._loca) - 1:
                seen.add(glyph)
                todo += self._parts(glyph)
        return seen

    def _parts(self, glyph: int) -> list[int]:
        outline = self.tables["glyf"][self._loca[glyph] : self._loca[glyph + 1]]
        if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
            return []
        parts, at, flags = [], 10, _MORE
        while flags & _MORE:
            flags, part = struct.unpack_from(">HH", outline, at)
            parts.append(part)
            at += 4 + (4 if flags & _COMPOSITE_ARGS_ARE_WORDS else 2)
            at += 2 if flags & _HAS_SCALE else 4 if flags & _HAS_XY_SCALE else 0
            at += 8 if flags & _HAS_2X2 else 0
        return parts

    @cached_property
    def _glyphs(self) -> dict[int, int]:
        """Letter -> glyph, from the Unicode table of format 4 (every letter up to U+FFFF)."""
        cmap = self.tables["cmap"]
        for i in range(struct.unpack_from(">H", cmap, 2)[0]):
            _platform, _encoding, start = struct.unpack_from(">HHL", cmap, 4 + 8 * i)
            if struct.unpack_from(">H", cmap, start)[0] == 4:
                return _format_4(cmap[start:])
        raise ConfigError("this font has no table of letters we can read", code="font_missing")


def _format_4(table: bytes) -> dict[int, int]:
    n = struct.unpack_from(">H", table, 6)[0] // 2
    ends = struct.unpack_from(f">{n}H", table, 14)
    starts = struct.unpack_from(f">{n}H", table, 16 + 2 * n)
    deltas = struct.unpack_from(f">{n}H", table, 16 + 4 * n)
    offsets_at = 16 + 6 * n
    offsets = struct.unpack_from(f">{n}H", table, offsets_at)
    found = {}
    for i in range(n):
        for letter in range(starts[i], ends[i] + 1):
            if letter == 0xFFFF:
                continue
            if offsets[i] == 0:
                glyph = (letter + deltas[i]) & 0xFFFF
            else:
                at = offsets_at + 2 * i + offsets[i] + 2 * (letter - starts[i])
                glyph = struct.unpack_from(">H", table, at)[0]
                glyph = (glyph + deltas[i]) & 0xFFFF if glyph else 0
            if glyph:
                found[letter] = glyph
    return found


def _file(tables: dict[str, bytes]) -> bytes:
    """A font file of these tables, with sums and order as the format asks."""
    n = len(tables)
    power = 1 << (n.bit_length() - 1)
    header = struct.pack(
        ">4sHHHH", b"\x00\x01\x00\x00", n, 16 * power, power.bit_length() - 1, 16 * (n - power)
    )
    at = 12 + 16 * n
    directory, body = bytearray(), bytearray()
    for tag in sorted(tables):
        data = tables[tag]
        padded = data + bytes(-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sLLL", tag.encode("latin-1"), total, at, len(data))
        body += padded
        at += len(padded)
    return bytes(header + directory + body)
