"""This file is the printer on a serial line (`serial:/dev/ttyUSB0?baud=115200`).

`baud`   the line's speed, 115200 when it is not said; below that a slip takes longer than anybody
         waits, so it is refused unless `slow=1` says that this is known
`flow`   xonxoff (the default: the printer stops us by a byte), rtscts (by a wire), none

Spoken through termios: eight bits, no parity, one stop bit, which makes ten bits a byte.
"""

from __future__ import annotations

import contextlib
import fcntl
import select
import struct
import termios
import time

from appliance.devices.printer.node import NodeTransport, gone
from appliance.devices.printer.over_transport import LIMIT_OPTIONS, OverTransport
from appliance.devices.printer.transport import TransportError
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

FAST_BAUD = 115_200
BITS_A_BYTE = 10
# A number slip on 80 mm paper: 15 cm, eight rows a millimetre, 72 bytes a row.
SLIP_BYTES = 86_000
SPEEDS = {
    int(name[1:]): getattr(termios, name)
    for name in ("B9600", "B19200", "B38400", "B57600", "B115200", "B230400", "B460800", "B921600")
    if hasattr(termios, name)
}
FLOWS = ("xonxoff", "rtscts", "none")


class SerialPrinter(OverTransport):
    """A printer on a serial port or a USB-to-serial cable."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("baud", "flow", "slow", *LIMIT_OPTIONS)
        node = url.path
        if not node:
            raise ConfigError(f"{url}: say which port, for example serial:/dev/ttyUSB0")
        baud = baud_of(url)
        flow = url.option("flow", "xonxoff")
        if flow not in FLOWS:
            raise ConfigError(f"{url}: flow must be one of {', '.join(FLOWS)}, not {flow!r}")
        super().__init__(url, lambda: SerialTransport(node, baud, flow))


def baud_of(url: DeviceUrl) -> int:
    """The line's speed; ConfigError for one that no port has, or too slow and not meant."""
    raw = url.option("baud", str(FAST_BAUD))
    if not raw.isascii() or not raw.isdigit() or int(raw) not in SPEEDS:
        known = ", ".join(str(speed) for speed in SPEEDS)
        raise ConfigError(f"{url}: baud must be one of {known}, not {raw!r}")
    baud = int(raw)
    if baud < FAST_BAUD and url.option("slow") != "1":
        raise ConfigError(
            f"{url}: at {baud} baud one slip takes about {slip_s(baud):.0f} s; set the printer's "
            f"switches to {FAST_BAUD} ({slip_s(FAST_BAUD):.0f} s), or add slow=1 to wait that long"
        )
    return baud


def slip_s(baud: int) -> float:
    """Seconds a number slip takes on the line."""
    return SLIP_BYTES * BITS_A_BYTE / baud


class SerialTransport(NodeTransport):
    """The open port, raw; what was left in it by an earlier owner is thrown away."""

    def __init__(self, node: str, baud: int, flow: str) -> None:
        super().__init__(node, "dialout")
        try:
            self._set_up(SPEEDS[baud], flow)
        except (OSError, termios.error) as error:
            self.close()
            raise TransportError(f"{node} is no serial port ({error})", code="off") from error

    def drain(self, stall_s: float) -> None:
        """Wait until the port has sent all it holds, as long as it becomes less."""
        waiting = self._waiting()
        moved_s = time.monotonic()
        while waiting:
            if self._wait(0, 0.01) & (select.POLLERR | select.POLLHUP):
                raise TransportError("the printer is gone", code="lost")
            if (now := self._waiting()) != waiting:
                waiting, moved_s = now, time.monotonic()
            elif time.monotonic() - moved_s >= stall_s:
                raise TransportError("the printer takes no more", code="stalled")

    def port_check(self) -> str:
        return ""  # a serial line knows nothing of paper

    def close(self) -> None:
        """What the printer did not take must not come out later, nor hold up the closing."""
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self._fd, termios.TCIOFLUSH)
        super().close()

    def _waiting(self) -> int:
        """Bytes the kernel has not sent yet."""
        try:
            packed = fcntl.ioctl(self._fd, termios.TIOCOUTQ, struct.pack("i", 0))
        except OSError as error:
            raise gone(error, 0) from error
        return int(struct.unpack("i", packed)[0])

    def _set_up(self, speed: int, flow: str) -> None:
        now = termios.tcgetattr(self._fd)
        control = termios.CS8 | termios.CREAD | termios.CLOCAL
        control |= termios.CRTSCTS if flow == "rtscts" else 0
        given = termios.IXON if flow == "xonxoff" else 0
        chars = now[6]
        termios.tcsetattr(self._fd, termios.TCSANOW, [given, 0, control, 0, speed, speed, chars])
        termios.tcflow(self._fd, termios.TCOON)
        termios.tcflush(self._fd, termios.TCIOFLUSH)
