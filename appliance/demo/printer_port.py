"""This file is the network socket of the virtual printer: one sender at a time, or none at all."""

from __future__ import annotations

import select
import socket
import struct
import threading

from appliance.demo.printer_engine import Engine

# Small, so that little hides between the sender and a printer that takes no more.
_KERNEL_BUFFER_BYTES = 4096
_RESET = struct.pack("ii", 1, 0)
_LOOK_AGAIN_S = 0.1


class _Sender:
    """Who sends; `answer` may be called from any thread and never blocks."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def answer(self, data: bytes) -> None:
        try:
            self.sock.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            return  # nobody there, or nobody reading: the printer does not care


class PrinterPort:
    """Hands what arrives at `host:port` to `engine`; without power whoever connects is refused."""

    def __init__(self, host: str, port: int, engine: Engine) -> None:
        self._host = host
        self._port = port
        self._engine = engine
        self._changed = engine.changed
        self._listener: socket.socket | None = None
        self._listening = False
        self._stopping = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="printer-port", daemon=True)

    def bind(self) -> int:
        """Hold the port without listening: connecting is refused, nobody else can take it.

        Return its number.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BUFFER_BYTES)
        try:
            sock.bind((self._host, self._port))
        except OSError:
            sock.close()
            raise
        self._port = int(sock.getsockname()[1])
        self._listener = sock
        return self._port

    def start(self) -> None:
        self._thread.start()
        self._await_power()

    def stop(self) -> None:
        self._stopping = True
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()
        for sock in (self._listener, self._wake_in, self._wake_out):
            if sock is not None:
                sock.close()

    def follow_power(self) -> None:
        """Return when the port listens if there is power, and refuses if there is none."""
        self._wake()
        if self._thread.is_alive():
            self._await_power()

    def _await_power(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._listening == self._engine.state.power, 5)

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
            assert self._listener is not None
            if not self._engine.state.power:
                if self._listening:
                    self._listener.close()
                    self.bind()
                self._set_listening(False)
                self._readable(None)
                continue
            if not self._listening:
                self._listener.listen(8)
                self._set_listening(True)
            if self._readable(self._listener):
                sock, _ = self._listener.accept()
                self._hear(sock)

    def _readable(self, sock: socket.socket | None) -> bool:
        """Wait for `sock` or for being woken; True when `sock` has something."""
        ready, _, _ = select.select([self._wake_in, *([sock] if sock else [])], [], [])
        if self._wake_in in ready:
            self._wake_in.recv(4096)
        return sock in ready

    def _hear(self, sock: socket.socket) -> None:
        """Take from one sender until it leaves, or the power does."""
        sender = _Sender(sock)
        self._engine.greet(sender)
        while not self._stopping:
            if not self._engine.state.power:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                break
            with self._changed:
                room = self._engine.room_bytes
                if not room:
                    # Full or stalled: reads nothing, so the sender is stopped in its turn.
                    self._changed.wait(_LOOK_AGAIN_S)
                    continue
            if not self._readable(sock):
                continue
            try:
                data = sock.recv(min(room, _KERNEL_BUFFER_BYTES))
            except OSError:
                break
            if not data:
                break
            if not self._engine.put(sender, data):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                break
        self._engine.hang_up(sender)
        sock.close()
