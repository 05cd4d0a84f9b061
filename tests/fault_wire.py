"""This file is a wire between house and broker that can misbehave in every way a network does.

It waits (latency), swallows everything (a black hole), refuses, breaks with FIN or with RST, breaks
in the middle of a packet after any byte, and loses what the broker acknowledges.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

PUBACK, PUBLISH = 0x40, 0x30
LOOK_S = 0.02
RST = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: closing sends RST instead of FIN


class Wire:
    """A relay to a port of this machine. Set its faults while it runs; `heal` ends them all.

    latency_s: how long each piece waits, both ways. silent: nothing passes, nothing is closed.
    refusing: who calls is hung up on at once. eat_pubacks: acknowledgements never arrive (`eaten`
    counts them). `calls` counts connections, `sent` the reports (PUBLISH on …/up/…) that houses put
    on the wire.
    """

    def __init__(self, port: int, *, raw: bool = False) -> None:
        """`raw`: what passes is not MQTT in the clear (TLS, say), so nobody looks into it."""
        self._target, self._raw = port, raw
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.heal()
        self.eaten = self.sent = self.calls = self.cuts_inside = 0
        self._lines: list[_Line] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self) -> None:
        """A good line again; whatever broke stays broken."""
        self.latency_s = 0.0
        self.silent = self.refusing = self.eat_pubacks = False
        self._bytes_left: dict[bool, int | None] = {False: None, True: None}

    def cut(self) -> None:
        """Every connection there is ends now, as if both sides had hung up."""
        self._end_all(by_reset=False)

    def reset(self) -> None:
        """Every connection there is breaks with RST: what is on its way is lost."""
        self._end_all(by_reset=True)

    def _end_all(self, *, by_reset: bool) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            line.end(by_reset=by_reset)

    def cut_after(self, n_bytes: int, *, back: bool = False) -> None:
        """After so many more bytes to the broker (`back`: from it) everything breaks with RST,
        in the middle of a packet or not."""
        self._bytes_left[back] = max(0, n_bytes)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self.refusing:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # no broker just now, or no way to it: whoever called is told so
                with contextlib.suppress(OSError):
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                near.close()
                continue
            self.calls += 1
            line = _Line(near, far)
            self._lines.append(line)
            for back in (False, True):
                threading.Thread(target=self._pump, args=(line, back), daemon=True).start()

    def _pump(self, line: _Line, back: bool) -> None:
        packets = _Packets()
        a, b = (line.far, line.near) if back else (line.near, line.far)
        try:
            while data := a.recv(65536):
                if self.latency_s:
                    time.sleep(self.latency_s)
                while self.silent:
                    time.sleep(LOOK_S)
                if (out := self._pass(packets, data, back)) and not self._cut_inside(b, out, back):
                    b.sendall(out)
        except OSError:
            pass
        finally:
            line.left()

    def _pass(self, packets: _Packets, data: bytes, back: bool) -> bytes:
        """What of this goes on. Only whole packets are looked at; all others wait for their end."""
        if self._raw:
            return data
        out = b""
        for packet in packets.take(data):
            kind = packet[0] & 0xF0
            if back and kind == PUBACK and self.eat_pubacks:
                self.eaten += 1
                continue
            if not back and kind == PUBLISH and b"/up/" in packet[:80]:
                self.sent += 1
            out += packet
        return out

    def _cut_inside(self, b: socket.socket, out: bytes, back: bool) -> bool:
        """True when the line broke within these bytes; those before the break have gone on."""
        left = self._bytes_left[back]
        if left is None:
            return False
        if len(out) <= left:
            self._bytes_left[back] = left - len(out)
            return False
        self._bytes_left[back] = None
        self.cuts_inside += 1
        b.sendall(out[:left])
        time.sleep(LOOK_S)  # so that the first half does arrive, and is not taken back by the RST
        self.reset()
        return True


class _Line:
    """One connection through the wire: two sockets, and two threads that carry."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self._by_reset = False
        self._carriers = 2
        self._lock = threading.Lock()

    def end(self, *, by_reset: bool) -> None:
        self._by_reset = by_reset
        for s in (self.near, self.far):
            with contextlib.suppress(OSError):
                if by_reset:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                # Reading ends at both threads. With RST no FIN may go before it.
                s.shutdown(socket.SHUT_RD if by_reset else socket.SHUT_RDWR)

    def left(self) -> None:
        """One of the two threads has ended: the other is to end as well, and the last closes."""
        self.end(by_reset=self._by_reset)
        with self._lock:
            self._carriers -= 1
            last = self._carriers == 0
        if last:
            self.near.close()
            self.far.close()


class _Packets:
    """Cuts a stream of bytes into MQTT packets."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while (end := self._end()) is not None:
            yield self._rest[:end]
            self._rest = self._rest[end:]

    def _end(self) -> int | None:
        """Where the first packet ends, or None while it is not whole."""
        size = 0
        for i in range(1, min(5, len(self._rest))):
            size |= (self._rest[i] & 0x7F) << 7 * (i - 1)
            if not self._rest[i] & 0x80:
                end = i + 1 + size
                return end if len(self._rest) >= end else None
        return None
