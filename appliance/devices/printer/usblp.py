"""This file is the USB printer on the kernel's usblp node (`usblp:/dev/usb/lp0`).

Read in the kernel's usblp.c: a write blocks for ever while the printer is out of paper unless the
node is non-blocking; one 8 kB piece in flight counts as written, and close() kills it, so the
queue is drained first; an unplugged printer is ENODEV; one opener only (EBUSY).
"""

from __future__ import annotations

import errno
import fcntl
import select
import struct

from appliance.devices.printer.node import NodeTransport, gone
from appliance.devices.printer.over_transport import LIMIT_OPTIONS, OverTransport
from appliance.devices.printer.transport import TransportError
from appliance.devices.printer.usb_node import NodeFinder
from appliance.devices.url import DeviceUrl

LPGETSTATUS = 0x060B
_PAPER_OUT, _SELECTED, _NO_ERROR = 0x20, 0x10, 0x08


class UsblpPrinter(OverTransport):
    """`usblp:/dev/usb/lp0`, or `usblp:?serial=NUMBER` to know it under any node. `find` is given
    by tests only."""

    def __init__(self, url: DeviceUrl, find: NodeFinder | None = None) -> None:
        url.only("serial", *LIMIT_OPTIONS)
        finder = find or NodeFinder(url)
        super().__init__(url, lambda: UsblpTransport(finder()))


class UsblpTransport(NodeTransport):
    """The open node."""

    def __init__(self, node: str) -> None:
        super().__init__(node, "lp")

    def drain(self, stall_s: float) -> None:
        """usblp says it is writable only when the piece in flight has been taken."""
        events = self._wait(select.POLLOUT, stall_s)
        if events & (select.POLLERR | select.POLLHUP):
            raise TransportError("the printer is gone", code="lost")
        if not events & select.POLLOUT:
            raise TransportError("the printer takes no more", code="stalled")

    def port_check(self) -> str:
        """GET_PORT_STATUS needs no ESC/POS back channel; clones may leave it out or lie "ok"."""
        try:
            packed = fcntl.ioctl(self._fd, LPGETSTATUS, struct.pack("i", 0))
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.ENXIO):
                raise gone(error, 0) from error
            return ""
        status = struct.unpack("i", packed)[0] & 0xFF
        if status & _PAPER_OUT:
            return "paper_out"
        if not status & _NO_ERROR:
            return "printer_error"
        return "ok" if status & _SELECTED else "offline"
