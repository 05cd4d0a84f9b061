"""This file is a set of printers that misbehave: on a TCP port, and on a terminal's far end."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
import tty
from types import TracebackType

from appliance.devices.printer.virtual_paper import Mechanism

ROW_BYTES = 72


def job(rows: int = 256) -> bytes:
    """A job as our raster makes them: reset, strips of 128 rows with a pattern, feed, cut."""
    out = bytearray(b"\x1b\x40")
    for top in range(0, rows, 128):
        height = min(128, rows - top)
        out += b"\x1d\x76\x30\x00" + struct.pack("<HH", ROW_BYTES, height)
        out += bytes((top + y + x) % 251 for y in range(height) for x in range(ROW_BYTES))
    return bytes(out + b"\x1d\x56\x42\x00")


def quick(url: str, **more: float) -> str:
    """The URL with limits short enough for a test."""
    limits = {"stall_s": 0.5, "answer_s": 0.3, "slack_s": 0.5, "slow_mm_s": 2000} | more
    query = "&".join(f"{name}={value}" for name, value in limits.items())
    return f"{url}{'&' if '?' in url else '?'}{query}"


class TcpPrinterServer:
    """A printer on an ephemeral port.

    silent: prints, never answers · reset: resets right after accept · stall_at: stops reading
    after so many bytes · die_at: resets after so many bytes · asb: status blocks around each
    answer · out_at_row: the roll ends there · full_at: once its paper has ended it takes no more
    than so many bytes · no_barrier: knows DLE EOT, not GS r
    """

    def __init__(
        self,
        *,
        silent: bool = False,
        reset: bool = False,
        stall_at: int | None = None,
        die_at: int | None = None,
        asb: bool = False,
        out_at_row: int | None = None,
        full_at: int | None = None,
        no_barrier: bool = False,
    ) -> None:
        self.silent, self.reset, self.asb = silent, reset, asb
        self.stall_at, self.die_at, self.full_at = stall_at, die_at, full_at
        self.mechanism = Mechanism()
        self.mechanism.paper_rows = out_at_row
        self.mechanism.knows_barrier = not no_barrier
        self.received = bytearray()
        self._listener = socket.socket()
        # a small window, so that a stall is felt soon, as with a real printer's few kilobytes
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(4)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> TcpPrinterServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                if self.reset:
                    _reset_on_close(connection)
                    continue
                with contextlib.suppress(OSError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        taken = 0
        while not self._stop.is_set():
            ready, _, _ = select.select([connection], [], [], 0.05)
            if not ready:
                continue
            waiting = self.mechanism.waiting_bytes
            if self.full_at is not None and self.mechanism.paper_out and waiting > self.full_at:
                self._stop.wait(0.02)
                continue
            limit = 512
            for mark in (self.stall_at, self.die_at):
                if mark is not None:
                    limit = max(1, min(limit, mark - taken))
            data = connection.recv(limit)
            if not data:
                return
            if data[:2] != b"\x10\x04":
                taken += len(data)
                self.received += data
            self._answer(connection, data)
            if self.die_at is not None and taken >= self.die_at:
                _reset_on_close(connection)
                return
            if self.stall_at is not None and taken >= self.stall_at:
                self._stop.wait(30)
                return

    def _answer(self, connection: socket.socket, data: bytes) -> None:
        before = len(self.mechanism.answers)
        if data[:2] == b"\x10\x04" and len(data) == 3:
            self.mechanism.answers.append(self.mechanism.realtime(data[2]))
        else:
            self.mechanism.feed(data)
        fresh = bytes(self.mechanism.answers[before:])
        if fresh and not self.silent:
            noise = b"\x10\x00\x00\x00" if self.asb else b""
            connection.sendall(noise + fresh + noise)


class PtyPrinter:
    """A printer at the far end of a terminal in raw mode: a node like /dev/usb/lp0 to open."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.node = os.ttyname(self._slave)
        self.mechanism = Mechanism()
        self.received = bytearray()
        self.reading = threading.Event()
        self.reading.set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> PtyPrinter:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(5)
        os.close(self._slave)
        os.close(self._master)

    def _serve(self) -> None:
        while not self._stop.is_set():
            if not self.reading.is_set():
                self._stop.wait(0.02)
                continue
            ready, _, _ = select.select([self._master], [], [], 0.02)
            if not ready:
                continue
            data = os.read(self._master, 512)
            self.received += data
            self.mechanism.feed(data)
            answers, self.mechanism.answers = bytes(self.mechanism.answers), []
            if answers:
                os.write(self._master, answers)


def _reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
