"""This file measures how a house comes back after three weeks: 100,000 reports, one link.

The same rows, turn and turn about: through the house's courier to a ward (stored and receipted),
and merely published to mosquitto_sub as fast as its acknowledgements come.
"""

from __future__ import annotations

import contextlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from appliance import bootstrap, config
from bench import ward as base

ROWS, ROUNDS, LIMIT_S = 100_000, 1, 600.0


def main(argv: list[str]) -> None:
    rows = int(argv[0]) if argv else ROWS
    if any(base._which(name) is None for name in ("mosquitto", "mosquitto_sub")):
        print("skipped: no mosquitto on this machine")
        return
    drained, twice, received = [], [], []
    for _ in range(ROUNDS):
        seconds, duplicates = _drain(rows)
        drained.append(rows / seconds)
        twice.append(duplicates)
        received.append(rows / base._time(rows, base._mosquitto_sub))
    speed, most = statistics.median(drained), statistics.median(received)
    print(f"backlog of {rows} rows: drained at {speed:9.0f} rows/s ({rows / speed:.1f} s)")
    print(f"mosquitto_sub, the same load       {most:9.0f} rows/s  x {speed / most:.3f}")
    print(f"sent twice                         {max(twice):9d} rows    {max(twice) / rows:.2%}")


def _drain(rows: int) -> tuple[float, int]:
    """(seconds until the last receipt, rows the ward got twice)."""
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        with base._broker(folder) as port:
            url = f"mqtt://127.0.0.1:{port}"
            given = {
                "house.id": "nha-0001",
                "data.dir": str(folder / "data"),
                "data.ram_dir": str(folder / "ram"),
                "sync.broker": url,
            }
            parts = bootstrap.build(config.load(None, given), "sync")
            store = parts.store()
            with store.write():
                store.connection.executemany(
                    "INSERT INTO outbox (epoch, stream, seq, mono_ms, at, sync, body) VALUES"
                    " ('old', 'queue', ?, ?, '2026-11-01T00:00:00.000Z', 'ntp',"
                    ' \'{"type":"called","day":"2026-11-01","number":12}\')',
                    [(n, n) for n in range(1, rows + 1)],
                )
            settings = folder / "hien.toml"
            settings.write_text("".join(f'{k} = "{v}"\n' for k, v in given.items()))
            left = "SELECT 1 FROM outbox WHERE receipted_at IS NULL AND epoch = 'old' LIMIT 1"
            serve = ("ward", "serve", "--broker", url, "--dir", str(folder / "ward"), "--port")
            web = _free_port()
            with _ours(*serve, str(web)), _ours("sync", "--config", str(settings)):
                start_s = time.perf_counter()
                while store.value(left) and time.perf_counter() - start_s < LIMIT_S:
                    time.sleep(0.1)
                took_s = time.perf_counter() - start_s
                duplicates = _duplicates(f"http://127.0.0.1:{web}/metrics")
            store.close()
            return took_s, duplicates


@contextlib.contextmanager
def _ours(*argv: str) -> Iterator[None]:
    """One of our programs, each a process of its own as in life."""
    process = subprocess.Popen(
        [sys.executable, "-m", "appliance", *argv],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _duplicates(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(r"^hien_ward_duplicates_total (\d+)", text, re.M)
    return int(found.group(1)) if found else 0


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
