"""This file is an open device node as a way to a printer: never blocking, timed by progress."""

from __future__ import annotations

import errno
import os
import select
import stat
import time

from appliance.devices.printer.transport import CHUNK_BYTES, TransportError

_OPEN_CODES = {errno.EBUSY: "busy", errno.EACCES: "denied", errno.EPERM: "denied"}
_OPEN_TEXTS = {
    "busy": "another program holds the printer; stop it (a print server?)",
    "denied": "the printer may not be opened; put the service user in group {group}",
    "off": "the printer is not there; is it on, is the cable in?",
}


class NodeTransport:
    """What is the same for every node; how it drains and what its port says is its own."""

    def __init__(self, node: str, group: str) -> None:
        self._poll = select.poll()
        try:
            self._fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            code = _OPEN_CODES.get(error.errno or 0, "off")
            text = _OPEN_TEXTS[code].format(group=group)
            raise TransportError(f"{node}: {text}", code=code) from error
        if not stat.S_ISCHR(os.fstat(self._fd).st_mode):
            os.close(self._fd)
            raise TransportError(f"{node} is no device", code="off")  # not to be written over
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
                raise gone(error, sent) from error
            left_s = stall_s - (time.monotonic() - moved_s)
            if left_s <= 0:
                raise TransportError("the printer takes no more", code="stalled", accepted=sent)
            if self._wait(select.POLLOUT, left_s) & (select.POLLERR | select.POLLHUP):
                raise TransportError("the printer is gone", code="lost", accepted=sent)

    def read(self, timeout_s: float) -> bytes:
        end_s = time.monotonic() + timeout_s
        while True:
            left_s = end_s - time.monotonic()
            if self._deaf:
                if left_s > 0:
                    time.sleep(left_s)
                return b""
            if left_s <= 0 or not (events := self._wait(select.POLLIN, left_s)):
                return b""
            try:
                data = os.read(self._fd, 256)
            except BlockingIOError:
                data = b""
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise gone(error, 0) from error
                self._deaf = True  # a printer that only listens
                continue
            if data:
                return data
            if events & select.POLLHUP:
                raise TransportError("the printer is gone", code="lost")
            time.sleep(min(0.01, max(0.0, end_s - time.monotonic())))

    def close(self) -> None:
        os.close(self._fd)

    def _wait(self, events: int, timeout_s: float) -> int:
        self._poll.register(self._fd, events)
        found = self._poll.poll(max(0.0, timeout_s) * 1000)
        return found[0][1] if found else 0


def gone(error: OSError, accepted: int) -> TransportError:
    return TransportError(f"the printer is gone ({error})", code="lost", accepted=accepted)
