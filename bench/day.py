"""This file measures what an idle house costs in a day: bytes to the ward, bytes to its card.

A real sync room, a real Mosquitto with TLS and a real console; the bytes are counted on a wire
between house and broker. Some minutes are measured and counted up to 24 hours: an idle house does
the same every minute, and what it says once an hour or at its start is small.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench import fleet
from bench import ward as base

MINUTES, SETTLE_S = 10.0, 20.0
GOAL_MB = 3.0
# An IPv4 packet with TCP and time stamps has 52 bytes besides its data.
HEADER_BYTES = 52


def main(argv: list[str]) -> None:
    minutes = float(argv[0]) if argv else MINUTES
    if base._which("mosquitto") is None:
        print("skipped: no mosquitto on this machine")
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.fault_wire import Wire

    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder, port = Path(name), fleet.base_port()
        fleet._trust(folder, 1, port)
        with fleet._broker(folder, port), fleet._console(folder, port) as (url, _):
            wire = _counting(port, raw=True)
            assert isinstance(wire, Wire)
            with _house(folder, wire.port) as room:
                base._until(lambda: fleet._online(url) == 1)
                time.sleep(SETTLE_S)
                before, wrote = wire.counts(), room.io_counters().write_bytes
                size = _bytes_in(folder / "house" / "data")
                time.sleep(minutes * 60)
                after = wire.counts()
                written = room.io_counters().write_bytes - wrote
                grown = _bytes_in(folder / "house" / "data") - size
        day = 24 * 60 / minutes
        up, down, pieces = (b - a for a, b in zip(before, after, strict=True))
        tls_mb = up * day / 1e6
        wire_mb = (up + pieces * HEADER_BYTES) * day / 1e6
        print(f"{minutes:g} minutes of an idle house, counted up to 24 hours:")
        print(f"sent over TLS      {tls_mb:6.2f} MB a day   x {tls_mb / GOAL_MB:.2f} of the goal")
        print(f"with TCP and IP    {wire_mb:6.2f} MB a day   x {wire_mb / GOAL_MB:.2f}")
        print(f"received over TLS  {down * day / 1e6:6.2f} MB a day")
        print(f"written to a disk by the room: {written} bytes; data folder: {grown} bytes more")


def _counting(port: int, *, raw: bool):  # type: ignore[no-untyped-def]
    from tests.fault_wire import Wire

    class Counting(Wire):
        """Counts what passes: bytes up, bytes down, pieces both ways."""

        up_bytes = down_bytes = pieces = 0

        def _pass(self, packets, data: bytes, back: bool) -> bytes:  # type: ignore[no-untyped-def]
            self.pieces += 1
            if back:
                self.down_bytes += len(data)
            else:
                self.up_bytes += len(data)
            return data

        def counts(self) -> tuple[int, int, int]:
            return self.up_bytes, self.down_bytes, self.pieces

    return Counting(port, raw=raw)


@contextlib.contextmanager
def _house(folder: Path, port: int):  # type: ignore[no-untyped-def]
    tls, home = folder / "tls", folder / "house"
    home.mkdir()
    given = {
        "house.id": "nha-0000",
        "data.dir": str(home / "data"),
        "data.ram_dir": f"/dev/shm/hien-bench-{folder.name}",
        "sync.broker": f"mqtts://localhost:{port}",
        "sync.ca_file": str(tls / "ca.crt"),
        "sync.cert_file": str(tls / "nha-0000.pem"),
        "sync.key_file": str(tls / "nha-0000.pem"),
    }
    (home / "hien.toml").write_text("".join(f'{k} = "{v}"\n' for k, v in given.items()))
    argv = [sys.executable, "-m", "appliance", "sync", "--config", str(home / "hien.toml")]
    with base._process(argv, subprocess.DEVNULL) as process:
        yield psutil.Process(process.pid)
    import shutil

    shutil.rmtree(given["data.ram_dir"], ignore_errors=True)


def _bytes_in(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


if __name__ == "__main__":
    print(datetime.now(UTC).isoformat(timespec="seconds"))
    main(sys.argv[1:])
