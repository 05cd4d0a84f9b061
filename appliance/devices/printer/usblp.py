"""This file is the USB printer on the kernel's usblp node (`usblp:/dev/usb/lp0`).

Read in the kernel's usblp.c: a write blocks for ever while the printer is out of paper unless the
node is non-blocking; one 8 kB piece in flight counts as written, and close() kills it, so the
queue is drained first; an unplugged printer is ENODEV; one opener only (EBUSY).
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import time

from appliance.devices.printer.over_transport import LIMIT_OPTIONS, OverTransport
from appliance.devices.printer.transport import CHUNK_BYTES, TransportError
from appliance.devices.printer.usb_node import find_node
from appliance.devices.url import DeviceUrl

LPGETSTATUS = 0x060B
_PAPER_OUT, _SELECTED, _NO_ERROR = 0x20, 0x10, 0x08
_OPEN_CODES = {errno.EBUSY: "busy", errno.EACCES: "denied", errno.EPERM: "denied"}
_OPEN_TEXTS = {
    "busy": "another program holds the printer; stop it (a print server?)",
    "denied": "the printer may not be opened; put the service user in group lp",
    "off": "the printer is not there; is it on, is the cable in?",
}


class UsblpPrinter(OverTransport):
    """`usblp:/dev/usb/lp0`, or `usblp:?serial=NUMBER` to find it again under another node."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("serial", *LIMIT_OPTIONS)
        super().__init__(url, lambda: UsblpTransport(find_node(url)))


class UsblpTransport:
    """The open node."""

    def __init__(self, node: str) -> None:
        self._poll = select.poll()
        try:
            self._fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            code = _OPEN_CODES.get(error.errno or 0, "off")
            raise TransportError(f"{node}: {_OPEN_TEXTS[code]}", code=code) from error
        self._deaf = False

    def write(self, data: bytes, stall_s: float) -> None:
        sent = 0
        moved_s = time.monotonic()
        while sent < len(data):
            try:
                sent += os.write(self._fd, data[sent : sent + CHUNK_BYTES])
                moved_s = time.monotonic()
                continue
            except BlockingIOError:
                pass
            except OSError as error:
                raise _gone(error, sent) from error
            left_s = stall_s - (time.monotonic() - moved_s)
            if left_s <= 0:
                raise TransportError("the printer takes no more", code="stalled", accepted=sent)
            if self._wait(select.POLLOUT, left_s) & (select.POLLERR | select.POLLHUP):
                raise TransportError("the printer is gone", code="lost", accepted=sent)

    def drain(self, stall_s: float) -> None:
        """usblp says it is writable only when the piece in flight has been taken."""
        events = self._wait(select.POLLOUT, stall_s)
        if events & (select.POLLERR | select.POLLHUP):
            raise TransportError("the printer is gone", code="lost")
        if not events & select.POLLOUT:
            raise TransportError("the printer takes no more", code="stalled")

    def read(self, timeout_s: float) -> bytes:
        end_s = time.monotonic() + timeout_s
        while True:
            left_s = end_s - time.monotonic()
            if self._deaf:
                if left_s > 0:
                    time.sleep(left_s)
                return b""
            if left_s <= 0 or not self._wait(select.POLLIN, left_s):
                return b""
            try:
                data = os.read(self._fd, 256)
            except BlockingIOError:
                data = b""
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise _gone(error, 0) from error
                self._deaf = True  # a printer that only listens
                continue
            if data:
                return data
            time.sleep(min(0.01, max(0.0, end_s - time.monotonic())))

    def port_check(self) -> str:
        """GET_PORT_STATUS needs no ESC/POS back channel; clones may leave it out or lie "ok"."""
        try:
            packed = fcntl.ioctl(self._fd, LPGETSTATUS, struct.pack("i", 0))
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.ENXIO):
                raise _gone(error, 0) from error
            return ""
        status = struct.unpack("i", packed)[0] & 0xFF
        if status & _PAPER_OUT:
            return "paper_out"
        if not status & _NO_ERROR:
            return "printer_error"
        return "ok" if status & _SELECTED else "offline"

    def close(self) -> None:
        os.close(self._fd)

    def _wait(self, events: int, timeout_s: float) -> int:
        self._poll.register(self._fd, events)
        found = self._poll.poll(max(0.0, timeout_s) * 1000)
        return found[0][1] if found else 0


def _gone(error: OSError, accepted: int) -> TransportError:
    return TransportError(f"the printer is gone ({error})", code="lost", accepted=accepted)
