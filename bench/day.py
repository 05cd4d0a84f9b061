"""This file measures a whole day of an idle house: bytes to the ward, bytes to its card.

The three rooms, a Mosquitto with TLS and a console live through 24 hours in a time that passes
faster (fast_clock.c), from the first connection on. The kernel counts what the house sent: bytes
and segments of its connections.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench import fast_clock, fleet
from bench import ward as base
from bench.fast_clock import Fast

HOURS, RATE = 24.0, 30
SETTLE_S = 300.0  # simulated; what starting left to do is not idling
GOAL_MB = 3.0
HEADER_BYTES = 52  # of a segment: IPv4, TCP, time stamps
SEGMENT_MOST_BYTES = 1448
ROOMS = ("web", "devices", "sync")
LOOK_S = 0.25


def main(argv: list[str]) -> None:
    hours = float(argv[0]) if argv else HOURS
    rate = int(argv[1]) if len(argv) > 1 else RATE
    if base._which("mosquitto") is None or fast_clock.compiler() is None:
        print("skipped: no mosquitto or no C compiler on this machine")
        return
    # All that follows gets the processor before others, where we may say so: to wait 100 ms for it
    # looks to a house like a dead line of several seconds.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder, port = Path(name), fleet.base_port()
        fleet._trust(folder, 1, port)
        fast = fast_clock.begin(rate, folder)
        began_s = time.monotonic()
        with _broker(folder, port, fast), fleet._console(folder, port, fast.env) as (url, _):
            meter = Meter(port)
            with _house(folder, meter.port, fast) as rooms:
                base._until(lambda: fleet._online(url) == 1)
                meter.wait_s(fast, fast.passed_s() + SETTLE_S)
                wrote, size = _written(rooms), _bytes_in(folder / "house")
                start_s = fast.passed_s() - SETTLE_S
                meter.wait_s(fast, start_s + hours * 3600)
                more = {name: n - wrote[name] for name, n in _written(rooms).items()}
                grown = _bytes_in(folder / "house") - size
                alive = fleet._online(url)
        real_min = (time.monotonic() - began_s) / 60
        _say(meter, hours, f"{hours:g} hours of an idle house, lived through in {real_min:.0f} min")
        print(f"online at the end: {alive} of 1, connections: {len(meter.seen)} (1: never lost)")
        told = ", ".join(f"{name} {n}" for name, n in more.items())
        print(f"written to the card after the first {SETTLE_S / 60:.0f} min: {told} bytes (goal 0);"
              f" data folder {grown} bytes more")  # fmt: skip


def _say(meter: Meter, hours: float, what: str) -> None:
    day = 24 / hours
    sent, answered = meter.total(0, 1), meter.total(2, 3)
    tls_mb = sent[0] * day / 1e6
    # Every segment that comes is acknowledged by an empty one, if nothing else is to be said.
    wire_mb = (sent[0] + (sent[1] + answered[1]) * HEADER_BYTES) * day / 1e6
    print(f"{what}:")
    print(f"sent over TLS        {tls_mb:6.2f} MB a day  x {tls_mb / GOAL_MB:.2f} of the goal")
    print(f"with TCP and IP      {wire_mb:6.2f} MB a day  x {wire_mb / GOAL_MB:.2f}"
          f"  ({sent[1] * day:.0f} segments and {answered[1] * day:.0f} empty ones)")  # fmt: skip
    print(f"received over TLS    {answered[0] * day / 1e6:6.2f} MB a day")


class Meter:
    """A relay before the broker, and what the kernel counted on each connection of the house:
    (bytes from it, data segments from it, bytes to it, data segments to it)."""

    def __init__(self, port: int) -> None:
        from tests.fault_wire import Wire

        self._wire = Wire(port, raw=True)
        self.port = self._wire.port
        self.seen: dict[object, tuple[int, int, int, int]] = {}

    def wait_s(self, fast: Fast, until_s: float) -> None:
        """Count until it is `until_s` in the simulated time."""
        while fast.passed_s() < until_s:
            for line in list(self._wire._lines):
                with contextlib.suppress(OSError):
                    self.seen[line] = _counted(line.near)
            time.sleep(LOOK_S)

    def total(self, *columns: int) -> list[int]:
        return [sum(counts[n] for counts in self.seen.values()) for n in columns]


def _counted(near: socket.socket) -> tuple[int, int, int, int]:
    """struct tcp_info (linux/tcp.h), seen from the broker's side."""
    info = near.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    acked, received = struct.unpack_from("=QQ", info, 120)
    segments_in, segments_out = struct.unpack_from("=II", info, 152)
    # On loopback a segment may be longer than it would be on the way to a ward.
    in_least, out_least = (-(-n // SEGMENT_MOST_BYTES) for n in (received, acked))
    return received, max(segments_in, in_least), acked, max(segments_out, out_least)


@contextlib.contextmanager
def _broker(folder: Path, port: int, fast: Fast) -> Iterator[None]:
    conf = folder / "tls" / "mosquitto.conf"
    more = f"\npersistence_location {folder}/\nlog_dest none\nuser root\n"
    conf.write_text(conf.read_text() + more)
    with base._process([base._which("mosquitto") or "", "-c", str(conf)], env=fast.env):
        base._until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield


@contextlib.contextmanager
def _house(folder: Path, port: int, fast: Fast) -> Iterator[dict[str, psutil.Process]]:
    tls, home = folder / "tls", folder / "house"
    home.mkdir()
    given = {
        "house.id": "nha-0000",
        "data.dir": str(home / "data"),
        "data.ram_dir": f"/dev/shm/hien-bench-{folder.name}",
        "web.host": "127.0.0.1",
        "devices.camera": "virtual:",
        "devices.printer": "virtual:",
        "devices.panel": "virtual:",
        "sync.broker": f"mqtts://localhost:{port}",
        "sync.ca_file": str(tls / "ca.crt"),
        "sync.cert_file": str(tls / "nha-0000.pem"),
        "sync.key_file": str(tls / "nha-0000.pem"),
    }
    settings = home / "hien.toml"
    lines = [f'{name} = "{value}"' for name, value in given.items()]
    settings.write_text("\n".join([*lines, f"web.port = {fleet.base_port()}", ""]))
    argv = [sys.executable, "-m", "appliance"]
    try:
        with contextlib.ExitStack() as ends:
            yield {
                room: psutil.Process(
                    ends.enter_context(
                        base._process([*argv, room, "--config", str(settings)], env=fast.env)
                    ).pid
                )
                for room in ROOMS
            }
    finally:
        shutil.rmtree(given["data.ram_dir"], ignore_errors=True)


def _written(rooms: dict[str, psutil.Process]) -> dict[str, int]:
    return {name: room.io_counters().write_bytes for name, room in rooms.items()}


def _bytes_in(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


if __name__ == "__main__":
    main(sys.argv[1:])
