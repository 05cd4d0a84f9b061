"""This file is the inside of the virtual printer: it obeys ESC/POS and keeps what it printed."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

DLE_EOT = b"\x10\x04"
# ESC/POS commands of ours and python-escpos's that carry a fixed number of bytes after them.
_FIXED = {
    b"\x1b\x40": 0,
    b"\x1b\x61": 1,
    b"\x1b\x64": 1,
    b"\x1b\x4a": 1,
    b"\x1b\x33": 1,
    b"\x1b\x74": 1,
    b"\x1d\x61": 1,
    b"\x1d\x72": 1,
}


@dataclass
class VirtualSlip:
    """One piece of paper: rows of dots (one bit a dot, 1 = black), and the bytes that made it."""

    width_dots: int = 0
    rows: list[bytes] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    text: bytearray = field(default_factory=bytearray)

    def png(self) -> bytes:
        """The paper as a black and white PNG."""
        from PIL import Image

        packed = b"".join(row.ljust(self.width_dots // 8, b"\0") for row in self.rows)
        if not packed:
            image = Image.new("1", (max(8, self.width_dots), 8), 1)
        else:
            size = (self.width_dots, len(self.rows))
            image = Image.frombytes("1", size, bytes(255 - byte for byte in packed))
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()


class Mechanism:
    """Takes bytes in pieces of any size; `paper_rows` is what the roll still has (None: plenty)."""

    def __init__(self) -> None:
        self.slips: list[VirtualSlip] = []
        self.answers: list[int] = []
        self.paper_rows: int | None = None
        self.cover_open = False
        self.knows_barrier = True
        self.tells_changes = False
        self._slip = VirtualSlip()
        self._waiting = bytearray()

    @property
    def paper_out(self) -> bool:
        return self.paper_rows is not None and self.paper_rows <= 0

    @property
    def waiting_bytes(self) -> int:
        """Bytes in the buffer that the halted mechanism has not worked off."""
        return len(self._waiting)

    def feed(self, data: bytes) -> None:
        self._waiting += data
        while self._waiting:
            used = self._step(bytes(self._waiting[: 8 + 72 * 4096]))
            if used == 0:
                return
            if self._waiting[:2] != b"\x1d\x61":  # talk between the two, no part of the paper
                self._slip.data += self._waiting[:used]
            del self._waiting[:used]

    def realtime(self, n: int) -> int:
        """The answer to DLE EOT n, given at once whatever the mechanism is doing."""
        halted = self.paper_out or self.cover_open
        if n == 1:
            return 0x12 | 0x08 * halted
        if n == 2:
            return 0x12 | 0x04 * self.cover_open | 0x20 * self.paper_out
        if n == 4:
            return 0x12 | 0x6C * self.paper_out
        return 0x12

    def _step(self, data: bytes) -> int:
        """Obey the first command; the bytes it took, 0 when more must come or it is halted."""
        if data[:2] == DLE_EOT:
            if len(data) < 3:
                return 0
            self.answers.append(self.realtime(data[2]))
            return 3
        if self.paper_out or self.cover_open:
            return 0
        if data[:1] in (b"\x1b", b"\x1d") and len(data) < 2:
            return 0
        if data[:3] == b"\x1d\x76\x30":
            return self._raster(data)
        if data[:2] == b"\x1d\x56":
            return self._cut(data)
        extra = _FIXED.get(data[:2])
        if extra is not None:
            if len(data) < 2 + extra:
                return 0
            if data[:2] == b"\x1d\x72" and self.knows_barrier:
                self.answers.append(0x00)
            if data[:2] == b"\x1d\x61":
                self.tells_changes = bool(data[2])
                self._tell()
            if data[:2] == b"\x1b\x40":
                self.tells_changes = False
            return 2 + extra
        if data[0]:
            self._slip.text.append(data[0])  # what a real one would print as garbage
        return 1

    def _raster(self, data: bytes) -> int:
        if len(data) < 8:
            return 0
        width = data[4] + 256 * data[5]
        height = data[6] + 256 * data[7]
        if len(data) < 8 + width * height:
            return 0
        for row in range(height):
            if self.paper_out:
                break
            start = 8 + row * width
            self._slip.rows.append(data[start : start + width])
            if self.paper_rows is not None:
                self.paper_rows -= 1
                if self.paper_out:
                    self._tell()
        self._slip.width_dots = max(self._slip.width_dots, 8 * width)
        return 8 + width * height

    def _tell(self) -> None:
        """Automatic status, four bytes, to who asked for it."""
        if self.tells_changes:
            halted = self.paper_out or self.cover_open
            first = 0x10 | 0x08 * halted | 0x20 * self.cover_open
            self.answers += [first, 0, 0x0C * self.paper_out, 0]

    def _cut(self, data: bytes) -> int:
        if len(data) < 3:
            return 0
        used = 4 if data[2] in (65, 66) else 3
        if len(data) < used:
            return 0
        self._slip.data += data[:used]
        self.slips.append(self._slip)
        self._slip = VirtualSlip()
        return used
