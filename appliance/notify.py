"""This file tells systemd how a room is doing, when systemd asks (sd_notify protocol, by hand)."""

from __future__ import annotations

import contextlib
import os
import socket


def notify(*lines: str) -> bool:
    """Send lines such as "READY=1" to $NOTIFY_SOCKET. False when nobody listens.

    Source: sd_notify(3); one datagram, lines joined by newlines; a leading "@" is the abstract
    namespace.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock,
    ):
        sock.connect(address)
        sock.sendall("\n".join(lines).encode())
        return True
    return False


def ready(status: str) -> None:
    notify("READY=1", f"STATUS={status}")


def alive(status: str | None = None) -> None:
    """Pet the watchdog, and say in human words what the room is doing."""
    lines = ["WATCHDOG=1"] if watchdog_s() else []
    if status is not None:
        lines.append(f"STATUS={status}")
    if lines:
        notify(*lines)


def stopping(status: str = "đang dừng") -> None:
    notify("STOPPING=1", f"STATUS={status}")


def watchdog_s() -> float | None:
    """How often systemd wants to hear from us, in seconds; None when it does not care."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    pid = os.environ.get("WATCHDOG_PID", "")
    if not usec.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 1e6
