"""This file is a receipt printer on a TCP port: real bytes in, pictures of paper out.

It keeps what makes real ones hard: paper, buffer and pace are finite, a full buffer stops the
sender, one sender at a time is heard, a half-sent command swallows the next job, and status
questions may be answered late, twice or never. Known and shown as virtual everywhere.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping

from appliance.demo.paper_roll import Paper
from appliance.demo.printer_engine import Engine
from appliance.demo.printer_state import PrinterState, set_faults

ROLL_MM = 30_000.0
DEFAULT_PORT = 9100
# Small, so that little hides between the sender and a printer that takes no more.
_KERNEL_BUFFER_BYTES = 4096
_RESET = struct.pack("ii", 1, 0)


class _Connection:
    """One sender; `answer` may be called from any thread and never blocks."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def answer(self, data: bytes) -> None:
        try:
            self.sock.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            return  # nobody there, or nobody reading: the printer does not care


class VirtualPrinter:
    """A printer at `host:port` (port 0: any free one, then `.port`).

    `dots` per line, `speed_mm_s` of paper (float("inf") for tests), `paper_mm` left on the roll,
    `buffer_bytes` it takes ahead of the head. `on_paper(paper)` is called in the printer's thread.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        dots: int = 576,
        speed_mm_s: float = 150.0,
        paper_mm: float = ROLL_MM,
        buffer_bytes: int = 32_768,
        keep_papers: int = 50,
        on_paper: Callable[[Paper], None] | None = None,
        faults: Mapping[str, str] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.on_paper = on_paper
        self.state = PrinterState(paper_mm=paper_mm)
        set_faults(self.state, faults or {})
        self._papers: deque[Paper] = deque(maxlen=keep_papers)
        self._engine = Engine(
            self.state,
            dots=dots,
            speed_mm_s=speed_mm_s,
            buffer_bytes=buffer_bytes,
            on_paper=self._keep,
        )
        self._changed = self._engine.changed
        self._listener: socket.socket | None = None
        self._listening = False
        self._stopping = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="printer-port", daemon=True)

    # --- life

    def start(self) -> VirtualPrinter:
        """Bind and serve; raises OSError when the port is taken."""
        self._bind()
        self._engine.start()
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._listening or not self.state.power)
        return self

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()
            self._engine.stop()
        for sock in (self._listener, self._wake_in, self._wake_out):
            if sock is not None:
                sock.close()

    def __enter__(self) -> VirtualPrinter:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- what came out

    @property
    def papers(self) -> list[Paper]:
        """The newest pieces, oldest first."""
        with self._changed:
            return list(self._papers)

    @property
    def papers_made(self) -> int:
        """Pieces since it was built, forgotten ones included."""
        return self._engine.papers_made

    @property
    def received_bytes(self) -> int:
        return self._engine.received_bytes

    @property
    def buffered_bytes(self) -> int:
        return self._engine.buffered_bytes

    def wait_for_papers(self, count: int, timeout_s: float = 10.0) -> bool:
        """Wait until `count` pieces were made in all."""
        with self._changed:
            return self._changed.wait_for(lambda: self.papers_made >= count, timeout_s)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
        """Wait until `condition()`, looked at whenever anything changes inside."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    # --- what people do to it

    def take_out_paper(self) -> None:
        """The roll is taken out, and what hung from it comes along."""
        with self._changed:
            self.state.paper_in = False
            self._engine.tear_off()
            self._engine.tell_change()

    def put_in_paper(self, paper_mm: float = ROLL_MM) -> None:
        """A roll is put in; what was left of the old one is torn off first."""
        with self._changed:
            self._engine.tear_off()
            self.state.paper_in, self.state.paper_mm = True, paper_mm
            self._engine.tell_change()

    def tear_off(self) -> None:
        self._engine.tear_off()

    def open_cover(self) -> None:
        self.set_faults({"cover_open": "1"})

    def close_cover(self) -> None:
        self.set_faults({"cover_open": "0"})

    def turn_off(self) -> None:
        """Reset the sender, refuse new ones, forget what is not on paper."""
        self.set_faults({"off": "1"})
        with self._changed:
            self._changed.wait_for(lambda: not self._listening, 5)

    def turn_on(self) -> None:
        self.set_faults({"off": "0"})
        with self._changed:
            self._changed.wait_for(lambda: self._listening, 5)

    def set_faults(self, faults: Mapping[str, str]) -> None:
        """Set faults by the names of `printer_state.set_faults`."""
        with self._changed:
            had_power = self.state.power
            set_faults(self.state, faults)
            if had_power and not self.state.power:
                self._engine.forget()
            self._engine.tell_change()
        self._wake()

    # --- the port

    def _keep(self, paper: Paper) -> None:
        self._papers.append(paper)
        if self.on_paper is not None:
            self.on_paper(paper)

    def _bind(self) -> None:
        """Hold the port without listening: who connects is refused, nobody else can take it."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BUFFER_BYTES)
        try:
            sock.bind((self.host, self.port))
        except OSError:
            sock.close()
            raise
        self.port = sock.getsockname()[1]
        self._listener = sock

    def _wake(self) -> None:
        try:
            self._wake_out.send(b"!", socket.MSG_DONTWAIT)
        except OSError:
            return  # full: it is awake anyway; closed: it has ended

    def _set_listening(self, listening: bool) -> None:
        with self._changed:
            self._listening = listening
            self._changed.notify_all()

    def _serve(self) -> None:
        while not self._stopping:
            if not self.state.power:
                if self._listening and self._listener is not None:
                    self._listener.close()
                    self._bind()
                self._set_listening(False)
                self._readable()
                continue
            assert self._listener is not None
            if not self._listening:
                self._listener.listen(8)
                self._set_listening(True)
            if self._readable(self._listener):
                sock, _ = self._listener.accept()
                self._hear(sock)
        self._set_listening(False)

    def _readable(self, sock: socket.socket | None = None, timeout_s: float | None = None) -> bool:
        """Wait for `sock` or for being woken; True when `sock` has something."""
        socks = [self._wake_in] if sock is None else [self._wake_in, sock]
        ready, _, _ = select.select(socks, [], [], timeout_s)
        if self._wake_in in ready:
            self._wake_in.recv(4096)
        return sock in ready

    def _hear(self, sock: socket.socket) -> None:
        """Take from one sender until it leaves, or the power does."""
        line = _Connection(sock)
        self._engine.greet(line)
        reset = False
        while not self._stopping and not reset:
            if not self.state.power:
                reset = True
                break
            with self._changed:
                room = self._engine.room_bytes
            if not room:
                # Full or stalled: looks again when something changes, reads nothing meanwhile.
                with self._changed:
                    self._changed.wait(0.1)
                continue
            if not self._readable(sock):
                continue
            try:
                data = sock.recv(min(room, _KERNEL_BUFFER_BYTES))
            except OSError:
                break
            if not data:
                break
            reset = not self._engine.put(line, data)
        self._engine.hang_up(line)
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        sock.close()
