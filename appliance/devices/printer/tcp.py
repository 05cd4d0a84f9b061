"""This file is the network printer: raw bytes to port 9100 (`tcp://10.0.0.9:9100`).

A successful send() says nothing: the kernel takes megabytes on a printer's behalf. So the send
buffer is kept small, what the printer's side has not acknowledged is watched (SIOCOUTQ), and the
job ends with a question only a printer that got there can answer.
"""

from __future__ import annotations

import contextlib
import fcntl
import select
import socket
import struct
import termios
import time

from appliance.devices.printer.over_transport import LIMIT_OPTIONS, OverTransport
from appliance.devices.printer.transport import CHUNK_BYTES, TransportError
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

CONNECT_S = 3.0
SEND_BUFFER_BYTES = 4096


class TcpPrinter(OverTransport):
    """A printer at a host and port; connected for one job or one look at a time."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only(*LIMIT_OPTIONS)
        if not url.host:
            raise ConfigError(f"{url}: say where, for example tcp://10.0.0.9:9100")
        super().__init__(url, lambda: TcpTransport(url.host, url.port or 9100))


class TcpTransport:
    """One connection."""

    def __init__(self, host: str, port: int) -> None:
        try:
            self._socket = socket.create_connection((host, port), CONNECT_S)
        except OSError as error:
            raise TransportError(
                f"the printer at {host}:{port} does not answer; is it on, is the cable in?",
                code="off",
            ) from error
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._broken = False

    def write(self, data: bytes, stall_s: float) -> None:
        sent = 0
        view = memoryview(data)
        waiting = self._unacknowledged()
        moved_s = time.monotonic()
        while sent < len(data):
            try:
                sent += self._socket.send(view[sent : sent + CHUNK_BYTES])
                moved_s = time.monotonic()
                continue
            except BlockingIOError:
                pass
            except OSError as error:
                self._broken = True
                raise TransportError("the printer broke off", accepted=sent) from error
            select.select([], [self._socket], [], min(stall_s / 4, 0.5))
            if (now := self._unacknowledged()) != waiting:
                waiting, moved_s = now, time.monotonic()
            elif time.monotonic() - moved_s >= stall_s:
                self._broken = True
                raise TransportError("the printer takes no more", code="stalled", accepted=sent)

    def drain(self, stall_s: float) -> None:
        waiting = self._unacknowledged()
        moved_s = time.monotonic()
        while waiting:
            time.sleep(0.01)
            if (now := self._unacknowledged()) != waiting:
                waiting, moved_s = now, time.monotonic()
            elif time.monotonic() - moved_s >= stall_s:
                self._broken = True
                raise TransportError("the printer takes no more", code="stalled")
            if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise TransportError("the printer broke off")

    def read(self, timeout_s: float) -> bytes:
        ready, _, _ = select.select([self._socket], [], [], max(0.0, timeout_s))
        if not ready:
            return b""
        try:
            data = self._socket.recv(256)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise TransportError("the printer broke off") from error
        if not data:
            raise TransportError("the printer hung up")
        return data

    def port_check(self) -> str:
        return ""

    def close(self) -> None:
        """Say that no more comes, and take in what was still on its way back: closing over unread
        bytes would send a reset, and a reset may cost the printer the end of the job.

        After a stall it is the other way round: what is still under way must not come out an hour
        later, when somebody puts in paper; and a printer that hears one caller must be let go.
        """
        if self._broken:
            with contextlib.suppress(OSError):
                linger = struct.pack("ii", 1, 0)
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._socket.close()
            return
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            while select.select([self._socket], [], [], 0.1)[0] and self._socket.recv(4096):
                pass
        self._socket.close()

    def _unacknowledged(self) -> int:
        """Bytes written that the printer's side has not acknowledged yet (SIOCOUTQ)."""
        packed = fcntl.ioctl(self._socket, termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", packed)[0])
