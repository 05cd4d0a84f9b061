"""This file is the inside of the virtual printer: its buffer, its head, the pace of its paper."""

from __future__ import annotations

import math
import re
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from appliance.demo.escpos_decode import (
    AutoStatus,
    Cut,
    Decoder,
    Feed,
    Initialise,
    Letters,
    Op,
    Raster,
    StatusAsked,
)
from appliance.demo.paper_roll import DOTS_PER_MM, HEAD_TO_KNIFE_DOTS, Paper, Roll
from appliance.demo.printer_state import SLOW_FACTOR, PrinterState

_REAL_TIME = re.compile(rb"\x10\x04([\x01-\x04])")
_SLICE_ROWS = DOTS_PER_MM
_CHUNK_BYTES = 1024


class Sender(Protocol):
    """The way back to who sent the bytes."""

    def answer(self, data: bytes) -> None: ...


class Engine:
    """Prints what `put` took, in its own thread; all of its state is guarded by `changed`."""

    def __init__(
        self,
        state: PrinterState,
        *,
        dots: int,
        speed_mm_s: float,
        buffer_bytes: int,
        on_paper: Callable[[Paper], None],
    ) -> None:
        self.state = state
        self.changed = threading.Condition(threading.RLock())
        self.buffered_bytes = 0
        self.received_bytes = 0
        self.papers_made = 0
        self._buffer_bytes = buffer_bytes
        self._speed_mm_s = speed_mm_s
        self._on_paper = on_paper
        self._roll = Roll(dots)
        self._row_bytes = dots // 8
        self._jobs: deque[tuple[Sender, bytes]] = deque()
        self._decoder = Decoder()
        self._tail: dict[int, bytes] = {}
        self._told: set[Sender] = set()
        self._life = 0  # grows with each power cycle, so that work under way is dropped
        self._busy = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="virtual-printer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self.changed:
            self._stopping = True
            self.changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def room_bytes(self) -> int:
        """How many more bytes fit; 0 while it takes nothing at all."""
        if self.state.stalled or not self.state.power:
            return 0
        return max(0, self._buffer_bytes - self.buffered_bytes)

    @property
    def idle(self) -> bool:
        return not self._jobs and not self._busy

    def put(self, line: Sender, data: bytes) -> bool:
        """Take `data` from `line`; real-time questions are answered at once, whatever they are
        part of. Return False when the printer reset itself on this data.
        """
        with self.changed:
            self.received_bytes += len(data)
            limit = self.state.reset_after_bytes
            if limit is not None:
                if len(data) >= limit:
                    self.state.reset_after_bytes = None
                    self._accept(line, data[:limit])
                    self._wait_idle()
                    self.forget()
                    return False
                self.state.reset_after_bytes = limit - len(data)
            seen = self._tail.get(id(line), b"") + data
            for question in _REAL_TIME.finditer(seen):
                self._answer(line, self.state.real_time_status(question[1][0]))
            # Only what could begin a question, so that none is seen twice.
            self._tail[id(line)] = b"" if _REAL_TIME.search(seen[-3:]) else seen[-2:]
            self._accept(line, data)
            return True

    def forget(self) -> None:
        """What a power cycle does: everything not yet on paper is gone."""
        with self.changed:
            self._life += 1
            self._jobs.clear()
            self._tail.clear()
            self._told.clear()
            self.buffered_bytes = 0
            self._decoder = Decoder()
            self._roll.clear_line()
            self.changed.notify_all()

    def hang_up(self, line: Sender) -> None:
        """`line` is closed; what it sent is printed all the same."""
        with self.changed:
            self._tail.pop(id(line), None)
            self._told.discard(line)

    def greet(self, line: Sender) -> None:
        """A chatty printer reports to whoever connects."""
        with self.changed:
            if self.state.chatty:
                self._answer(line, b"")

    def tell_change(self) -> None:
        """Call after a switch was set: wakes the head, reports to who asked for it."""
        with self.changed:
            for line in self._told:
                self._send(line, self.state.auto_status())
            self.changed.notify_all()

    def tear_off(self) -> None:
        """Pull out what has been printed since the last cut."""
        with self.changed:
            if self._roll.has_ink:
                self._hand_over(*self._roll.tear(), torn=True)

    def _accept(self, line: Sender, data: bytes) -> None:
        for start in range(0, len(data), _CHUNK_BYTES):
            self._jobs.append((line, data[start : start + _CHUNK_BYTES]))
        self.buffered_bytes += len(data)
        self.changed.notify_all()

    def _wait_idle(self) -> None:
        """Let the head finish what it has, unless it cannot."""
        self.changed.wait_for(lambda: self.idle or not self.state.prints or self._stopping, 5)

    def _answer(self, line: Sender, data: bytes) -> None:
        self._send(line, (self.state.auto_status() if self.state.chatty else b"") + data)

    def _send(self, line: Sender, data: bytes) -> None:
        if data and self.state.power and not self.state.silent and not self.state.stalled:
            line.answer(data)

    def _run(self) -> None:
        with self.changed:
            while not self._stopping:
                if not self._jobs or not self.state.prints:
                    self.changed.wait()
                    continue
                line, data = self._jobs.popleft()
                self._busy = True
                life = self._life
                for op in self._decoder.feed(data):
                    if not self._do(op, line, life):
                        break
                self._busy = False
                if life == self._life:
                    self.buffered_bytes -= len(data)
                self.changed.notify_all()

    def _do(self, op: Op, line: Sender, life: int) -> bool:
        """Do one thing; False when the power went meanwhile."""
        match op:
            case Raster(row_bytes, rows, wide, high):
                return self._print(self._roll.raster_rows(row_bytes, rows, wide, high), life)
            case Letters(text):
                return all(self._print(rows, life) for rows in self._roll.type_letters(text))
            case Feed(dots):
                return self._print(self._roll.feed_rows(dots), life)
            case Cut(feed_dots):
                feed = 0 if feed_dots is None else HEAD_TO_KNIFE_DOTS + feed_dots
                if not self._print(self._roll.feed_rows(feed), life):
                    return False
                self._hand_over(*self._roll.cut(), torn=False)
            case StatusAsked(n):
                if not self._ready(life):
                    return False
                self._answer(line, self.state.in_order_status(n))
            case AutoStatus(n):
                self._told.add(line) if n else self._told.discard(line)
                if n:
                    self._send(line, self.state.auto_status())
            case Initialise():
                self._roll.clear_line()
        return True

    def _print(self, rows: bytes, life: int) -> bool:
        """Burn `rows` at the pace of the paper; waits while there is none."""
        start = 0
        while start < len(rows):
            if not self._ready(life):
                return False
            left = max(1, math.ceil(self.state.paper_mm * DOTS_PER_MM))
            piece = rows[start : start + min(_SLICE_ROWS, left) * self._row_bytes]
            start += len(piece)
            height_mm = len(piece) / self._row_bytes / DOTS_PER_MM
            self._roll.burn(piece)
            self.state.paper_mm -= height_mm
            if self.state.paper_out:
                self.tell_change()
            pause_s = height_mm / self._speed_mm_s * (SLOW_FACTOR if self.state.slow else 1)
            if pause_s:
                self.changed.wait_for(lambda: self._gone(life), pause_s)
        return not self._gone(life)

    def _ready(self, life: int) -> bool:
        """Wait until paper moves again; False when it never will for this job."""
        self.changed.wait_for(lambda: self.state.prints or self._gone(life))
        return not self._gone(life)

    def _gone(self, life: int) -> bool:
        return self._stopping or life != self._life

    def _hand_over(self, rows: bytes, text: str, *, torn: bool) -> None:
        self.papers_made += 1
        now_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        paper = Paper(self.papers_made, self._row_bytes * 8, rows, now_at, torn, text)
        self._on_paper(paper)
        self.changed.notify_all()
