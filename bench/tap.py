"""This file measures a tap: POST /tickets until the 303, against a bare durable commit.

Both write to the same disk, turn and turn about, while 20 screens listen to live changes.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

TAPS = 200
STREAMS = 20
PAUSE_S = 0.02  # people do not tap in a row; without a pause the screens' own work is measured


def main(argv: list[str]) -> None:
    taps = int(argv[0]) if argv else TAPS
    with (
        tempfile.TemporaryDirectory(prefix="hien-bench-", dir=_disk()) as folder,
        _web_room(Path(folder)) as port,
    ):
        alone = _run(port, Path(folder), taps // 2)
        with _screens(port, STREAMS) as heard:
            busy = _run(port, Path(folder), taps // 2)
        print(f"events heard by {STREAMS} screens: {sum(heard)} of at least {taps // 2}")
    print(
        "milliseconds                        tap p50   p99   bare commit p50   p99   ratio p50  p99"
    )
    for label, (tap, bare) in (("nobody listens", alone), (f"{STREAMS} screens listen", busy)):
        t50, t99, b50, b99 = (_at(tap, 50), _at(tap, 99), _at(bare, 50), _at(bare, 99))
        print(
            f"{label:34} {t50:8.1f} {t99:5.1f} {b50:17.1f} {b99:5.1f}"
            f" {t50 / b50:11.1f} {t99 / b99:4.1f}"
        )


def _disk() -> str:
    """A folder on a real disk: /tmp may be RAM, where a commit costs nothing."""
    return "/var/tmp"


def _run(port: int, folder: Path, taps: int) -> tuple[list[float], list[float]]:
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE IF NOT EXISTS t (a TEXT, b TEXT)")
    house = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    tap_ms, bare_ms = [], []
    for _ in range(taps):
        body = urlencode({"service": "co-em-be", "key": secrets.token_urlsafe(12)})
        began = time.perf_counter()
        house.request(
            "POST", "/tickets", body,
            {"Content-Type": "application/x-www-form-urlencoded",
             "Origin": f"http://127.0.0.1:{port}"},
        )  # fmt: skip
        answer = house.getresponse()
        answer.read()
        tap_ms.append((time.perf_counter() - began) * 1000)
        if answer.status != 303:
            raise RuntimeError(f"a tap was answered {answer.status}")
        began = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO t VALUES (?, ?)", (secrets.token_hex(8), "x" * 200))
        bare.execute("COMMIT")
        bare_ms.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE_S)
    return tap_ms, bare_ms


@contextlib.contextmanager
def _web_room(folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = folder / "hien.toml"
    settings.write_text(
        f'[data]\ndir = "{folder}/data"\nram_dir = "{folder}/ram"\n'
        f'[web]\nhost = "127.0.0.1"\nport = {port}\ntickets_per_minute = 6000\n'
        '[log]\nlevel = "ERROR"\n'
    )
    room = subprocess.Popen([sys.executable, "-m", "appliance", "web", "--config", str(settings)])
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                check = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                check.request("GET", "/healthz")
                if json.loads(check.getresponse().read()):
                    break
            time.sleep(0.05)
        yield port
    finally:
        room.terminate()
        room.wait(10)


@contextlib.contextmanager
def _screens(port: int, number: int) -> Iterator[list[int]]:
    """`number` listeners to /live; yields how many events each has heard."""
    heard = [0] * number
    sockets: list[socket.socket] = []

    def listen(n: int) -> None:
        stream = socket.create_connection(("127.0.0.1", port))
        sockets.append(stream)
        stream.sendall(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            while data := stream.recv(65536):
                heard[n] += data.count(b"data:")

    threads = [threading.Thread(target=listen, args=(n,), daemon=True) for n in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        yield heard
    finally:
        for stream in sockets:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)


def _at(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main(sys.argv[1:])
