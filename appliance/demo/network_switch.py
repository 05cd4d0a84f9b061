"""This file is the cable between house and ward, with a hand on it: a TCP relay one can cut."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s


class NetworkSwitch:
    """Relays every connection to `target` until cut; then resets those there are and refuses more.

    `port` 0 takes a free one; `address` is what the house is told is its broker. `also` makes
    another way through the same cable.
    """

    def __init__(self, target: tuple[str, int], host: str = "127.0.0.1", port: int = 0) -> None:
        self._cut = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listeners: list[socket.socket] = []
        self.address = self.also(target, host, port)

    def also(
        self, target: tuple[str, int], host: str = "127.0.0.1", port: int = 0
    ) -> tuple[str, int]:
        """Where what is to reach `target` may be sent."""
        listener = socket.create_server((host, port))
        self._listeners.append(listener)
        threading.Thread(
            target=self._accept, args=(listener, target), name="network-switch", daemon=True
        ).start()
        there: tuple[str, int] = listener.getsockname()[:2]
        return there

    @property
    def is_cut(self) -> bool:
        return self._cut.is_set()

    def cut(self) -> None:
        """Pull the cable: nothing goes through any more."""
        with self._lock:
            self._cut.set()
            ends, self._open = self._open, set()
        for end in ends:
            _reset(end)

    def restore(self) -> None:
        """Put the cable back; whoever wants a connection makes a new one."""
        self._cut.clear()

    def close(self) -> None:
        self.cut()
        for listener in self._listeners:
            # shutdown() wakes the thread in accept(); close() alone would leave it there.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket, target: tuple[str, int]) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near, target), daemon=True).start()

    def _join(self, near: socket.socket, target: tuple[str, int]) -> None:
        try:
            far = socket.create_connection(target, timeout=5)
        except OSError:
            _reset(near)
            return
        far.settimeout(None)
        with self._lock:
            refused = self._cut.is_set()
            if not refused:
                self._open |= {near, far}
        if refused:
            _reset(near)
            _reset(far)
            return
        back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
        back.start()
        self._pump(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        # One side is done: tell the other, whose own pump then ends as well.
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _reset(end: socket.socket) -> None:
    """End a connection the hard way, as a pulled cable looks to the one who goes on sending."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
