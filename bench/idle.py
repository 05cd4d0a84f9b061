"""This file measures the demo standing idle: start to ready, memory of each room, bytes written."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

IDLE_S = 60
# Room for the browser of a wall screen beside us on a Pi with 2 GB.
MEMORY_LIMIT_MB = 200


def main(argv: list[str]) -> None:
    idle_s = int(argv[0]) if argv else IDLE_S
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as folder:
        for label in ("first start", "second start"):
            with _demo(Path(folder)) as ready_s:
                print(f"{label}: ready after {ready_s:.1f} s")
                if label == "second start":
                    _idle(Path(folder), idle_s)


def _idle(folder: Path, idle_s: int) -> None:
    time.sleep(10)  # what starting left to do is not idling
    rooms = {name: _pid(folder, name) for name in ("web", "devices", "sync")}
    data = folder / "house"
    before, wrote = _files(data), {name: _written(pid) for name, pid in rooms.items()}
    time.sleep(idle_s)
    after = _files(data)
    grown = sum(max(0, after.get(p, (0, 0))[0] - before.get(p, (0, 0))[0]) for p in after)
    touched = sorted(str(p.relative_to(data)) for p in after if after[p] != before.get(p))
    total = 0.0
    print(f"{'room':10}{'RSS MB':>10}{'PSS MB':>10}{'to disk in ' + str(idle_s) + ' s':>20}")
    for name, pid in rooms.items():
        rss, pss = _memory_mb(pid)
        total += rss
        print(f"{name:10}{rss:10.1f}{pss:10.1f}{_written(pid) - wrote[name]:20d}")
    share = total / MEMORY_LIMIT_MB
    print(f"together {total:.1f} MB, {share:.2f} of the limit of {MEMORY_LIMIT_MB} MB")
    print(f"data folder: {grown} bytes more (goal 0), files touched: {touched or 'none'}")


@contextlib.contextmanager
def _demo(folder: Path) -> Iterator[float]:
    began = time.perf_counter()
    demo = subprocess.Popen(
        [sys.executable, "-m", "appliance", "demo", "--dir", str(folder), "--port", "0",
         "--ward-port", "0", "--broker-port", "0", "--printer-port", "0", "--room-port", "0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("ready:"):
                yield time.perf_counter() - began
                break
        else:
            raise RuntimeError("the demo did not become ready")
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(15)


def _pid(folder: Path, room: str) -> int:
    """The process whose command line names the room and this demo's settings file."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if room in words and any(word.startswith(str(folder)) for word in words):
                return int(path.parent.name)
    raise RuntimeError(f"room {room} is not running")


def _memory_mb(pid: int) -> tuple[float, float]:
    numbers = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        numbers[name] = int(value) / 1024
    return numbers["Rss:"], numbers["Pss:"]


def _written(pid: int) -> int:
    """Bytes this process caused to be written to a disk (RAM file systems do not count)."""
    for line in Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    raise RuntimeError("no write_bytes in /proc/PID/io")


def _files(folder: Path) -> dict[Path, tuple[int, int]]:
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                stat = path.stat()
                found[path] = (stat.st_size, stat.st_mtime_ns)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
